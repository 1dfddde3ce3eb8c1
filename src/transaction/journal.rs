//! What a transaction has written down, on disk.
//!
//! A journal is a file of JSON lines in the state directory: first a header that tells which host
//! it is about, then a line for each resource. The program that writes it holds a lock on it, so
//! that a journal without a lock is one whose program is gone. It holds no secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::survey::{Found, Header, Leftover, Problem, glance, look};
use super::{HostId, Removal, Resource, Transaction, Undone};
use crate::error::io_error;
use crate::{Error, Kind, Result};

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    header: Header,
}

/// What programs that are gone have left in a journals' folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leftovers {
    /// What they were making.
    pub unfinished: Vec<Unfinished>,
    /// Journals that no program can take up by itself.
    pub problems: Vec<Problem>,
}

/// What a program that is gone was making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// What it is, for people.
    pub subject: String,
    /// The host that it is on, as it was reached.
    pub host: String,
}

/// A journal whose program is gone. It is locked while this value lives.
#[derive(Debug)]
pub(crate) struct Abandoned<R> {
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
    pub(crate) fn create(state_dir: &Path, host: &HostId, subject: &str) -> Result<Self> {
        let dir = directory(state_dir)?;
        let (path, file) = loop {
            let made = new_file(&dir)?;
            // Who clears away what nobody writes to may have come between the making and the lock.
            if made.1.metadata().is_ok_and(|about| about.nlink() > 0) {
                break made;
            }
        };
        let header = Header::new(host, subject);
        Ok(Self { path, file, header })
    }

    /// The only journal below `state_dir` about `subject` on `host`; none while another call, or what it has
    /// started, is at it. Of one that was cut off [`Journal::abandoned`] knows.
    pub(crate) fn sole(state_dir: &Path, host: &HostId, subject: &str) -> Result<Option<Self>> {
        let header = Header::new(host, subject);
        let name = hex::encode(Sha256::digest(format!("{}\0{subject}", host.identity())));
        let path = directory(state_dir)?.join(format!("{}.jsonl", &name[..32]));
        let failed = |error: std::io::Error| io_error("open the journal", &path, &error);
        let file = options().create(true).open(&path).map_err(failed)?;
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
        // whoever had it may have removed it
        let about = file.metadata().map_err(failed)?;
        if !locked || about.nlink() == 0 {
            return Ok(None);
        }
        if about.len() > 0 {
            let message = format!("what was cut off of {subject} is still to be recovered");
            return Err(Error::new(Kind::Conflict, message).with_retryable(true));
        }
        Ok(Some(Self { path, file, header }))
    }

    /// What keeps it locked, for a child that is at the same work.
    pub(super) fn lock(&self) -> Result<File> {
        let file = self.file.try_clone();
        file.map_err(|error| io_error("open the journal", &self.path, &error))
    }

    /// Whether there is any journal below `state_dir`.
    pub(crate) fn is_there_any(state_dir: &Path) -> Result<bool> {
        Ok(!paths(&directory(state_dir)?)?.is_empty())
    }

    /// The journals below `state_dir` about `host` whose program is gone. Those that cannot be told
    /// from it are warned of; those that hold nothing are cleared away.
    pub(crate) fn abandoned<R: Resource>(
        state_dir: &Path,
        host: &HostId,
    ) -> Result<Vec<Abandoned<R>>> {
        let mut found = Vec::new();
        for path in paths(&directory(state_dir)?)? {
            let problem = match look(&path) {
                Found::Nothing => continue,
                Found::Leftover(leftover) if !host.is(&leftover.header.host) => continue,
                Found::Leftover(leftover) => match Abandoned::read(path, leftover) {
                    Ok(abandoned) => {
                        found.push(abandoned);
                        continue;
                    }
                    Err(problem) => problem,
                },
                Found::Problem(problem) => problem,
            };
            tracing::warn!(journal = %problem.path.display(), "{}; {}", problem.why, problem.way_out);
        }
        Ok(found)
    }

