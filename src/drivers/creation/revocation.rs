//! Whose key goes with a server: one rule for deletion, recovery and rollback.
//!
//! A record or a journal that names a key is believed for the server's own minion only: the one that
//! has the server's name, or that a note of its acceptance says is this server's. Whatever else has a
//! key under that id keeps it.

use std::path::Path;

use crate::driver::DeleteOptions;
use crate::drivers::minion::{
    AcceptedKey, AcceptedKeys, MinionKey, RecordedMinion, ServerIdentity,
};
use crate::drivers::notes::Noted;
use crate::salt::{self, ExpectedKey, MinionId, is_accepted};
use crate::transaction::Removal;
use crate::{Kind, Result};

/// The key of the minion that the record of `server` names, where its master is here.
pub(in crate::drivers) fn recorded_key(
    minion: &RecordedMinion,
    server: &ServerIdentity,
    options: &DeleteOptions,
) -> Option<MinionKey> {
    let here = |dir: &&String| Path::new(dir).is_dir();
    let recorded = minion.pki_dir.as_ref().filter(here);
    Some(MinionKey {
        pki_dir: options.pki_dir.as_ref().or(recorded)?.clone(),
        id: minion.id.clone(),
        fingerprint: minion.fingerprint.clone(),
        server: Some(server.clone()),
    })
}

/// What a server lacks whose `minion` has no key any more on the master that it was accepted on, where
/// that is here. One that was made anew on the guest, and accepted, is a key all the same.
pub(in crate::drivers) fn missing_key(minion: Option<&RecordedMinion>) -> Result<Option<String>> {
    let recorded = minion.and_then(|minion| Some((&minion.id, minion.pki_dir.as_ref()?)));
    let Some((id, pki_dir)) = recorded.filter(|(_, dir)| Path::new(dir).is_dir()) else {
        return Ok(None);
    };
    let Ok(minion_id) = MinionId::new(id.as_str()) else {
        return Ok(None);
    };
    let missing = !is_accepted(Path::new(pki_dir), &minion_id, None)?;
    Ok(missing.then(|| format!("minion key {pki_dir}/minions/{id}")))
}

/// Whether `key` is accepted on its master; none where its master is not here.
pub(super) fn is_there(key: &MinionKey) -> Result<Option<bool>> {
    let dir = Path::new(&key.pki_dir);
    if !dir.is_dir() {
        return Ok(None);
    }
    let expected = ExpectedKey::from_fingerprint(&key.fingerprint)?;
    is_accepted(dir, &MinionId::new(key.id.as_str())?, Some(&expected)).map(Some)
}

/// Takes `key` off its master, and the note of it with it, where it is its server's own.
pub(in crate::drivers) fn revoke(state_dir: &Path, key: &MinionKey) -> Result<Removal> {
    let notes = AcceptedKeys::below(state_dir);
    let _alone = notes.alone()?;
    let noted = notes.of(&key.note())?;
    let (dir, id) = (Path::new(&key.pki_dir), MinionId::new(key.id.as_str())?);
    let fingerprint = match belief(key, &noted) {
        Belief::Own(fingerprint) => fingerprint,
        Belief::Not(why) => {
            let is_there = is_accepted(dir, &id, None)?;
            return Ok(if is_there {
                Removal::Kept(why)
            } else {
                Removal::Absent
            });
        }
    };
    let expected = ExpectedKey::from_fingerprint(fingerprint)?;
    let removal = match salt::revoke(dir, &id, &expected) {
        Ok(outcome) => Removal::of(outcome.revoked),
        Err(error) if error.kind() == Kind::Conflict && error.field() == Some("/id") => {
            Removal::Kept(another_key(&id))
        }
        Err(error) => return Err(error),
    };
    if noted != Noted::Nothing {
        // either way the server's key is not there any more
        notes.forget(&key.note())?;
    }
    Ok(removal)
}

/// What [`revoke`] would come to.
pub(in crate::drivers) fn would_revoke(state_dir: &Path, key: &MinionKey) -> Result<Removal> {
    let noted = AcceptedKeys::below(state_dir).of(&key.note())?;
    let (dir, id) = (Path::new(&key.pki_dir), MinionId::new(key.id.as_str())?);
    if !is_accepted(dir, &id, None)? {
        return Ok(Removal::Absent);
    }
    let expected = match belief(key, &noted) {
        Belief::Own(fingerprint) => ExpectedKey::from_fingerprint(fingerprint)?,
        Belief::Not(why) => return Ok(Removal::Kept(why)),
    };
    Ok(if is_accepted(dir, &id, Some(&expected))? {
        Removal::Gone
    } else {
        Removal::Kept(another_key(&id))
    })
}

fn another_key(id: &MinionId) -> String {
    format!("{id} has another key now, which is not this server's")
}

enum Belief<'a> {
    /// It is the server's own; by this fingerprint.
    Own(&'a str),
    Not(String),
}

fn belief<'a>(key: &'a MinionKey, noted: &'a Noted<AcceptedKey>) -> Belief<'a> {
    let id = &key.id;
    match (noted, &key.server) {
        (Noted::Unreadable(place), _) => Belief::Not(format!(
            "the note of whose key it is cannot be read ({place}); `salt-key -d {id}` removes the key"
        )),
        (Noted::This(note), Some(server)) => match &note.key.server {
            Some(owner) if owner.uuid == server.uuid => Belief::Own(&note.key.fingerprint),
            owner => Belief::Not(accepted_for(id, owner.as_ref())),
        },
        (Noted::This(note), None) => Belief::Not(accepted_for(id, note.key.server.as_ref())),
        (Noted::Nothing, Some(server)) if !is_own_name(&server.name, id) => Belief::Not(format!(
            "nothing but the record of {} says that the minion {id} is its own; `salt-key -d {id}` \
             removes the key",
            server.name
        )),
        // journals of version 0.1.0 do not say whose the key is
        (Noted::Nothing, _) => Belief::Own(&key.fingerprint),
    }
}

/// Whether a minion of this `id` is the server's own by its name, with a domain behind it or none.
fn is_own_name(server: &str, id: &str) -> bool {
    let rest = id.strip_prefix(server);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn accepted_for(id: &str, owner: Option<&ServerIdentity>) -> String {
    let owner = owner.map_or("another server", |owner| owner.name.as_str());
    format!("the key of the minion {id} was accepted for {owner}")
}

#[cfg(test)]
mod tests;
