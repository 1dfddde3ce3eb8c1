//! What is noted of a server that salt-cloud has made: Salt itself remembers nothing of it.

use serde::{Deserialize, Serialize};

use super::host::Host;
use crate::driver::Server;
use crate::drivers::creation::delegated::host_of;
use crate::drivers::notes::{Note, Noted, Notes};
use crate::transaction::HostId;
use crate::{Error, Kind, Result};

/// A server that was made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    #[serde(flatten)]
    pub(super) host: HostId,
    pub(super) name: String,
    /// By which the same request is known again.
    pub(super) digest: String,
    /// By what the host knows it: what a creation calls it is not always what a list does.
    pub(super) ids: Vec<String>,
    pub(super) minion_id: Option<String>,
}

impl Note for Made {
    const FOLDER: &str = "salt-cloud";

    fn about(&self) -> String {
        about(&self.host, &self.name)
    }

    fn host(&self) -> &HostId {
        &self.host
    }
}

fn about(host: &HostId, name: &str) -> String {
    format!("{}\0{name}", host.identity())
}

/// Whether `server` is one that has one of `ids`; one whose id nobody has told is known by its name.
pub(super) fn is(ids: &[String], server: &Server) -> bool {
    ids.is_empty() || server.id.is_empty() || ids.contains(&server.id)
}

impl Host<'_> {
    fn notes(&self) -> Notes<Made> {
        Notes::below(&self.cx.state_dir)
    }

    /// What is noted of the server `name`.
    pub(super) fn made(&self, name: &str) -> Result<Option<Made>> {
        match self.notes().of(&about(&host_of(self), name))? {
            Noted::Nothing => Ok(None),
            Noted::This(made) => Ok(Some(made)),
            Noted::Unreadable(place) => {
                let message = format!("the note {place} of {name} cannot be read");
                Err(Error::new(Kind::Conflict, message))
            }
        }
    }

    /// What is noted of all servers of this provider.
    pub(super) fn all_made(&self) -> Result<Vec<Made>> {
        self.notes().on(&host_of(self))
    }

    pub(super) fn note(&self, made: &Made) -> Result<()> {
        self.notes().note(made)
    }

    pub(super) fn forget(&self, name: &str) -> Result<()> {
        self.notes().forget(&about(&host_of(self), name))
    }
}
