//! A server's Salt minion: what every driver does for it, from its keys to the wait for its start.
//!
//! | file | concern |
//! |---|---|
//! | `keys` | its key pair: the caller's, or one made for it |
//! | `accept` | its key on the master |
//! | `accepted_keys` | notes of the keys that were accepted, and whose they are |
//! | `seed` | what its guest reads at its first boot |
//! | `wait` | the wait for its start |

mod accept;
mod accepted_keys;
mod keys;
mod seed;
mod wait;

pub(in crate::drivers) use accept::{MinionKey, ServerIdentity, accept};
#[cfg(test)]
pub(in crate::drivers) use accepted_keys::AcceptedKey;
pub(in crate::drivers) use accepted_keys::{AcceptedKeys, Noted};
pub(in crate::drivers) use keys::{Keys, created_minion, given, make, sample};
pub(in crate::drivers) use seed::{as_request_error, guest_seed};
pub(in crate::drivers) use wait::{PATIENCE, listener, wait};

use serde::{Deserialize, Serialize};

use crate::driver::ServerSpec;
use crate::salt::MinionId;
use crate::{Error, Result};

/// The minion whose keys a server's guest has, as the server's record names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct RecordedMinion {
    #[serde(rename = "@id")]
    pub(in crate::drivers) id: String,
    /// The fingerprint of its public key, so that another's key of the same id is never revoked.
    #[serde(rename = "@fingerprint")]
    pub(in crate::drivers) fingerprint: String,
    /// Where its key was accepted.
    #[serde(rename = "@pki_dir", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::drivers) pki_dir: Option<String>,
}

impl RecordedMinion {
    /// The minion `id` that `spec` asks for, with its `keys`.
    pub(in crate::drivers) fn of(spec: &ServerSpec, id: &MinionId, keys: &Keys) -> Self {
        Self {
            id: id.to_string(),
            fingerprint: keys.fingerprint.clone(),
            pki_dir: accept_in(spec).map(ToOwned::to_owned),
        }
    }
}

/// The id of the minion that `spec` asks for; none where it asks for none.
pub(in crate::drivers) fn minion_id(spec: &ServerSpec) -> Result<Option<MinionId>> {
    let Some(minion) = &spec.minion else {
        return Ok(None);
    };
    let id = minion
        .id
        .as_deref()
        .filter(|id| !id.is_empty())
        .unwrap_or(&spec.server_name);
    let id = MinionId::new(id).map_err(|error| error.with_field("/server/minion/id"))?;
    if minion.accept == Some(true) && minion.pki_dir.is_none() {
        return Err(Error::invalid(
            "/server/minion/pki_dir",
            "the minion's key is to be accepted, but no pki_dir says where",
        ));
    }
    Ok(Some(id))
}

/// The `pki_dir` in which the minion's key is to be accepted, if it is.
pub(in crate::drivers) fn accept_in(spec: &ServerSpec) -> Option<&str> {
    let minion = spec.minion.as_ref()?;
    minion
        .pki_dir
        .as_deref()
        .filter(|_| minion.accept.unwrap_or(true))
}
