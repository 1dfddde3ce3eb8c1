//! Files that hold secrets, where their caller wants them.

use std::fs;
use std::path::Path;

use crate::confined_dir::ConfinedDir;
use crate::{Error, Kind, Result};

/// Writes `content` to `path` whole or not at all, for nobody else to read.
pub(crate) fn write(path: &Path, content: &[u8], replace: bool) -> Result<()> {
    let is_there = || {
        Error::new(
            Kind::AlreadyExists,
            format!(
                "{} is there already: name another file, or set `replace`",
                path.display()
            ),
        )
    };
    if !replace && fs::symlink_metadata(path).is_ok() {
        return Err(is_there()); // said before anything is written; the rename sees to the rest
    }
    if path.is_dir() {
        return Err(Error::new(
            Kind::InvalidField,
            format!("{} is a directory: name a file in it", path.display()),
        ));
    }
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        let message = format!("{} names no file", path.display());
        Error::new(Kind::InvalidField, message)
    })?;
    let dir = ConfinedDir::open(dir)?.for_caller();
    if replace {
        return dir.replace(name, content, 0o600);
    }
    dir.create_new(name, content, 0o600)
        .map_err(|error| match error.kind() {
            Kind::AlreadyExists => is_there(),
            _ => error,
        })
}
