//! The event by which a minion tells its master that it has started.
//!
//! It is the only sign that a minion works: an open connection to the master's port stays open after
//! its guest is gone. Salt's own `salt-run state.event` reads the master's event bus for us. Where no
//! master runs, it waits for one.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::MinionId;
use crate::{Error, Kind, Result};

/// A wait for the start of one minion. It listens from the moment it is made, so make it before the
/// guest starts; dropping it ends it.
#[derive(Debug)]
pub(crate) struct StartEvent {
    listener: Child,
}

impl StartEvent {
    /// Listens for the start of `id` on the master whose configuration is in `config_dir`.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where there is no `salt-run`: this machine is no Salt master.
    pub(crate) fn listen(config_dir: &Path, id: &MinionId) -> Result<Self> {
        let listener = Command::new("salt-run")
            .arg("--config-dir")
            .arg(config_dir)
            .arg("state.event")
            .arg(format!("salt/minion/{id}/start"))
            .args(["count=1", "quiet=True"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                Error::new(
                    Kind::Unsupported,
                    format!(
                        "cannot run salt-run ({error}); wait for the minion on its master, or not for it"
                    ),
                )
                .with_field("/wait")
            })?;
        Ok(Self { listener })
    }

    /// Whether the minion has started.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] if the listener gave up, as it does where no master ever ran.
    pub(crate) fn has_come(&mut self) -> Result<bool> {
        match self.listener.try_wait() {
            Ok(None) => Ok(false),
            Ok(Some(status)) if status.success() => Ok(true),
            Ok(Some(status)) => Err(Error::new(
                Kind::Unsupported,
                format!("salt-run does not hear the master's events ({status}); is this a master?"),
            )
            .with_field("/wait")),
            Err(error) => Err(Error::new(
                Kind::Internal,
                format!("cannot wait for salt-run: {error}"),
            )),
        }
    }
}

impl Drop for StartEvent {
    fn drop(&mut self) {
        let _ = self.listener.kill();
        let _ = self.listener.wait();
    }
}
