//! Clouds as `OpenStack`'s own programs know them.
//!
//! | file | concern |
//! |---|---|
//! | here | which files there are, and a cloud of them |
//! | `vendor` | what a vendor says of a cloud of its own |
//! | `region` | what one of several regions says |
//! | `reader` | a file, its texts as they were written |
//! | `variables` | the variables `OS_…`, alone and beside a cloud |

#[cfg(fuzzing)]
#[path = "../../../../../fuzz/inside/openstack.rs"]
pub(crate) mod fuzzing;
mod reader;
mod region;
mod variables;
mod vendor;

use std::env;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::members::{CACERT, CERT, CLOUD, KEY, MEMBERS, VERIFY};
use crate::error::io_error;
use crate::plain_file;
use crate::{Error, Kind, Result};

pub(crate) use variables::{add_variables, variables};

/// Members that name files of this machine.
const FILES: [&str; 4] = [CACERT.name, CERT.name, KEY.name, VERIFY.name];

/// The cloud `name` of the first `clouds.yaml` that there is, with what `secure.yaml` adds: a record, its
/// members as they are called there. Of several regions it is in `region`, else in the first.
pub(crate) fn named(name: &str, region: Option<&str>) -> Result<Map<String, Value>> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from);
    let paths = places("clouds", variable("OS_CLIENT_CONFIG_FILE"));
    let Some(path) = paths.iter().find(|path| path.is_file()) else {
        let looked: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Error::new(
            Kind::NotFound,
            format!(
                "there is no clouds.yaml that could describe the cloud {name:?}; it would be one of: {}",
                looked.join(", ")
            ),
        ));
    };
    let clouds = clouds_in(path, "clouds", name)?;
    let Some(mut cloud) = cloud_of(path, &clouds, name)? else {
        let mut message = format!("{} has no cloud {name:?}", path.display());
        if !clouds.is_empty() {
            let names: Vec<_> = clouds.keys().map(String::as_str).collect();
            message = format!("{message}; there are: {}", names.join(", "));
        }
        return Err(Error::new(Kind::NotFound, message));
    };
    // passwords may stand in a file of their own
    let secure = places("secure", variable("OS_CLIENT_SECURE_FILE"));
    if let Some(secure) = secure.iter().find(|path| path.is_file()) {
        let secrets = clouds_in(secure, "clouds", name)?;
        merge(
            &mut cloud,
            cloud_of(secure, &secrets, name)?.unwrap_or_default(),
        );
    }
    // `cloud` is what `profile` was called once
    for member in ["profile", CLOUD.name] {
        if let Some(Value::String(vendor)) = cloud.shift_remove(member) {
            vendor::complete(&mut cloud, &vendor).map_err(|error| {
                let message = format!(
                    "{}: the cloud {name:?} is one of a vendor ({member}): {}",
                    path.display(),
                    error.message()
                );
                error.with_message(message)
            })?;
        }
    }
    region::choose(&mut cloud, region);
    expand(&mut cloud);
    Ok(cloud)
}

/// Where other programs look for `<stem>.yaml`, in their order.
fn places(stem: &str, named: Option<PathBuf>) -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let config = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
        .or_else(|| home.map(|home| home.join(".config")));
    let dirs = [
        Some(PathBuf::new()),
        config.map(|dir| dir.join("openstack")),
        Some("/etc/openstack".into()),
    ];
    let files = dirs
        .into_iter()
        .flatten()
        .flat_map(|dir| ["yaml", "yml", "json"].map(|ending| dir.join(format!("{stem}.{ending}"))));
    named.into_iter().chain(files).collect()
}

/// The clouds in `list` of the file `path`, of which only `name` is read.
fn clouds_in(path: &Path, list: &str, name: &str) -> Result<Map<String, Value>> {
    let text = plain_file::text(path, plain_file::LONGEST)
        .map_err(|error| io_error("read", path, &error))?;
    clouds_of(&text, path, list, name)
}

fn clouds_of(text: &str, path: &Path, list: &str, name: &str) -> Result<Map<String, Value>> {
    let mut file = reader::read(text, list, name)
        .map_err(|why| Error::new(Kind::InvalidField, format!("{} {why}", path.display())))?;
    match file.shift_remove(list) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(clouds)) => Ok(clouds),
        Some(_) => Err(no_mapping(path, list)),
    }
}

fn cloud_of(
    path: &Path,
    clouds: &Map<String, Value>,
    name: &str,
) -> Result<Option<Map<String, Value>>> {
    match clouds.get(name) {
        None => Ok(None),
        Some(Value::Object(cloud)) => Ok(Some(cloud.clone())),
        Some(_) => Err(no_mapping(path, name)),
    }
}

fn no_mapping(path: &Path, name: &str) -> Error {
    let message = format!("{}: {name} is not a mapping", path.display());
    Error::new(Kind::InvalidField, message)
}

/// `more` over `cloud`, mapping by mapping.
fn merge(cloud: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (cloud.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(more)) => merge(below, more),
            (_, value) => {
                cloud.insert(name, value);
            }
        }
    }
}

/// Puts the home directory into the names of files that begin with `~/`.
fn expand(cloud: &mut Map<String, Value>) {
    let Ok(home) = env::var("HOME") else { return };
    for (name, value) in cloud {
        let is_file = || {
            MEMBERS
                .taken(name)
                .is_some_and(|member| FILES.contains(&member.name))
        };
        match value {
            Value::Object(below) => expand(below),
            Value::String(path) if is_file() => {
                if let Some(rest) = path.strip_prefix("~/") {
                    *path = format!("{home}/{rest}");
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_merged_below_auth() {
        let mut cloud = json!({"auth": {"username": "demo"}, "region_name": "a"});
        let secret = json!({"auth": {"password": "pw"}});
        merge(
            cloud.as_object_mut().unwrap(),
            secret.as_object().unwrap().clone(),
        );
        assert_eq!(
            cloud,
            json!({"auth": {"username": "demo", "password": "pw"}, "region_name": "a"})
        );
    }
}
