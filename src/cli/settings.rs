//! Where things are on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Access, access};

use super::options::Global;
use super::own_config::OwnConfig;
use crate::driver::{Context, Registry, Silent};
use crate::drivers::base;
use crate::rpc::Service;
use crate::template::TemplateDirectory;
use crate::transaction::{Cancel, Journal};

/// Where Salt keeps its configuration unless told otherwise.
const SALT_CONFIG_DIR: &str = "/etc/salt";
/// Where an administrator's templates are.
const TEMPLATES: &str = "/etc/va-driver/templates";
/// What an administrator says of this master.
const CONFIG_FILE: &str = "/etc/va-driver/config.yaml";
/// Where root's state is, and that of the user who was given its journals: the package gives them to
/// the Salt master's.
const STATE_DIR: &str = "/var/lib/va-driver";

/// The drivers, and directories from options and the environment.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The drivers that the program has.
    pub(super) drivers: Registry,
    /// Salt's configuration directory.
    pub(super) salt_config_dir: PathBuf,
    /// The administrator's templates.
    pub(super) templates: PathBuf,
    /// What the administrator says of this master.
    pub(super) config_file: PathBuf,
    /// Where creations keep their journals.
    pub(super) state_dir: PathBuf,
    /// Set by a signal.
    pub(super) cancel: Cancel,
    /// What this person has said once for all.
    pub(super) own: OwnConfig,
}

impl Settings {
    pub(super) fn new(global: &Global, drivers: Registry, own: OwnConfig) -> Self {
        let variable = |name: &str| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let salt_config_dir = global.config_dir.clone();
        Self {
            drivers,
            salt_config_dir: salt_config_dir.unwrap_or_else(|| SALT_CONFIG_DIR.into()),
            templates: variable("VA_DRIVER_TEMPLATES").unwrap_or_else(|| TEMPLATES.into()),
            config_file: variable("VA_DRIVER_CONFIG").unwrap_or_else(|| CONFIG_FILE.into()),
            state_dir: variable("VA_DRIVER_STATE_DIR").unwrap_or_else(|| {
                let system = rustix::process::geteuid().is_root() || holds_journals(STATE_DIR);
                state_dir(system, variable("XDG_STATE_HOME"), variable("HOME"))
            }),
            cancel: Cancel::default(),
            own,
        }
    }

    /// The service with every driver.
    pub(super) fn service(&self) -> Service {
        let context = Context {
            progress: Arc::new(Silent),
            cancel: self.cancel.clone(),
            templates: TemplateDirectory::with_overrides(&self.templates),
            state_dir: self.state_dir.clone(),
            given: crate::driver::templates::Templates::default(),
            salt_config_dir: self.salt_config_dir.clone(),
            config_file: self.config_file.clone(),
            pair_ahead: Arc::default(),
            base: base::at,
        };
        Service::new(self.drivers.clone(), context)
    }
}

/// Whether this user may keep journals in `dir`. Salt's user could not keep them anywhere else: its
/// home is not its own.
fn holds_journals(dir: impl AsRef<Path>) -> bool {
    access(
        dir.as_ref().join(Journal::FOLDER),
        Access::WRITE_OK | Access::EXEC_OK,
    )
    .is_ok()
}

/// The directory for state: the system's where that may be used, else one of the user's own.
fn state_dir(system: bool, xdg: Option<PathBuf>, home: Option<PathBuf>) -> PathBuf {
    if system {
        return STATE_DIR.into();
    }
    // A relative XDG_STATE_HOME is to be ignored, as its specification says.
    xdg.filter(|dir| dir.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/state")))
        .map_or_else(|| STATE_DIR.into(), |dir| dir.join("va-driver"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_where_its_user_may_write() {
        let dir = |system, xdg: Option<&str>, home: Option<&str>| {
            state_dir(system, xdg.map(Into::into), home.map(Into::into))
        };
        assert_eq!(dir(true, Some("/x"), Some("/h")), PathBuf::from(STATE_DIR));
        assert_eq!(
            dir(false, Some("/x"), Some("/h")),
            PathBuf::from("/x/va-driver")
        );
        assert_eq!(
            dir(false, Some("x"), Some("/h")),
            PathBuf::from("/h/.local/state/va-driver")
        );
        assert_eq!(dir(false, None, None), PathBuf::from(STATE_DIR));
    }

    #[test]
    fn the_systems_directory_is_for_those_who_may_write_its_journals() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!holds_journals(dir.path()), "nobody has prepared it");
        std::fs::create_dir(dir.path().join("journal")).unwrap();
        assert!(holds_journals(dir.path()));
    }
}
