//! A server's Salt minion: what every driver does for it, from its keys to the wait for its start.
//!
//! | file | concern |
//! |---|---|
//! | `keys` | its key pair: the caller's, or one made for it |
//! | `accept` | its key on the master: accepted, revoked |
//! | `seed` | what its guest reads at its first boot |
//! | `wait` | the wait for its start |

mod accept;
mod keys;
mod seed;
mod wait;

pub(in crate::drivers) use accept::{MinionKey, accept, revoke_with_server, undo_key};
pub(in crate::drivers) use keys::{Keys, created_minion, given, make, sample};
pub(in crate::drivers) use seed::{as_request_error, guest_seed};
pub(in crate::drivers) use wait::{listener, wait};

use crate::driver::ServerSpec;
use crate::salt::MinionId;
use crate::{Error, Result};

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
