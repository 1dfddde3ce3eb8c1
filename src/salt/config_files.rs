//! Provider and profile files in Salt's cloud configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::confined_dir::ConfinedDir;
use crate::template::parse_yaml;
use crate::units::MIB;
use crate::{Error, Kind, LeftBehind, Result};

/// The first line of every file that this program writes, by which it knows them again.
pub(super) const HEADER: &str =
    "# Written by va-driver, which replaces this file when it is asked to.\n";
pub(super) const LONGEST: u64 = 4 * MIB;
const MODE: u32 = 0o600;

/// Which of Salt's configuration folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConfigKind {
    /// `cloud.providers.d`
    Providers,
    /// `cloud.profiles.d`
    Profiles,
}

impl ConfigKind {
    /// The folder's name in Salt's configuration directory.
    #[must_use]
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Providers => "cloud.providers.d",
            Self::Profiles => "cloud.profiles.d",
        }
    }

    /// Checks the name of a provider or profile, which is a file's name too. Salt takes `:` for
    /// `alias:driver`.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about `/name`.
    pub(crate) fn check_name(self, name: &str) -> Result<()> {
        // a profile is called after its provider unless told otherwise, and both have to fit
        let longest = match self {
            Self::Providers => 200,
            Self::Profiles => 200 + "-profile".len(),
        };
        let allowed = name.starts_with(|c: char| c.is_alphanumeric())
            && name.len() <= longest
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || " ._@+-".contains(c))
            && !name.ends_with(' ');
        if allowed {
            return Ok(());
        }
        let message = format!(
            "{:?} cannot name a file of Salt's: take letters, digits, spaces and `._@+-`, starting with \
             a letter or digit, at most {longest} bytes",
            name.chars().take(80).collect::<String>()
        );
        Err(Error::invalid("/name", message))
    }
}

/// What [`write_config`] did.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The file.
    pub path: PathBuf,
    /// False if it held just this already.
    pub changed: bool,
    /// What was there before; it may hold a password.
    before: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written")
            .field("path", &self.path)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

impl Written {
    /// Makes the file again what it was before, because of `cause`. Where that fails, the file is
    /// among what `cause` leaves behind.
    #[must_use]
    pub(crate) fn take_back(&self, cause: Error) -> Error {
        if !self.changed {
            return cause;
        }
        let Err(error) = self.restore() else {
            return cause;
        };
        let mut left = cause.left_behind().to_vec();
        left.push(LeftBehind {
            resource: "file".to_owned(),
            name: self.path.display().to_string(),
            reason: error.message().to_owned(),
        });
        cause.with_left_behind(left)
    }

    fn restore(&self) -> Result<()> {
        let name = self.path.file_name().and_then(|name| name.to_str());
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let config_dir = folder.parent().unwrap_or(folder);
        let folder = for_the_master(ConfinedDir::open(folder)?, config_dir)?;
        let name = name.unwrap_or_default();
        match &self.before {
            None => folder.remove(name).map(drop),
            Some(bytes) => folder.replace(name, bytes, MODE),
        }
    }
}

/// Writes `text`, a YAML mapping, to `<config_dir>/<kind's folder>/<name>.conf`, 0600, at once or not
/// at all. The folder is made (0755) if it is not there. Written by root, a file belongs to its
/// folder's owner, or, in a folder of root's, to the user that the master runs as.
///
/// A file that this program wrote is replaced; any other only with `replace`.
///
/// # Errors
/// [`Kind::InvalidField`] about `/name` or for a `text` that is no mapping, [`Kind::AlreadyExists`] for
/// a file that somebody else wrote.
pub(crate) fn write_config(
    config_dir: &Path,
    kind: ConfigKind,
    name: &str,
    text: &str,
    replace: bool,
) -> Result<Written> {
    let (file, text) = checked(kind, name, text)?;
    let folder = ConfinedDir::open(config_dir)?.child_or_create(kind.folder(), 0o755)?;
    let folder = for_the_master(folder, config_dir)?;
    let path = folder.path_of(&file);
    let before = folder.read(&file, LONGEST)?.map(Zeroizing::new);
    let changed = match &before {
        None => match folder.create_new(&file, text.as_bytes(), MODE) {
            Err(error) if error.kind() == Kind::AlreadyExists => {
                let message = format!("{} appeared just now: try again", path.display());
                return Err(Error::new(Kind::Conflict, message).with_retryable(true));
            }
            result => result.map(|()| true)?,
        },
        Some(found) if found.as_slice() == text.as_bytes() => false,
        Some(found) => {
            check_ours(&path, found, replace)?;
            folder.replace(&file, text.as_bytes(), MODE)?;
            true
        }
    };
    Ok(Written {
        path,
        changed,
        before,
    })
}

