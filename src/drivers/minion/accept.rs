//! The minion's key on the master: accepted with the server's creation.

use std::path::Path;

use super::Keys;
use super::accepted_keys::{AcceptedKey, AcceptedKeys, MinionKey};
use crate::driver::Context;
use crate::drivers::notes::Noted;
use crate::salt::{ExpectedKey, MinionId, PublicKey, is_accepted};
use crate::transaction::{HostId, Resource, Transaction};
use crate::{Kind, Result};

/// Accepts `key`, whose public half `keys` hold, for a server on `host`, as a step of `transaction`.
pub(in crate::drivers) fn accept<R: Resource + From<MinionKey>>(
    cx: &Context,
    transaction: &mut Transaction<R>,
    host: &HostId,
    key: &MinionKey,
    keys: &Keys,
) -> Result<()> {
    let id = MinionId::new(key.id.as_str())?;
    let notes = AcceptedKeys::below(&cx.state_dir);
    // a deletion must not read a note that is taken back
    notes.make_folder()?;
    let _alone = notes.alone()?;
    let before = notes.of(&key.note())?;
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
    let is_ours = accepted.as_ref().is_ok_and(|outcome| outcome.is_new);
    if !is_ours {
        // The caller had accepted it, and takes it away itself if this fails; or another has the id.
        match before {
            Noted::This(before) => notes.note(&before)?,
            Noted::Nothing | Noted::Unreadable(_) => notes.forget(&key.note())?,
        }
        transaction.forget(&resource)?;
    }
    accepted.map(|_| ())
}

/// Notes that `key`, which the caller accepts and takes away itself, belongs to a server on `host` that is
/// made by now: so it goes with the server, whatever its id. A key that is accepted for another server keeps
/// its note.
pub(in crate::drivers) fn note_given(cx: &Context, host: &HostId, key: &MinionKey) -> Result<()> {
    let notes = AcceptedKeys::below(&cx.state_dir);
    let _alone = notes.alone()?;
    if let Noted::This(before) = notes.of(&key.note())?
        && before.key.server != key.server
    {
        let id = MinionId::new(key.id.as_str())?;
        let expected = ExpectedKey::from_fingerprint(&before.key.fingerprint)?;
        if is_accepted(Path::new(&key.pki_dir), &id, Some(&expected))? {
            return Ok(());
        }
    }
    notes.note(&AcceptedKey {
        host: host.clone(),
        key: key.clone(),
    })
}
