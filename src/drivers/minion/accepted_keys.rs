//! Notes of the keys that this program has accepted on masters: which server each of them belongs to.
//!
//! Whoever can write a server's metadata can write another minion's id there. A note is out of their
//! reach: it is made on this machine before the key is accepted, and goes after the key has. So it
//! proves whose a key is, and finds the keys of servers that are no more.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::confined_dir::ConfinedDir;
use crate::error::io_error;
use crate::plain_file;
use crate::transaction::HostId;
use crate::units::KIB;
use crate::{Kind, Result};

/// The notes' folder in a state directory.
const FOLDER: &str = "accepted";
/// Far more than a note takes.
const LONGEST: u64 = 64 * KIB;

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

/// A key, and the host that its server is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers) struct AcceptedKey {
    #[serde(flatten)]
    pub(in crate::drivers) host: HostId,
    #[serde(flatten)]
    pub(in crate::drivers) key: MinionKey,
}

/// What is noted of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers) enum Noted {
    Nothing,
    Accepted(AcceptedKey),
    /// There is a note that says nothing any more; where it is.
    Unreadable(String),
}

/// The notes of a state directory.
#[derive(Debug)]
pub(in crate::drivers) struct AcceptedKeys {
    place: PathBuf,
    notes: Notes,
}

#[derive(Debug)]
enum Notes {
    /// Nobody has noted anything yet.
    Absent,
    /// They are another user's.
    Denied,
    Open(ConfinedDir),
}

impl AcceptedKeys {
    /// The notes below `state_dir`, whose folder is made with the first of them.
    pub(in crate::drivers) fn open(state_dir: &Path) -> Result<Self> {
        let place = state_dir.join(FOLDER);
        let notes = match ConfinedDir::open(&place) {
            Ok(dir) => Notes::Open(dir),
            Err(error) if error.kind() == Kind::NotFound => Notes::Absent,
            Err(error) if error.kind() == Kind::PermissionDenied => Notes::Denied,
            Err(error) => return Err(error),
        };
        Ok(Self { place, notes })
    }

    /// What is noted of the key that `id` has in `pki_dir`.
    pub(in crate::drivers) fn of(&self, pki_dir: &str, id: &str) -> Result<Noted> {
        let dir = match &self.notes {
            Notes::Absent => return Ok(Noted::Nothing),
            Notes::Denied => return Ok(Noted::Unreadable(self.place.display().to_string())),
            Notes::Open(dir) => dir,
        };
        let file = file(pki_dir, id);
        let unreadable = || Noted::Unreadable(dir.path_of(&file).display().to_string());
        match dir.read(&file, LONGEST) {
            Ok(None) => Ok(Noted::Nothing),
            Ok(Some(bytes)) => {
                Ok(serde_json::from_slice(&bytes).map_or_else(|_| unreadable(), Noted::Accepted))
            }
            Err(error) if error.kind() == Kind::PermissionDenied => Ok(unreadable()),
            Err(error) => Err(error),
        }
    }

    /// Notes `accepted`, in place of what was noted of that id.
    pub(in crate::drivers) fn note(&self, accepted: &AcceptedKey) -> Result<()> {
        let key = &accepted.key;
        let text = serde_json::to_vec(accepted).unwrap_or_default();
        let name = file(&key.pki_dir, &key.id);
        if let Notes::Open(dir) = &self.notes {
            return dir.replace(&name, &text, 0o600);
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.place)
            .map_err(|error| io_error("make the state directory", &self.place, &error))?;
        ConfinedDir::open(&self.place)?.replace(&name, &text, 0o600)
    }

    /// Removes what is noted of the key that `id` has in `pki_dir`.
    pub(in crate::drivers) fn forget(&self, pki_dir: &str, id: &str) -> Result<()> {
        // looked at anew: the folder may have been made by a note since
        match ConfinedDir::open(&self.place) {
            Ok(dir) => dir.remove(&file(pki_dir, id)).map(|_| ()),
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The keys that belong to servers on `host`.
    pub(in crate::drivers) fn on(&self, host: &HostId) -> Result<Vec<MinionKey>> {
        if !matches!(self.notes, Notes::Open(_)) {
            return Ok(Vec::new());
        }
        let entries =
            fs::read_dir(&self.place).map_err(|error| io_error("read", &self.place, &error))?;
        let notes = entries
            .flatten()
            .filter_map(|entry| plain_file::read(&entry.path(), LONGEST).ok())
            .filter_map(|bytes| serde_json::from_slice::<AcceptedKey>(&bytes).ok());
        Ok(notes
            .filter(|note| host.is(&note.host))
            .map(|note| note.key)
            .collect())
    }
}

/// The file of a note: an id may be as long as a file's name, and two masters may have the same id.
fn file(pki_dir: &str, id: &str) -> String {
    let digest = hex::encode(Sha256::digest(format!("{pki_dir}\0{id}")));
    format!("{}.json", &digest[..32])
}
