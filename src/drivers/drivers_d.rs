//! The directories `drivers.d`: a file there is a driver, `NAME.yaml` a manifest, an executable `NAME` a
//! program. They are read anew at each request, and a call for one driver looks at one file.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use super::{external, manifest};
use crate::confined_dir::ConfinedDir;
use crate::driver::{BrokenDriver, Driver, DriverSource};
use crate::units::MIB;

/// Where drivers are unless [`VARIABLE`] says otherwise; the first counts over the second.
const DIRECTORIES: &str = "/etc/va-driver/drivers.d:/usr/share/va-driver/drivers.d";
/// A list with `:` of other directories, the first of which counts over the next.
pub(crate) const VARIABLE: &str = "VA_DRIVER_DRIVERS";
/// How a manifest's file ends.
const MANIFEST: &str = "yaml";
/// A manifest is a page of text; what is longer is some other file.
pub(crate) const LONGEST: u64 = MIB;

/// The directories, and the ids that are the program's own.
#[derive(Debug)]
pub(crate) struct DriversD {
    directories: Vec<PathBuf>,
    own: Vec<String>,
}

type Found = Result<Option<Arc<dyn Driver>>, BrokenDriver>;

impl DriversD {
    /// The directories that the environment names, else the system's and the executable's own.
    pub(crate) fn of_environment(own: Vec<String>) -> Self {
        let named = env::var_os(VARIABLE).filter(|named| !named.is_empty());
        let beside = if named.is_none() { own_place() } else { None };
        let named = named.unwrap_or_else(|| DIRECTORIES.into());
        let directories = env::split_paths(&named).filter(|dir| !dir.as_os_str().is_empty());
        Self {
            directories: directories.chain(beside).collect(),
            own,
        }
    }

    /// The driver `id` of `directory`, which is trusted.
    fn open(&self, directory: &Path, id: &str) -> Found {
        let program = directory.join(id);
        let file = directory.join(format!("{id}.{MANIFEST}"));
        let (manifest, program) = (look(&file)?, look(&program)?.map(|mode| (program, mode)));
        let path = match (&manifest, &program) {
            (None, None) => return Ok(None),
            (Some(_), Some((program, _))) => {
                let message = format!(
                    "{} is there as well: remove the one that is not meant",
                    program.display()
                );
                return Err(BrokenDriver::new(file, message));
            }
            (Some(_), None) => &file,
            (None, Some((program, _))) => program,
        };
        check_id(id, self.own.iter().map(String::as_str))
            .map_err(|message| BrokenDriver::new(path, message))?;
        match program {
            None => {
                let broken = |error: &crate::Error| BrokenDriver::new(&file, error.message());
                let read = ConfinedDir::open(directory)
                    .and_then(|dir| dir.read(&format!("{id}.{MANIFEST}"), LONGEST));
                let text = read.map_err(|error| broken(&error))?.unwrap_or_default();
                manifest::read(&file, id, &text).map(Some)
            }
            Some((program, mode)) if mode & 0o111 == 0 => {
                let message = format!(
                    "it is not executable: chmod +x {0}, or call it {0}.{MANIFEST} if it is a manifest",
                    program.display()
                );
                Err(BrokenDriver::new(program, message))
            }
            Some((program, _)) => Ok(Some(external::open(&program, id))),
        }
    }

    /// The directories that are there, each with its names; the ones that are not trusted are broken.
    fn names(&self) -> Vec<(&Path, Result<BTreeSet<String>, BrokenDriver>)> {
        let each = self.directories.iter().map(PathBuf::as_path);
        let names = each.filter_map(|directory| match trusted(directory) {
            Ok(false) => None,
            Ok(true) => Some((directory, names_in(directory))),
            Err(broken) => Some((directory, Err(broken))),
        });
        names.collect()
    }
}

