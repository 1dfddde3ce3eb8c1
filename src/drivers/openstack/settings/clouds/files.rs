//! The files of clouds: where they are, and what one says of a cloud.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::reader;
use crate::error::io_error;
use crate::plain_file;
use crate::{Error, Kind, Result};

/// Where other programs look for `<stem>.yaml`, in their order.
pub(super) fn places(stem: &str, named: Option<PathBuf>) -> Vec<PathBuf> {
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
pub(super) fn clouds_in(path: &Path, list: &str, name: &str) -> Result<Map<String, Value>> {
    let text = plain_file::text(path, plain_file::LONGEST)
        .map_err(|error| io_error("read", path, &error))?;
    clouds_of(&text, path, list, name)
}

pub(super) fn clouds_of(
    text: &str,
    path: &Path,
    list: &str,
    name: &str,
) -> Result<Map<String, Value>> {
    let mut file = reader::read(text, list, name)
        .map_err(|why| Error::new(Kind::InvalidField, format!("{} {why}", path.display())))?;
    match file.shift_remove(list) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(clouds)) => Ok(clouds),
        Some(_) => Err(no_mapping(path, list)),
    }
}

pub(super) fn cloud_of(
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
pub(super) fn merge(cloud: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (cloud.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(more)) => merge(below, more),
            (_, value) => {
                cloud.insert(name, value);
            }
        }
    }
}
