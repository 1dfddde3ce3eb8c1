//! Notes on this machine of what no host says: whose the keys are that were accepted, what salt-cloud has made.
//!
//! Whoever can write a server's metadata can write anything there. A note is out of their reach.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind::{NotFound, PermissionDenied};
use std::marker::PhantomData;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::retry_on_intr;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::confined_dir::ConfinedDir;
use crate::error::io_error;
use crate::plain_file;
use crate::transaction::HostId;
use crate::units::KIB;
use crate::{Kind, Result};

/// Far more than a note takes.
const LONGEST: u64 = 64 * KIB;

/// Something that is noted.
pub(in crate::drivers) trait Note: Serialize + DeserializeOwned {
    /// The notes' folder in a state directory.
    const FOLDER: &str;

    /// What tells it from all others in the folder.
    fn about(&self) -> String;

    /// The host that it is about.
    fn host(&self) -> &HostId;
}

/// What is noted of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers) enum Noted<T> {
    Nothing,
    This(T),
    /// There is a note that says nothing any more; where it is.
    Unreadable(String),
}

/// The notes of a state directory.
#[derive(Debug)]
pub(in crate::drivers) struct Notes<T> {
    place: PathBuf,
    of: PhantomData<T>,
}

impl<T: Note> Notes<T> {
    /// The notes below `state_dir`, whose folder is made with the first of them.
    pub(in crate::drivers) fn below(state_dir: &Path) -> Self {
        Self {
            place: state_dir.join(T::FOLDER),
            of: PhantomData,
        }
    }

    /// The folder; none where nobody has noted anything yet. It is looked at anew each time: another may
    /// have made it since.
    fn dir(&self) -> Result<Option<ConfinedDir>> {
        match ConfinedDir::open(&self.place) {
            Ok(dir) => Ok(Some(dir)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is noted about `about`.
    pub(in crate::drivers) fn of(&self, about: &str) -> Result<Noted<T>> {
        let file = file(about);
        let unreadable = |place: &Path| Ok(Noted::Unreadable(place.display().to_string()));
        let dir = match self.dir() {
            Ok(Some(dir)) => dir,
            Ok(None) => return Ok(Noted::Nothing),
            // they are another user's
            Err(error) if error.kind() == Kind::PermissionDenied => return unreadable(&self.place),
            Err(error) => return Err(error),
        };
        match dir.read(&file, LONGEST) {
            Ok(None) => Ok(Noted::Nothing),
            Ok(Some(bytes)) => serde_json::from_slice(&bytes)
                .map(Noted::This)
                .or_else(|_| unreadable(&dir.path_of(&file))),
            Err(error) if error.kind() == Kind::PermissionDenied => unreadable(&dir.path_of(&file)),
            Err(error) => Err(error),
        }
    }

    /// Notes `one`, in place of what was noted about the same.
    pub(in crate::drivers) fn note(&self, one: &T) -> Result<()> {
        let text = serde_json::to_vec(one).unwrap_or_default();
        self.make_folder()?;
        ConfinedDir::open(&self.place)?.replace(&file(&one.about()), &text, 0o600)
    }

    /// Makes the folder, where nobody has noted anything yet.
    pub(in crate::drivers) fn make_folder(&self) -> Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.place)
            .map_err(|error| io_error("make the state directory", &self.place, &error))
    }

    /// Has all others wait who ask for this as well, for as long as the answer lives: what is read and changed
    /// meanwhile belongs together. None where there are no notes, or they are another user's.
    pub(in crate::drivers) fn alone(&self) -> Result<Option<OwnedFd>> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(folder) = rustix::fs::open(&self.place, flags, Mode::empty()) else {
            return Ok(None);
        };
        retry_on_intr(|| flock(&folder, FlockOperation::LockExclusive))
            .map_err(|error| io_error("lock", &self.place, &error.into()))?;
        Ok(Some(folder))
    }

    /// Removes what is noted about `about`.
    pub(in crate::drivers) fn forget(&self, about: &str) -> Result<()> {
        let dir = self.dir()?;
        dir.map_or(Ok(()), |dir| dir.remove(&file(about)).map(|_| ()))
    }

    /// All that is noted about `host`; what cannot be read is passed over.
    pub(in crate::drivers) fn on(&self, host: &HostId) -> Result<Vec<T>> {
        let entries = match fs::read_dir(&self.place) {
            Ok(entries) => entries,
            // there are none, or they are another user's
            Err(error) if matches!(error.kind(), NotFound | PermissionDenied) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(io_error("read", &self.place, &error)),
        };
        let notes = entries
            .flatten()
            .filter_map(|entry| plain_file::read(&entry.path(), LONGEST).ok())
            .filter_map(|bytes| serde_json::from_slice::<T>(&bytes).ok());
        Ok(notes.filter(|note| host.is(note.host())).collect())
    }
}

/// The file of a note: what it is about may be as long as a file's name.
fn file(about: &str) -> String {
    let digest = hex::encode(Sha256::digest(about));
    format!("{}.json", &digest[..32])
}
