//! Accepting and revoking a minion's key on the master.
//!
//! Salt's master takes the key in `<pki_dir>/minions/<id>` for accepted and reads it live, in every
//! version from 3006 to 3008 (with 3008's `keys.cache_driver: mmap_key` it does not).

use std::path::{Path, PathBuf};

use super::{HashType, MinionId, PublicKey, fingerprint};
use crate::confined_dir::ConfinedDir;
use crate::units::KIB;
use crate::{Error, Kind, Result};

const ACCEPTED: &str = "minions";
const PENDING: &str = "minions_pre";
/// Where a key lies that somebody, or the master, has refused.
const REFUSED: [&str; 2] = ["minions_rejected", "minions_denied"];
/// Far more than a key of 8192 bits takes.
const LONGEST: u64 = 64 * KIB;

/// Where the accepted key of the minion `id` is.
pub(crate) fn accepted_key(pki_dir: &Path, id: &str) -> PathBuf {
    pki_dir.join(ACCEPTED).join(id)
}

/// What [`accept`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// False if this very key was accepted already.
    pub is_new: bool,
    /// The key's file.
    pub path: PathBuf,
    /// The key's SHA-256 fingerprint.
    pub fingerprint: String,
}

/// What [`revoke`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// False if there was no key of that id.
    pub revoked: bool,
    /// Where the key was, or would have been.
    pub path: PathBuf,
}

/// The key that [`revoke`] may remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpectedKey {
    /// This key.
    Key(PublicKey),
    /// The key of this SHA-256 or SHA-512 fingerprint.
    Fingerprint(String),
}

impl ExpectedKey {
    /// Takes a fingerprint by its form.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about `/fingerprint`.
    pub(crate) fn from_fingerprint(text: &str) -> Result<Self> {
        if fingerprint::is_fingerprint(text) {
            return Ok(Self::Fingerprint(text.to_ascii_lowercase()));
        }
        let message =
            "the fingerprint is not 32 or 64 pairs of hexadecimal digits with colons between them";
        Err(Error::invalid("/fingerprint", message))
    }

    fn matches(&self, key: &PublicKey) -> bool {
        match self {
            Self::Key(expected) => expected.same_key(key),
            Self::Fingerprint(expected) => [HashType::Sha256, HashType::Sha512]
                .iter()
                .any(|hash| key.fingerprint(*hash) == *expected),
        }
    }
}

/// Accepts `key` for `id` on the master whose pki directory is `pki_dir`; never over another key.
///
/// The file appears whole (0644, the folder's owner when run by root) or not at all. If this key
/// was waiting in `minions_pre`, it is taken away there, as `salt-key -a` does.
///
/// # Errors
/// [`Kind::AlreadyExists`] if the id has another key, or one that was rejected or denied;
/// [`Kind::NotFound`] if `pki_dir` is none; [`Kind::Conflict`] if it holds links, or anyone may write to it.
pub(crate) fn accept(pki_dir: &Path, id: &MinionId, key: &PublicKey) -> Result<Accepted> {
    let pki = open_pki(pki_dir)?;
    let minions = open_accepted(&pki)?;
    let path = minions.path_of(id.as_str());
    let fingerprint = key.fingerprint(HashType::Sha256);
    for state in REFUSED {
        if let Some(folder) = open_optional(&pki, state)?
            && folder.contains(id.as_str())?
        {
            return Err(taken(id, &folder.path_of(id.as_str())));
        }
    }
    let pending = open_optional(&pki, PENDING)?;
    let is_pending = match &pending {
        Some(folder) => match stored_key(folder, id)? {
            Stored::Nothing => false,
            Stored::Key(found) if found == *key => true,
            Stored::Key(_) | Stored::Unreadable => {
                return Err(taken(id, &folder.path_of(id.as_str())));
            }
        },
        None => false,
    };
    let is_new = match minions.create_new(id.as_str(), key.pem().as_bytes(), 0o644) {
        Ok(()) => true,
        Err(error) if error.kind() == Kind::AlreadyExists => match stored_key(&minions, id)? {
            Stored::Key(found) if found == *key => false,
            _ => return Err(taken(id, &path)),
        },
        Err(error) => return Err(error.with_field("/pki_dir")),
    };
    if let Some(folder) = pending.filter(|_| is_pending) {
        folder.remove(id.as_str())?;
    }
    Ok(Accepted {
        is_new,
        path,
        fingerprint,
    })
}

