//! What the files in the journals' folder are, before anybody believes them.
//!
//! The folder may be another user's (Salt's, where root runs the program), so a file in it may be
//! anything: it is opened without following a link and without waiting, and read up to a limit.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};

use super::HostId;

/// The most that is read of a journal: those of creations have a few kilobytes.
const LARGEST: u64 = 16 << 20;

/// The first line. Programs before this one wrote `host` and `subject` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(flatten)]
    pub(super) host: HostId,
    /// What is being made, for people.
    pub(super) subject: String,
    /// The program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

impl Header {
    pub(super) fn new(host: &HostId, subject: &str) -> Self {
        Self {
            host: host.clone(),
            subject: subject.to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }
    }
}

/// A journal that no program can take up by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
    /// What a person does about it.
    pub way_out: String,
}

impl Problem {
    fn new(path: &Path, why: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            why: why.into(),
            way_out: way_out.into(),
        }
    }

    /// A journal with `header` of which an entry cannot be read.
    pub(super) fn unknown_entry(path: PathBuf, header: &Header, error: &serde_json::Error) -> Self {
        let subject = &header.subject;
        Self {
            path,
            why: format!(
                "the journal of {subject} names something that is not known here: {error}"
            ),
            way_out: "recover with the version of va-driver that wrote it; its header tells which"
                .to_owned(),
        }
    }
}

/// What is at a path.
pub(super) enum Found {
    /// No journal any more, one whose program is at work, or one that held nothing and is gone now.
    Nothing,
    /// A journal whose program is gone.
    Leftover(Leftover),
    /// Something that is not believed.
    Problem(Problem),
}

/// A journal whose program is gone, locked.
pub(super) struct Leftover {
    pub(super) header: Header,
    /// The lines that are whole. One that was cut off in the middle belongs to a step that had not
    /// begun, and empty ones are what a shortening leaves.
    pub(super) entries: Vec<String>,
    pub(super) file: File,
}

/// Looks at `path`.
pub(super) fn look(path: &Path) -> Found {
    match open(path) {
        Ok(Some(file)) => read(path, file),
        Ok(None) => Found::Nothing,
        Err(problem) => Found::Problem(problem),
    }
}

/// The file at `path`; none where there is none any more.
fn open(path: &Path) -> Result<Option<File>, Problem> {
    let delete = "no program makes such a thing; delete it";
    let failed = |error: &io::Error| {
        let owner = fs::symlink_metadata(path).map_or(0, |about| about.uid());
        if error.kind() == io::ErrorKind::PermissionDenied {
            return Problem::new(
                path,
                format!("the journal is another user's (uid {owner}) and cannot be read"),
                "va-driver server recover, run as that user or as root, takes it up",
            );
        }
        Problem::new(
            path,
            format!("the journal cannot be opened: {error}"),
            "look at it",
        )
    };
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    if !about.is_file() {
        return Err(Problem::new(path, "the journal is no plain file", delete));
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    match opened {
        Ok(file) if file.metadata().is_ok_and(|about| about.is_file()) => Ok(Some(file)),
        Ok(_) => Err(Problem::new(path, "the journal is no plain file", delete)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

/// The text at `path`, whoever is at work on it; none where it is not to be believed.
pub(super) fn glance(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = open(path).ok()??;
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The header of the journal at `path`, where a program is at work on it: making what it names, or removing
/// what another one has left.
pub(super) fn in_hand(path: &Path) -> Option<Header> {
    let mut file = open(path).ok()??;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
        return None;
    }
    let mut text = String::new();
    (&mut file).take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(text.lines().next()?).ok()
}

/// What `file` is, which is at `path`.
fn read(path: &Path, mut file: File) -> Found {
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Found::Nothing; // its program is at work
    }
    if !file.metadata().is_ok_and(|about| about.nlink() > 0) {
        return Found::Nothing; // closed between our opening and our lock
    }
    let problem = |why: String, way_out: &str| Found::Problem(Problem::new(path, why, way_out));
    let look_at_it = "look at it, remove from the host what it names, and delete it";
    let mut text = String::new();
    match (&mut file).take(LARGEST + 1).read_to_string(&mut text) {
        Ok(read) if read as u64 > LARGEST => {
            return problem("the journal is too large to be one".to_owned(), look_at_it);
        }
        Ok(_) => {}
        Err(error) => return problem(format!("the journal cannot be read: {error}"), look_at_it),
    }
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = whole.lines();
    let Some(header) = lines.next() else {
        // Its program had not come to name anything, or was done with it.
        if let Err(error) = fs::remove_file(path) {
            tracing::debug!(%error, journal = %path.display(), "an empty journal stays");
        }
        return Found::Nothing;
    };
    let header: Header = match serde_json::from_str(header) {
        Ok(header) => header,
        Err(error) => {
            let why = format!("the journal does not begin as one: {error}");
            return problem(why, look_at_it);
        }
    };
    match &header.version {
        Some(version) if is_later(version) => problem(
            format!(
                "the journal of {} was written by va-driver {version}, which is later than this one",
                header.subject
            ),
            "recover with that version",
        ),
        _ => Found::Leftover(Leftover {
            entries: lines
                .filter(|line| !line.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
            header,
            file,
        }),
    }
}

/// Whether `version` is later than this program's; one that cannot be told is.
fn is_later(version: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        let plain = text.split(['-', '+']).next().unwrap_or(text);
        plain.split('.').map(|number| number.parse().ok()).collect()
    };
    let theirs = numbers(version);
    theirs.is_none() || theirs > numbers(env!("CARGO_PKG_VERSION"))
}
