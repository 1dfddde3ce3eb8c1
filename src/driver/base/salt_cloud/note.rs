//! What is known of a server that was made here; one call at a time for each.
//!
//! A note is written before salt-cloud is told to make anything. salt-cloud and all that it starts hold
//! the lock on it too: while any of them is at work, nobody takes the server for one that was cut off.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Host;
use crate::concurrent::{Backoff, Look, wait_until};
use crate::error::io_error;
use crate::plain_file;
use crate::{Error, Kind, Result};

const FOLDER: &str = "salt-cloud";
const LONGEST: u64 = 1 << 20;
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_millis(500),
};

/// A server that was made here, or is about to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) driver: String,
    pub(super) provider: String,
    pub(super) name: String,
    /// By which the same request is known again.
    pub(super) digest: String,
    /// Whether it was made wholly; else it was cut off.
    pub(super) whole: bool,
    /// By what the host knows it: what a creation calls it is not always what a list does.
    pub(super) ids: Vec<String>,
    pub(super) minion_id: Option<String>,
    /// Its minion's key, where it was accepted with it.
    pub(super) key: Option<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) pki_dir: PathBuf,
    pub(super) id: String,
    pub(super) fingerprint: String,
}

/// The note of a server, locked.
#[derive(Debug)]
pub(super) struct Note {
    path: PathBuf,
    file: File,
    pub(super) made: Option<Made>,
}

impl Note {
    /// The note of the server `name`, waited for as long as another call has it, up to `limit`.
    pub(super) fn of(host: &Host<'_>, name: &str, limit: Duration) -> Result<Self> {
        let about = format!(
            "{}\0{}\0{name}",
            host.driver_id, host.provider.provider_name
        );
        let file = format!("{}.json", &hex::encode(Sha256::digest(about))[..32]);
        let path = folder(&host.cx.state_dir)?.join(file);
        let what = format!("another call about {name}");
        let cancel = Some(&host.cx.cancel);
        let found = wait_until(cancel, limit, LOOK_AGAIN, &what, |_| {
            Ok(Self::locked(&path, true)?.map_or(Look::NotYet(()), Look::There))
        })?;
        match found {
            Look::There(note) => Ok(note),
            Look::NotYet(()) => {
                let message = format!("{name} is being created or deleted by another call");
                let error = Error::new(Kind::Conflict, message).with_retryable(true);
                Err(error.with_field("/server/server_name"))
            }
        }
    }

    /// What is noted of the servers of `host` that no call is at.
    pub(super) fn all(host: &Host<'_>) -> Result<Vec<Self>> {
        let mut notes = Vec::new();
        let entries = fs::read_dir(host.cx.state_dir.join(FOLDER))
            .into_iter()
            .flatten();
        for entry in entries.flatten() {
            let note = Self::locked(&entry.path(), false)?;
            notes.extend(
                note.filter(|note| note.made.as_ref().is_some_and(|made| is_of(made, host))),
            );
        }
        Ok(notes)
    }

    fn locked(path: &Path, create: bool) -> Result<Option<Self>> {
        let failed = |error: std::io::Error| io_error("open the note", path, &error);
        let mut options = OpenOptions::new();
        let opened = options
            .read(true)
            .write(true)
            .create(create)
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(path);
        let file = match opened {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
        // whoever had it may have removed it
        if !locked || file.metadata().map_err(failed)?.nlink() == 0 {
            return Ok(None);
        }
        let mut text = Vec::new();
        (&file)
            .take(LONGEST)
            .read_to_end(&mut text)
            .map_err(failed)?;
        let made = if text.is_empty() {
            None
        } else {
            let read = serde_json::from_slice(&text).map_err(|error| {
                let message = format!("the note {} cannot be read: {error}", path.display());
                Error::new(Kind::Conflict, message)
            });
            Some(read?)
        };
        Ok(Some(Self {
            path: path.to_owned(),
            file,
            made,
        }))
    }

    /// Writes down what is known now.
    pub(super) fn write(&mut self, made: Made) -> Result<()> {
        let text = serde_json::to_vec(&made).unwrap_or_default();
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(&text))
            .and_then(|()| self.file.sync_data());
        self.made = Some(made);
        written.map_err(|error| io_error("write the note", &self.path, &error))
    }

    /// There is nothing to be known any more.
    pub(super) fn forget(&mut self) {
        self.made = None;
    }

    /// What keeps it locked, for a child.
    pub(super) fn lock(&self) -> Result<File> {
        let file = self.file.try_clone();
        file.map_err(|error| io_error("open the note", &self.path, &error))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if self.made.is_none() {
            let _ = fs::remove_file(&self.path);
        }
        // for whoever of a child's has left its group and still holds it, too
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn folder(state_dir: &Path) -> Result<PathBuf> {
    let dir = state_dir.join(FOLDER);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .map_err(|error| io_error("make the state directory", &dir, &error))?;
    Ok(dir)
}

fn is_of(made: &Made, host: &Host<'_>) -> bool {
    made.driver == host.driver_id && made.provider == host.provider.provider_name
}

/// What is noted of the servers of `host`, as it is at this moment.
pub(super) fn known(host: &Host<'_>) -> Vec<Made> {
    let entries = fs::read_dir(host.cx.state_dir.join(FOLDER))
        .into_iter()
        .flatten();
    let notes = entries.flatten().filter_map(|entry| {
        let text = plain_file::read(&entry.path(), LONGEST).ok()?;
        serde_json::from_slice(&text).ok()
    });
    notes.filter(|made| is_of(made, host)).collect()
}