/// Takes the key of `id` off the master, if it is the `expected` one. There being none is success.
///
/// # Errors
/// [`Kind::Conflict`] if the id has another key: it is left alone. Else as [`accept`].
pub(crate) fn revoke(pki_dir: &Path, id: &MinionId, expected: &ExpectedKey) -> Result<Revoked> {
    let minions = open_accepted(&open_pki(pki_dir)?)?;
    let path = minions.path_of(id.as_str());
    let revoked = match stored_key(&minions, id)? {
        Stored::Nothing => false,
        Stored::Key(found) if expected.matches(&found) => minions.remove(id.as_str())?,
        Stored::Key(_) | Stored::Unreadable => {
            let message = format!(
                "{} is not the key that was to be revoked: it is left alone; `salt-key -d {id}` removes it whatever it is",
                path.display()
            );
            return Err(Error::new(Kind::Conflict, message).with_field("/id"));
        }
    };
    Ok(Revoked { revoked, path })
}

/// Whether `id` has the `expected` key on the master, or any at all where none is expected.
pub(crate) fn is_accepted(
    pki_dir: &Path,
    id: &MinionId,
    expected: Option<&ExpectedKey>,
) -> Result<bool> {
    let minions = open_accepted(&open_pki(pki_dir)?)?;
    match expected {
        None => minions.contains(id.as_str()),
        Some(expected) => match stored_key(&minions, id)? {
            Stored::Key(found) => Ok(expected.matches(&found)),
            Stored::Nothing | Stored::Unreadable => Ok(false),
        },
    }
}

enum Stored {
    Nothing,
    Key(PublicKey),
    /// Something that is no key which this program accepts.
    Unreadable,
}

fn stored_key(folder: &ConfinedDir, id: &MinionId) -> Result<Stored> {
    let Some(bytes) = folder.read(id.as_str(), LONGEST)? else {
        return Ok(Stored::Nothing);
    };
    let key = String::from_utf8(bytes)
        .ok()
        .and_then(|text| PublicKey::from_pem(&text).ok());
    Ok(key.map_or(Stored::Unreadable, Stored::Key))
}

fn open_pki(pki_dir: &Path) -> Result<ConfinedDir> {
    if !pki_dir.is_absolute() {
        let message = format!("{} is not an absolute path", pki_dir.display());
        return Err(Error::invalid("/pki_dir", message));
    }
    ConfinedDir::open(pki_dir).map_err(|error| error.with_field("/pki_dir"))
}

fn open_accepted(pki: &ConfinedDir) -> Result<ConfinedDir> {
    let minions = open_optional(pki, ACCEPTED)?.ok_or_else(|| {
        let message = format!(
            "{} is not there: is this the master's pki directory (/etc/salt/pki/master), and has the master run?",
            pki.path_of(ACCEPTED).display()
        );
        Error::new(Kind::NotFound, message).with_field("/pki_dir")
    })?;
    // who may write to the folder around it may put another in its place
    for folder in [pki, &minions] {
        if folder.mode()? & 0o002 != 0 {
            let message = format!(
                "anyone may write to {}, and so accept keys: `chmod o-w` it first",
                folder.path().display()
            );
            return Err(Error::new(Kind::Conflict, message).with_field("/pki_dir"));
        }
    }
    Ok(minions)
}

fn open_optional(pki: &ConfinedDir, name: &str) -> Result<Option<ConfinedDir>> {
    match pki.child(name) {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error.with_field("/pki_dir")),
    }
}

fn taken(id: &MinionId, path: &Path) -> Error {
    let message = format!(
        "the minion {id} has another key, or one that was refused, at {}: choose another id, or remove it with `salt-key -d {id}`",
        path.display()
    );
    Error::new(Kind::AlreadyExists, message).with_field("/id")
}

#[cfg(test)]
mod tests;