    /// What lies below `state_dir` about any host, for people.
    pub(crate) fn leftovers(state_dir: &Path) -> Result<Leftovers> {
        let mut leftovers = Leftovers::default();
        let dir = state_dir.join(Self::FOLDER);
        for path in if dir.exists() {
            paths(&dir)?
        } else {
            Vec::new()
        } {
            match look(&path) {
                Found::Nothing => {}
                Found::Leftover(Leftover { header, .. }) => leftovers.unfinished.push(Unfinished {
                    subject: header.subject,
                    host: header.host.shown().to_owned(),
                }),
                Found::Problem(problem) => leftovers.problems.push(problem),
            }
        }
        Ok(leftovers)
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
        let header = line(&self.header)?;
        self.file
            .stream_position()
            .and_then(|at| match at {
                0 => self.file.write_all(&[&header, text].concat()),
                _ => self.file.write_all(text),
            })
            .and_then(|()| self.file.sync_data())
            .map_err(|error| io_error("write the journal", &self.path, &error))
    }

    /// Replaces the entries by `entries`, which are a part of them. At no moment is one of these not
    /// there; a program that is killed on the way leaves empty lines behind them.
    pub(super) fn rewrite<R: Resource>(&mut self, entries: &[R]) -> Result<()> {
        let mut text = line(&self.header)?;
        text.extend(lines(entries)?);
        let length = text.len();
        self.file
            .seek(SeekFrom::End(0))
            .and_then(|before| {
                text.resize(length.max(usize::try_from(before).unwrap_or(0)), b'\n');
                self.file.rewind()?;
                self.file.write_all(&text)
            })
            .and_then(|()| self.file.set_len(length as u64))
            .and_then(|()| self.file.seek(SeekFrom::End(0)))
            .and_then(|_| self.file.sync_data())
            .map_err(|error| io_error("rewrite the journal", &self.path, &error))
    }

    /// Ends the journal: nothing of it is needed any more. It is emptied before it is removed, so
    /// that a file that cannot be removed does not speak of what stands.
    pub(crate) fn close(self) -> Result<()> {
        self.file
            .set_len(0)
            .and_then(|()| fs::remove_file(&self.path))
            .map_err(|error| io_error("remove the journal", &self.path, &error))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // for what a child has started that still holds it, too
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl<R: Resource> Abandoned<R> {
    /// A journal with an entry that cannot be read is left alone as a whole: what it names would be
    /// forgotten with it.
    fn read(path: PathBuf, leftover: Leftover) -> std::result::Result<Self, Problem> {
        let Leftover {
            header,
            entries,
            file,
        } = leftover;
        let resources = entries
            .iter()
            .map(|line| serde_json::from_str(line))
            .collect();
        match resources {
            Ok(resources) => Ok(Self {
                subject: header.subject.clone(),
                resources,
                journal: Journal { path, file, header },
            }),
            Err(error) => Err(Problem::unknown_entry(path, &header, &error)),
        }
    }

    /// Removes what it names with `undo`; answers what became of it.
    pub(crate) fn undo(self, undo: impl FnMut(&R) -> Result<Removal>) -> Result<Undone<R>> {
        let made = self.resources;
        let journal = self.journal;
        Transaction { journal, made }.unmake(undo)
    }
}

/// Whatever the journals below `state_dir` name, whether their programs are at work or gone: it is
/// being made or removed, or will be taken up.
pub(crate) fn journaled<R: Resource>(state_dir: &Path) -> Result<Vec<R>> {
    let texts = paths(&directory(state_dir)?)?;
    let texts = texts.iter().filter_map(|path| glance(path));
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

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// A new file in `dir`, locked.
fn new_file(dir: &Path) -> Result<(PathBuf, File)> {
    let path = dir.join(format!("{}.jsonl", uuid::Uuid::new_v4()));
    let file = options()
        .create_new(true)
        .open(&path)
        .map_err(|error| io_error("create the journal", &path, &error))?;
    // not refused: who looks for abandoned journals holds this one for a moment
    flock(&file, FlockOperation::LockExclusive)
        .map_err(|error| io_error("lock the journal", &path, &error.into()))?;
    Ok((path, file))
}

/// What is called a journal in `dir`.
fn paths(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|error| io_error("read", dir, &error))?;
    Ok(entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect())
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
