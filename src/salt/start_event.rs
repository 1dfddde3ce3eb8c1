//! The event by which a minion tells its master that it has started.
//!
//! It is the only sign that a minion works: an open connection to the master's port stays open after
//! its guest is gone. Salt's own `salt-run state.event` reads the master's event bus for us. Where no
//! master runs, it waits for one.

use std::path::Path;

use super::MinionId;
use crate::child::{Held, Program};
use crate::{Error, Kind, Result};

/// It is told to be quiet.
const LONGEST: usize = 4096;

/// A wait for the start of one minion. It listens from the moment it is made, so make it before the
/// guest starts; dropping it ends it.
#[derive(Debug)]
pub(crate) struct StartEvent {
    listener: Held,
}

impl StartEvent {
    /// Listens for the start of `id` on the master whose configuration is in `config_dir`.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where there is no `salt-run`: this machine is no Salt master.
    pub(crate) fn listen(config_dir: &Path, id: &MinionId) -> Result<Self> {
        let listener = Program::new("salt-run")
            .args(["--config-dir".as_ref(), config_dir.as_os_str()])
            .args(["state.event", &format!("salt/minion/{id}/start")])
            .args(["count=1", "quiet=True"])
            .tied()
            .hold(LONGEST)
            .map_err(|error| {
                let message = format!("{error}; wait for the minion on its master, or not for it");
                Error::new(Kind::Unsupported, message).with_field("/wait")
            })?;
        Ok(Self { listener })
    }

    /// Whether the minion has started.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] if the listener gave up, as it does where no master ever ran.
    pub(crate) fn has_come(&mut self) -> Result<bool> {
        if !self.listener.has_ended() {
            return Ok(false);
        }
        let status = self.listener.end()?;
        if status.success() {
            return Ok(true);
        }
        let message =
            format!("salt-run does not hear the master's events ({status}); is this a master?");
        Err(Error::new(Kind::Unsupported, message)
            .with_source(self.listener.last_words())
            .with_field("/wait"))
    }
}
