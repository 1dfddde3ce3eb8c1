//! What a transaction has written down, on disk.
//!
//! A journal is a file of JSON lines in the state directory: first a header that tells which host
//! it is about, then a line for each resource. The program that writes it holds a lock on it, so
//! that a journal without a lock is one whose program is gone. It holds no secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::{Removal, Resource, Transaction, Undone};
use crate::error::io_error;
use crate::{Error, Kind, Result};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    /// The host, as the driver identifies it.
    host: String,
    /// What is being made, for people.
    subject: String,
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    header: Header,
}

/// A journal whose program is gone. It is locked while this value lives.
#[derive(Debug)]
pub struct Abandoned<R> {
    /// What was being made.
    pub subject: String,
    /// What was written down, in order.
    pub resources: Vec<R>,
    journal: Journal,
}

impl Journal {
    /// The journals' folder in a state directory.
    pub(crate) const FOLDER: &str = "journal";

    /// Opens a new journal below `state_dir` about `subject` on `host`.
    pub fn create(state_dir: &Path, host: &str, subject: &str) -> Result<Self> {
        let dir = directory(state_dir)?;
        let path = dir.join(format!("{}.jsonl", uuid::Uuid::new_v4()));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| io_error("create the journal", &path, &error))?;
        // not refused: who looks for abandoned journals holds this one for a moment
        flock(&file, FlockOperation::LockExclusive)
            .map_err(|error| io_error("lock the journal", &path, &error.into()))?;
        let header = Header {
            host: host.to_owned(),
            subject: subject.to_owned(),
        };
        let mut journal = Self { path, file, header };
        let header = journal.header.clone();
        journal.append(&header)?;
        Ok(journal)
    }

    /// The journals below `state_dir` about `host` whose program is gone.
    pub fn abandoned<R: Resource>(state_dir: &Path, host: &str) -> Result<Vec<Abandoned<R>>> {
        let dir = directory(state_dir)?;
        let entries = fs::read_dir(&dir).map_err(|error| io_error("read", &dir, &error))?;
        let mut found = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                found.extend(open_abandoned(path, host));
            }
        }
        Ok(found)
    }

    /// Adds a line, and sees that it is on the disk before it returns.
    pub(super) fn append(&mut self, entry: &impl Serialize) -> Result<()> {
        self.write(&line(entry)?)
    }

    /// Adds all of `entries` at once: a program that is killed leaves all of them or none.
    pub(super) fn append_all(&mut self, entries: &[impl Serialize]) -> Result<()> {
        self.write(&lines(entries)?)
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        self.file
            .write_all(text)
            .and_then(|()| self.file.sync_data())
            .map_err(|error| io_error("write the journal", &self.path, &error))
    }

    /// Replaces the entries by `entries`, which are a part of them. At no moment is one of these not
    /// there; a program that is killed on the way may leave more.
    pub(super) fn rewrite<R: Resource>(&mut self, entries: &[R]) -> Result<()> {
        let mut text = line(&self.header)?;
        text.extend(lines(entries)?);
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&text))
            .and_then(|()| self.file.set_len(text.len() as u64))
            .and_then(|()| self.file.sync_data())
            .map_err(|error| io_error("rewrite the journal", &self.path, &error))
    }

    /// Ends the journal: nothing of it is needed any more. It is emptied before it is removed, so
    /// that a file that cannot be removed does not speak of what stands.
    pub(super) fn close(self) -> Result<()> {
        self.file
            .set_len(0)
            .and_then(|()| fs::remove_file(&self.path))
            .map_err(|error| io_error("remove the journal", &self.path, &error))
    }
}

impl<R: Resource> Abandoned<R> {
    /// Removes what it names with `undo`; answers what became of it.
    pub fn undo(self, undo: impl FnMut(&R) -> Result<Removal>) -> Result<Undone<R>> {
        let made = self.resources;
        let journal = self.journal;
        Transaction { journal, made }.unmake(undo)
    }
}

/// Whatever the journals below `state_dir` name, whether their programs are at work or gone: it is
/// being made or removed, or will be taken up.
pub fn journaled<R: Resource>(state_dir: &Path) -> Result<Vec<R>> {
    let dir = directory(state_dir)?;
    let entries = fs::read_dir(&dir).map_err(|error| io_error("read", &dir, &error))?;
    let texts = entries
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path()).ok());
    Ok(texts
        .flat_map(|text| {
            let resources = text.lines().map(serde_json::from_str);
            resources
                .filter_map(std::result::Result::ok)
                .collect::<Vec<R>>()
        })
        .collect())
}

/// `entry` as a line.
fn line(entry: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)
        .map_err(|error| Error::new(Kind::Internal, format!("journal entry: {error}")))?;
    line.push(b'\n');
    Ok(line)
}

fn lines(entries: &[impl Serialize]) -> Result<Vec<u8>> {
    let all: Result<Vec<_>> = entries.iter().map(line).collect();
    Ok(all?.concat())
}

fn open_abandoned<R: Resource>(path: PathBuf, host: &str) -> Option<Abandoned<R>> {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else {
        return None; // closed in the meantime, or another user's
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return None; // its program is at work
    }
    let mut lines = BufReader::new(&file).lines();
    let header: Option<Header> = lines
        .next()
        .and_then(std::result::Result::ok)
        .and_then(|line| serde_json::from_str(&line).ok());
    let header = header.filter(|header| header.host == host)?;
    // A line that was cut off in the middle belongs to a step that had not begun.
    let resources = lines
        .map_while(std::result::Result::ok)
        .map_while(|line| serde_json::from_str(&line).ok())
        .collect();
    if !path.exists() {
        return None; // closed between our opening and our lock
    }
    let subject = header.subject.clone();
    Some(Abandoned {
        subject,
        resources,
        journal: Journal { path, file, header },
    })
}

/// The journals' directory below `state_dir`, made if it is not there.
fn directory(state_dir: &Path) -> Result<PathBuf> {
    let dir = state_dir.join(Journal::FOLDER);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .map_err(|error| io_error("make the state directory", &dir, &error))?;
    Ok(dir)
}
