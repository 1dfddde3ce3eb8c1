//! The configuration directory of a call.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown, symlink,
};
use std::path::{Path, PathBuf};
use std::process;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::master::pki_dir;
use crate::error::io_error;
use crate::plain_file;
use crate::units::MIB;
use crate::{Error, Kind, Result};

/// What the names of these directories begin with, before the id of the process that made them.
const PREFIX: &str = "va-driver.salt-cloud.";
/// What the master has of these stays out.
const OWN: [&str; 5] = [
    "cloud.conf.d",
    "cloud.profiles",
    "cloud.profiles.d",
    "cloud.providers",
    "cloud.providers.d",
];
/// The longest answer that is read.
const LONGEST: u64 = 64 * MIB;

/// A configuration directory; it is removed when this is dropped, and by the next call where this
/// program was killed.
#[derive(Debug)]
pub(super) struct Workspace {
    dir: TempDir,
    /// Whose it is, where root makes it for the user that Salt runs as.
    owner: Option<(u32, u32)>,
}

impl Workspace {
    /// Makes one beside the master's `config_dir`, with these texts for the provider and the profile.
    pub(super) fn make(config_dir: &Path, provider: &str, profile: Option<&str>) -> Result<Self> {
        clear_up();
        let failed =
            |error: io::Error| io_error("prepare salt-cloud in", Path::new(PREFIX), &error);
        let dir = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}.", process::id()))
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(failed)?;
        let keys = fs::metadata(pki_dir(config_dir)).ok();
        let owner = keys
            .filter(|keys| rustix::process::geteuid().is_root() && keys.uid() != 0)
            .map(|keys| (keys.uid(), keys.gid()));
        let made = Self { dir, owner };
        made.fill(config_dir, provider, profile).map_err(failed)?;
        Ok(made)
    }

    fn fill(&self, config_dir: &Path, provider: &str, profile: Option<&str>) -> io::Result<()> {
        let top = self.path();
        self.give(top)?;
        for folder in [
            "cloud.conf.d",
            "cloud.providers.d",
            "cloud.profiles.d",
            "keys",
        ] {
            DirBuilder::new().mode(0o700).create(top.join(folder))?;
            self.give(&top.join(folder))?;
        }
        for entry in fs::read_dir(config_dir)?.flatten() {
            if !OWN.iter().any(|own| entry.file_name() == *own) {
                symlink(entry.path(), top.join(entry.file_name()))?;
            }
        }
        let settings = fs::read_dir(config_dir.join("cloud.conf.d"));
        for entry in settings.into_iter().flatten().flatten() {
            symlink(
                entry.path(),
                top.join("cloud.conf.d").join(entry.file_name()),
            )?;
        }
        // the last of them counts: no key of the master's is Salt's to write or to remove
        let keys = json!({"pki_dir": top.join("keys")}).to_string();
        self.write("cloud.conf.d/zzz-va-driver.conf", &keys)?;
        self.write("cloud.providers.d/x.conf", provider)?;
        profile.map_or(Ok(()), |text| self.write("cloud.profiles.d/x.conf", text))
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        match self.owner {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.path().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(&path)?.write_all(text.as_bytes())?;
        self.give(&path)
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the answer is to be written.
    pub(super) fn out_file(&self) -> PathBuf {
        self.path().join("out.json")
    }

    /// The answer; none where there is none.
    pub(super) fn answer(&self) -> Result<Option<Value>> {
        let failed = |error: io::Error| io_error("read", &self.out_file(), &error);
        let bytes = match plain_file::read(&self.out_file(), LONGEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let message = format!("salt-cloud answers more than {LONGEST} bytes");
                return Err(Error::new(Kind::Internal, message));
            }
            read => read.map_err(failed)?,
        };
        if bytes.trim_ascii().is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            Error::new(Kind::Internal, "salt-cloud answers no JSON").with_source(error)
        })
    }
}

/// Removes the directories of processes that are gone.
fn clear_up() {
    for entry in fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let id = rest.and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        if id.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists()) {
            // another user's is not ours to remove
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
