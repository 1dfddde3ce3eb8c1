//! Clouds as `OpenStack`'s own programs know them.
//!
//! | file | concern |
//! |---|---|
//! | here | a cloud of the files that there are |
//! | `files` | where they are, and what one says |
//! | `vendor` | what a vendor says of a cloud of its own |
//! | `region` | what one of several regions says |
//! | `networks` | which networks servers and floating IPs are on |
//! | `reader` | a file, its texts as they were written |
//! | `variables` | the variables `OS_…`, alone and beside a cloud |

mod files;
#[cfg(fuzzing)]
#[path = "../../../../../fuzz/inside/openstack.rs"]
pub(crate) mod fuzzing;
mod networks;
mod reader;
mod region;
mod variables;
mod vendor;

use std::env;
use std::path::PathBuf;

use serde_json::{Map, Value};

use files::{cloud_of, clouds_in, merge, places};

use super::members::{CACERT, CERT, CLOUD, KEY, MEMBERS, VERIFY};
use crate::{Error, Kind, Result};

pub(crate) use variables::{add_variables, variables};

/// Members that name files of this machine.
const FILES: [&str; 4] = [CACERT.name, CERT.name, KEY.name, VERIFY.name];

/// The names of the clouds of the first `clouds.yaml` that there is, and that file.
pub(crate) fn listed() -> Result<Option<(Vec<String>, PathBuf)>> {
    let paths = places(
        "clouds",
        env::var_os("OS_CLIENT_CONFIG_FILE").map(PathBuf::from),
    );
    let Some(path) = paths.into_iter().find(|path| path.is_file()) else {
        return Ok(None);
    };
    let names = clouds_in(&path, "clouds", "")?.into_iter();
    Ok(Some((names.map(|(name, _)| name).collect(), path)))
}

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
    networks::choose(&mut cloud).map_err(|why| {
        let message = format!("{}: the cloud {name:?}: {why}", path.display());
        Error::new(Kind::InvalidField, message)
    })?;
    expand(&mut cloud);
    Ok(cloud)
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
