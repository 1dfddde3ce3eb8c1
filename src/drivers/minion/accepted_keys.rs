//! Notes of the keys that this program has accepted on masters: which server each of them belongs to.
//!
//! Whoever can write a server's metadata can write another minion's id there. A note is out of their
//! reach: it is made on this machine before the key is accepted, and goes after the key has. So it
//! proves whose a key is, and finds the keys of servers that are no more.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::drivers::notes::{Note, Notes};
use crate::transaction::HostId;

/// A server, by what tells it from all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct ServerIdentity {
    pub(in crate::drivers) name: String,
    /// Its own UUID, or that of its creation where the host gives it another.
    pub(in crate::drivers) uuid: Uuid,
}

/// A key that a creation accepts on the master.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct MinionKey {
    pub(in crate::drivers) pki_dir: String,
    pub(in crate::drivers) id: String,
    /// By which another's key of the same id is told from this one.
    pub(in crate::drivers) fingerprint: String,
    /// Whose it is; version 0.1.0 did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::drivers) server: Option<ServerIdentity>,
}

impl MinionKey {
    /// Where it is, for people.
    pub(in crate::drivers) fn place(&self) -> String {
        format!("{}/minions/{}", self.pki_dir, self.id)
    }

    /// What its note is about: two masters may have the same id.
    pub(in crate::drivers) fn note(&self) -> String {
        format!("{}\0{}", self.pki_dir, self.id)
    }
}

/// A key, and the host that its server is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct AcceptedKey {
    #[serde(flatten)]
    pub(in crate::drivers) host: HostId,
    #[serde(flatten)]
    pub(in crate::drivers) key: MinionKey,
}

/// Notes of the keys that were accepted.
pub(in crate::drivers) type AcceptedKeys = Notes<AcceptedKey>;

impl Note for AcceptedKey {
    const FOLDER: &str = "accepted";

    fn about(&self) -> String {
        self.key.note()
    }

    fn host(&self) -> &HostId {
        &self.host
    }
}
