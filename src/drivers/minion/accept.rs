//! The minion's key on the master: accepted with the server's creation.

use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Keys;
use super::accepted_keys::{AcceptedKey, AcceptedKeys, Noted};
use crate::driver::Context;
use crate::salt::{MinionId, PublicKey};
use crate::transaction::{HostId, Resource, Transaction};
use crate::{Kind, Result};

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
}

/// Accepts `key`, whose public half `keys` hold, for a server on `host`, as a step of `transaction`.
pub(in crate::drivers) fn accept<R: Resource + From<MinionKey>>(
    cx: &Context,
    transaction: &mut Transaction<R>,
    host: &HostId,
    key: &MinionKey,
    keys: &Keys,
) -> Result<()> {
    let id = MinionId::new(key.id.as_str())?;
    let notes = AcceptedKeys::open(&cx.state_dir)?;
    let before = notes.of(&key.pki_dir, &key.id)?;
    let resource = R::from(key.clone());
    transaction.record(resource.clone())?;
    let accepted = notes
        .note(&AcceptedKey {
            host: host.clone(),
            key: key.clone(),
        })
        .and_then(|()| PublicKey::from_pem(&keys.public))
        .and_then(|public| crate::salt::accept(Path::new(&key.pki_dir), &id, &public))
        .map_err(|error| match error.kind() {
            Kind::AlreadyExists => error.with_field("/server/minion/id"),
            _ => error.with_field("/server/minion/pki_dir"),
        });
    let is_ours = accepted.as_ref().is_ok_and(|outcome| outcome.accepted);
    if !is_ours {
        // The caller had accepted it, and takes it away itself if this fails; or another has the id.
        match before {
            Noted::Accepted(before) => notes.note(&before)?,
            Noted::Nothing | Noted::Unreadable(_) => notes.forget(&key.pki_dir, &key.id)?,
        }
        transaction.forget(&resource)?;
    }
    accepted.map(|_| ())
}
