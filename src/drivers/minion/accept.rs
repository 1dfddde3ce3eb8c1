//! The minion's key on the master: accepted with the server's creation, revoked with its deletion.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Keys;
use crate::driver::DeleteOptions;
use crate::salt::{ExpectedKey, MinionId, PublicKey, revoke};
use crate::transaction::{Resource, Transaction};
use crate::{Kind, Result};

/// A key that a creation accepts on the master.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct MinionKey {
    pub(in crate::drivers) pki_dir: String,
    pub(in crate::drivers) id: String,
    /// By which another's key of the same id is told from this one.
    pub(in crate::drivers) fingerprint: String,
}

impl MinionKey {
    /// Where it is, for people.
    pub(in crate::drivers) fn place(&self) -> String {
        format!("{}/minions/{}", self.pki_dir, self.id)
    }
}

/// Accepts the key of the minion `id` in `dir`, as a step of `transaction`.
pub(in crate::drivers) fn accept<R: Resource + From<MinionKey>>(
    transaction: &mut Transaction<R>,
    dir: &str,
    id: &MinionId,
    keys: &Keys,
) -> Result<()> {
    let key = R::from(MinionKey {
        pki_dir: dir.to_owned(),
        id: id.to_string(),
        fingerprint: keys.fingerprint.clone(),
    });
    transaction.record(key.clone())?;
    let accepted = PublicKey::from_pem(&keys.public)
        .and_then(|public| crate::salt::accept(Path::new(dir), id, &public))
        .map_err(|error| match error.kind() {
            Kind::AlreadyExists => error.with_field("/server/minion/id"),
            _ => error.with_field("/server/minion/pki_dir"),
        });
    match accepted {
        Ok(outcome) => {
            if !outcome.accepted {
                // The caller had accepted it, and takes it away itself if this fails.
                transaction.forget(&key)?;
            }
            Ok(())
        }
        Err(error) => {
            transaction.forget(&key)?;
            Err(error)
        }
    }
}

/// Takes the key off the master again.
pub(in crate::drivers) fn undo_key(key: &MinionKey) -> Result<()> {
    let expected = ExpectedKey::from_fingerprint(&key.fingerprint)?;
    match revoke(
        Path::new(&key.pki_dir),
        &MinionId::new(key.id.as_str())?,
        &expected,
    ) {
        // The key that is there is another's: this creation did not get to accept its own.
        Err(error) if error.kind() == Kind::Conflict => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Revokes the key of a server that is deleted where it is its own and its master is here: `recorded`
/// is where it was accepted. Answers whether it was there.
pub(in crate::drivers) fn revoke_with_server(
    id: &str,
    fingerprint: &str,
    recorded: Option<&str>,
    options: &DeleteOptions,
) -> Result<bool> {
    let here = |dir: &&str| Path::new(dir).is_dir();
    let Some(dir) = options.pki_dir.as_deref().or(recorded.filter(here)) else {
        return Ok(false);
    };
    let expected = ExpectedKey::from_fingerprint(fingerprint)?;
    match revoke(Path::new(dir), &MinionId::new(id)?, &expected) {
        Ok(outcome) => Ok(outcome.revoked),
        // Another's key of that id is not ours to revoke, and no leftover of this server.
        Err(error) if error.kind() == Kind::Conflict => {
            tracing::warn!(id, "the master has another key for this id; it stays");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