/// What [`write_config`] would do: the file, and by their names the members that would be others in it;
/// nothing where it is as it would be.
///
/// # Errors
/// Those of [`write_config`].
pub(crate) fn plan_config(
    config_dir: &Path,
    kind: ConfigKind,
    name: &str,
    text: &str,
    replace: bool,
) -> Result<(PathBuf, Planned)> {
    let (file, text) = checked(kind, name, text)?;
    let config_dir = ConfinedDir::open(config_dir)?;
    let path = config_dir.path_of(kind.folder()).join(&file);
    let before = match config_dir.child(kind.folder()) {
        Ok(folder) => folder.read(&file, LONGEST)?.map(Zeroizing::new),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error),
    };
    let planned = match &before {
        None => Planned::Made,
        Some(found) if found.as_slice() == text.as_bytes() => Planned::Same,
        Some(found) => {
            check_ours(&path, found, replace)?;
            let before = std::str::from_utf8(found).unwrap_or_default();
            Planned::Changed(differing(before, &text))
        }
    };
    Ok((path, planned))
}

/// What would become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Planned {
    /// It would be made.
    Made,
    /// It would be changed, in these members.
    Changed(Vec<String>),
    /// It is as it would be.
    Same,
}

/// The members of the mappings in two texts of YAML that are not the same: `name.member`.
fn differing(before: &str, after: &str) -> Vec<String> {
    let members = |text: &str| -> BTreeMap<String, Value> {
        let Ok(Value::Object(all)) = parse_yaml("it", text) else {
            return BTreeMap::new();
        };
        let below = |(name, value): (String, Value)| match value {
            Value::Object(members) => members
                .into_iter()
                .map(|(member, value)| (format!("{name}.{member}"), value))
                .collect(),
            value => vec![(name, value)],
        };
        all.into_iter().flat_map(below).collect()
    };
    let (before, after) = (members(before), members(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect()
}

/// The name of the file for `name`, and what is to be in it.
fn checked(kind: ConfigKind, name: &str, text: &str) -> Result<(String, String)> {
    kind.check_name(name)?;
    let file = format!("{name}.conf");
    if !parse_yaml(&file, text)?.is_object() {
        return Err(Error::new(
            Kind::InvalidField,
            format!("what was to go into {file} is not a mapping"),
        ));
    }
    Ok((file, format!("{HEADER}{text}")))
}

/// Sees that what was `found` in the file at `path` may be replaced.
fn check_ours(path: &Path, found: &[u8], replace: bool) -> Result<()> {
    if replace || found.starts_with(HEADER.as_bytes()) {
        return Ok(());
    }
    let message = format!(
        "{} was not written by this program: choose another name, or say `replace`",
        path.display()
    );
    Err(Error::new(Kind::AlreadyExists, message).with_field("/name"))
}

/// The folder, with files that the master can read: Salt gives its keys to the user that it runs as
/// (`user: salt` in its packages), and leaves the folders of providers and profiles to root.
fn for_the_master(folder: ConfinedDir, config_dir: &Path) -> Result<ConfinedDir> {
    match ConfinedDir::open(&config_dir.join("pki/master")) {
        Ok(keys) => folder.for_owner_of(&keys),
        // no master here, or a user who may not look
        Err(_) => Ok(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfigKind, HEADER, write_config};
    use crate::{Error, Kind};
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    #[test]
    fn its_own_files_are_replaced_and_others_not() {
        let dir = tempfile::tempdir().unwrap();
        let write =
            |text, replace| write_config(dir.path(), ConfigKind::Providers, "kvm", text, replace);
        let first = write("kvm:\n  a: 1\n", false).unwrap();
        assert_eq!(first.path, dir.path().join("cloud.providers.d/kvm.conf"));
        assert_eq!(
            fs::metadata(&first.path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        assert_eq!(
            fs::read_to_string(&first.path).unwrap(),
            format!("{HEADER}kvm:\n  a: 1\n")
        );
        assert!(first.changed && !write("kvm:\n  a: 1\n", false).unwrap().changed);
        assert!(write("kvm:\n  a: 2\n", false).unwrap().changed);

        fs::write(&first.path, "kvm: {mine: 1}\n").unwrap();
        let error = write("kvm:\n  a: 3\n", false).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::AlreadyExists, Some("/name"))
        );
        assert_eq!(fs::read_to_string(&first.path).unwrap(), "kvm: {mine: 1}\n");
        assert!(write("kvm:\n  a: 3\n", true).unwrap().changed);
    }

    #[test]
    fn what_root_writes_can_be_read_by_the_masters_user() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("pki/master");
        fs::create_dir_all(&keys).unwrap();
        let me = rustix::process::geteuid().as_raw();
        let master = if me == 0 { 1234 } else { me };
        chown(&keys, Some(master), None).unwrap();
        let owner = |text| {
            let written = write_config(dir.path(), ConfigKind::Providers, "kvm", text, false);
            fs::metadata(written.unwrap().path).unwrap().uid()
        };
        assert_eq!(owner("new: 1"), master);
        assert_eq!(owner("replaced: 1"), master);

        // who has given the folder to a user of their own is not overruled
        let folder = dir.path().join("cloud.providers.d");
        assert_eq!(fs::metadata(&folder).unwrap().uid(), me);
        let own = if me == 0 { 1235 } else { me };
        chown(&folder, Some(own), None).unwrap();
        assert_eq!(owner("replaced: 2"), own);
    }

    #[test]
    fn what_was_written_is_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let write = |text| write_config(dir.path(), ConfigKind::Profiles, "a", text, true).unwrap();
        let cause = || Error::new(Kind::Timeout, "why");
        let first = write("a: {password: hunter2}");
        let path = &first.path;
        let kept = fs::read(path).unwrap();
        let second = write("a: 2");
        assert!(!format!("{second:?}").contains("hunter2"));
        assert_eq!(second.take_back(cause()), cause());
        assert_eq!(fs::read(path).unwrap(), kept);

        let unchanged = write("a: {password: hunter2}");
        assert_eq!(unchanged.take_back(cause()), cause());
        assert_eq!(fs::read(path).unwrap(), kept);

        assert_eq!(first.take_back(cause()), cause());
        assert!(!path.exists());

        fs::create_dir(path).unwrap();
        let error = first.take_back(cause());
        assert_eq!(
            (error.kind(), error.left_behind().len()),
            (Kind::Timeout, 1)
        );
        assert_eq!(error.left_behind()[0].name, path.display().to_string());
    }

    #[test]
    fn links_names_and_texts_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text| write_config(dir.path(), ConfigKind::Profiles, name, text, true);
        for name in ["", "..", "../x", "a/b", ".a", "a:b", "a\n", "*", "a "] {
            assert_eq!(
                write(name, "a: 1").unwrap_err().field(),
                Some("/name"),
                "{name:?}"
            );
        }
        for text in ["- 1", "a: [", "text"] {
            assert_eq!(write("a", text).unwrap_err().kind(), Kind::InvalidField);
        }
        write("Rechenzentrum Süd 1", "a: 1").unwrap();
        symlink("/etc/hostname", dir.path().join("cloud.profiles.d/l.conf")).unwrap();
        assert_eq!(write("l", "a: 1").unwrap_err().kind(), Kind::Conflict);
    }
}