impl DriverSource for DriversD {
    fn find(&self, id: &str) -> Found {
        if !is_id(id) {
            return Ok(None);
        }
        for directory in &self.directories {
            if trusted(directory)?
                && let Some(found) = self.open(directory, id)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn ids(&self) -> Vec<String> {
        let names = self.names().into_iter();
        let all: BTreeSet<_> = names
            .filter_map(|(_, names)| names.ok())
            .flatten()
            .collect();
        all.into_iter().collect()
    }

    fn list(&self) -> (Vec<Arc<dyn Driver>>, Vec<BrokenDriver>) {
        let (mut drivers, mut broken) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for (directory, names) in self.names() {
            match names {
                Ok(names) => {
                    for name in names {
                        if !seen.insert(name.clone()) {
                            continue;
                        }
                        match self.open(directory, &name) {
                            Ok(found) => drivers.extend(found),
                            Err(why) => broken.push(why),
                        }
                    }
                }
                Err(why) => broken.push(why),
            }
        }
        drivers.sort_by(|one, other| one.driver_id().cmp(other.driver_id()));
        (drivers, broken)
    }
}

/// Checks that a driver may be called `id`, beside those that are the program's `own`.
pub(crate) fn check_id<'a>(id: &str, mut own: impl Iterator<Item = &'a str>) -> Result<(), String> {
    if own.any(|own| own == id) {
        return Err(format!(
            "{id} is a driver of the program itself: give this one another name"
        ));
    }
    if id.starts_with("va_") {
        return Err("no driver's name begins with va_, which Salt's modules do".to_owned());
    }
    if !is_id(id) {
        return Err(
            "a driver's name is lower case letters, digits, `-` and `_`, begins with a letter, and has at \
             most 64 of them"
                .to_owned(),
        );
    }
    Ok(())
}

/// Where manifests are that came with the executable: pip puts `bin` and `drivers.d` side by side.
fn own_place() -> Option<PathBuf> {
    let executable = env::current_exe().ok()?;
    Some(executable.parent()?.with_file_name("drivers.d"))
}

/// The names of drivers in `directory`. Other files, such as an editor's `x.yaml~` and a package's
/// `x.yaml.dpkg-new`, are none.
fn names_in(directory: &Path) -> Result<BTreeSet<String>, BrokenDriver> {
    let failed = |error: std::io::Error| BrokenDriver::new(directory, error.to_string());
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let Some(name) = name.to_str() else { continue };
        let stem = name.strip_suffix(".yaml").unwrap_or(name);
        if !stem.is_empty() && !stem.contains(['.', '~']) {
            names.insert(stem.to_owned());
        }
    }
    Ok(names)
}

fn is_id(id: &str) -> bool {
    let tail = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 64 && id.chars().all(tail)
}

/// Whether `directory` is there; it is broken where others could put a driver there.
fn trusted(directory: &Path) -> Result<bool, BrokenDriver> {
    match fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => check_trust(directory, &metadata).map(|()| true),
        Ok(_) => Err(BrokenDriver::new(directory, "it is not a directory")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(BrokenDriver::new(directory, error.to_string())),
    }
}

/// The mode of `file`; `None` where it is not there.
fn look(file: &Path) -> Result<Option<u32>, BrokenDriver> {
    let metadata = match fs::symlink_metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BrokenDriver::new(file, error.to_string())),
    };
    if !metadata.is_file() {
        let message =
            "it is a link or no plain file, which could lead anywhere: put the file itself there";
        return Err(BrokenDriver::new(file, message));
    }
    check_trust(file, &metadata)?;
    Ok(Some(metadata.permissions().mode()))
}

/// What others may write would run as whoever asks for it.
fn check_trust(path: &Path, metadata: &fs::Metadata) -> Result<(), BrokenDriver> {
    let user = rustix::process::geteuid().as_raw();
    if ![0, user].contains(&metadata.uid()) {
        let message = format!(
            "it belongs to neither root nor the user who runs this: chown root {}",
            path.display()
        );
        return Err(BrokenDriver::new(path, message));
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        let message = format!(
            "others than its owner may write to it: chmod go-w {}",
            path.display()
        );
        return Err(BrokenDriver::new(path, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
