//! A server's Salt minion: what every driver does for it, from its keys to the wait for its start.
//!
//! | file | concern |
//! |---|---|
//! | `accept` | its key on the master |
//! | `accepted_keys` | notes of the keys that were accepted, and whose they are |
//! | `keys` | its key pair: the caller's, or one made for it |
//! | `seed` | what its guest reads at its first boot |
//! | `wait` | the wait for its start |

mod accept;
mod accepted_keys;
mod keys;
mod seed;
mod wait;

pub(in crate::drivers) use accept::{accept, note_given};
pub(in crate::drivers) use accepted_keys::{AcceptedKey, AcceptedKeys, MinionKey, ServerIdentity};
pub(in crate::drivers) use keys::{Keys, created_minion, given, make, sample, size};
pub(in crate::drivers) use seed::{as_request_error, guest_seed};
pub(in crate::drivers) use wait::{PATIENCE, listener, wait};

use serde::{Deserialize, Serialize};

use crate::driver::{MinionSpec, ServerSpec};
use crate::salt::{MinionId, PublicKey, may_be_master_finger};
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

/// The members of a server that are read here.
pub(in crate::drivers) const MEMBERS: &[&str] = &[
    "role",
    "domain",
    "ssh_keys",
    "user_data",
    "minion",
    "minion/id",
    "minion/master",
    "minion/master_finger",
    "minion/master_key",
    "minion/sign_key",
    "minion/conf",
    "minion/grains",
    "minion/pki_dir",
    "minion/accept",
    "minion/keys",
    "minion/keys/public",
    "minion/keys/private",
    "minion/keysize",
];

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
    check_master(minion)?;
    Ok(Some(id))
}

/// A minion that is told a wrong key of its master's never trusts it, and says so to nobody.
fn check_master(minion: &MinionSpec) -> Result<()> {
    if let Some(finger) = &minion.master_finger
        && !(finger.is_empty() || may_be_master_finger(finger))
    {
        return Err(Error::invalid(
            "/server/minion/master_finger",
            "this is not a fingerprint as `salt-key -F master` shows that of master.pub: pairs of \
             hexadecimal digits, small letters, with colons between them, 32 pairs by SHA-256",
        ));
    }
    for (member, key) in [
        ("master_key", &minion.master_key),
        ("sign_key", &minion.sign_key),
    ] {
        if let Some(key) = key {
            let field = format!("/server/minion/{member}");
            PublicKey::from_pem(key).map_err(|error| error.with_field(field))?;
        }
    }
    Ok(())
}

/// The `pki_dir` in which the minion's key is to be accepted, if it is.
pub(in crate::drivers) fn accept_in(spec: &ServerSpec) -> Option<&str> {
    let minion = spec.minion.as_ref()?;
    minion
        .pki_dir
        .as_deref()
        .filter(|_| minion.accept.unwrap_or(true))
}
