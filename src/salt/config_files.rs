//! Provider and profile files in Salt's cloud configuration.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::confined_dir::ConfinedDir;
use crate::template::parse_yaml;
use crate::{Error, Kind, Result};

/// The first line of every file that this program writes, by which it knows them again.
const HEADER: &str = "# Written by va-driver, which replaces this file when it is asked to.\n";
const LONGEST: u64 = 4 * 1024 * 1024;

/// Which of Salt's configuration folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConfigKind {
    /// `cloud.providers.d`
    Providers,
    /// `cloud.profiles.d`
    Profiles,
}

impl ConfigKind {
    /// The folder's name in Salt's configuration directory.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Providers => "cloud.providers.d",
            Self::Profiles => "cloud.profiles.d",
        }
    }
}

/// What [`write_config`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// False if it held just this already.
    pub changed: bool,
}

/// Writes `text`, a YAML mapping, to `<config_dir>/<kind's folder>/<name>.conf`, 0600, at once or not
/// at all. The folder is made (0755) if it is not there; a file belongs to its folder's owner when
/// written by root.
///
/// A file that this program wrote is replaced; any other only with `replace`.
///
/// # Errors
/// [`Kind::InvalidField`] about `/name` or for a `text` that is no mapping, [`Kind::AlreadyExists`] for
/// a file that somebody else wrote.
pub fn write_config(
    config_dir: &Path,
    kind: ConfigKind,
    name: &str,
    text: &str,
    replace: bool,
) -> Result<Written> {
    check_name(name)?;
    let file = format!("{name}.conf");
    if !parse_yaml(&file, text)?.is_object() {
        return Err(Error::new(
            Kind::InvalidField,
            format!("what was to go into {file} is not a mapping"),
        ));
    }
    let folder = ConfinedDir::open(config_dir)?.child_or_create(kind.folder(), 0o755)?;
    let path = folder.path_of(&file);
    let text = format!("{HEADER}{text}");
    let changed = match folder.read(&file, LONGEST)? {
        None => match folder.create_new(&file, text.as_bytes(), 0o600) {
            Err(error) if error.kind() == Kind::AlreadyExists => {
                let message = format!("{} appeared just now: try again", path.display());
                return Err(Error::new(Kind::Conflict, message).with_retryable(true));
            }
            result => result.map(|()| true)?,
        },
        Some(found) if found == text.as_bytes() => false,
        Some(found) if replace || found.starts_with(HEADER.as_bytes()) => {
            folder.replace(&file, text.as_bytes(), 0o600)?;
            true
        }
        Some(_) => {
            let message = format!(
                "{} was not written by this program: choose another name, or say `replace`",
                path.display()
            );
            return Err(Error::new(Kind::AlreadyExists, message).with_field("/name"));
        }
    };
    Ok(Written { path, changed })
}

/// A provider's or profile's name that is a file's name too. Salt takes `:` for `alias:driver`.
fn check_name(name: &str) -> Result<()> {
    let allowed = name.starts_with(|c: char| c.is_alphanumeric())
        && name.len() <= 200
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || " ._@+-".contains(c))
        && !name.ends_with(' ');
    if allowed {
        return Ok(());
    }
    let message = format!(
        "{:?} cannot name a file: letters, digits, spaces and `._@+-`, starting with a letter or digit",
        name.chars().take(80).collect::<String>()
    );
    Err(Error::invalid("/name", message))
}

#[cfg(test)]
mod tests {
    use super::{ConfigKind, HEADER, write_config};
    use crate::Kind;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

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
