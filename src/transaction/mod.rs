//! Do and undo.
//!
//! A [`Transaction`] writes down what a step is about to make before the step makes it; when a
//! later step fails, what was made is removed in reverse order, all of it, and what could not be
//! removed is reported. What is written down is also on disk, in a [`Journal`], so that a program
//! that was killed does not take the knowledge with it: [`Journal::abandoned`] finds the journals
//! whose program is gone.
//!
//! | file | concern |
//! |---|---|
//! | `journal` | what is written down, on disk, and found again |
//! | `removal` | what has become of a thing that was to be removed |
//! | `survey` | all journals of a state directory, and what is wrong with some |
//! | `host_id` | which host a journal is about |
//! | `cancel` | the wish that a call ends early |

mod cancel;
mod host_id;
mod journal;
mod removal;
mod survey;

pub use cancel::Cancel;
pub(crate) use host_id::HostId;
#[cfg(test)]
pub(crate) use journal::Unfinished;
pub(crate) use journal::{Abandoned, Journal, Leftovers, journaled};
pub(crate) use removal::{Removal, Undone, named};
#[cfg(test)]
pub(crate) use survey::Problem;

use std::fs::File;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Kind, Result};

/// Something that a step makes and that can be removed again, by an id that nothing else has.
pub(crate) trait Resource: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What it is: `volume`, `domain`, `minion_key` …
    fn kind(&self) -> &'static str;
    /// Where it is, so that a person or a program finds it.
    fn name(&self) -> String;
}

/// What a running creation has made so far.
#[derive(Debug)]
pub(crate) struct Transaction<R: Resource> {
    journal: Journal,
    made: Vec<R>,
}

impl<R: Resource> Transaction<R> {
    /// Begins with an empty `journal`.
    #[must_use]
    pub(crate) fn begin(journal: Journal) -> Self {
        Self {
            journal,
            made: Vec::new(),
        }
    }

    /// Writes down that `resource` is about to be made.
    pub(crate) fn record(&mut self, resource: R) -> Result<()> {
        self.journal.append(&resource)?;
        tracing::info!("makes {} {}", resource.kind(), resource.name());
        self.made.push(resource);
        Ok(())
    }

    /// Writes down that all of `resources` are about to go, in one piece.
    pub(crate) fn record_all(&mut self, resources: Vec<R>) -> Result<()> {
        self.journal.append_all(&resources)?;
        self.made.extend(resources);
        Ok(())
    }

    /// Takes `resource` back: the step that was to make it is known not to have made it.
    pub(crate) fn forget(&mut self, resource: &R) -> Result<()> {
        self.made.retain(|made| made != resource);
        self.journal.rewrite(&self.made)
    }

    /// What keeps others from the journal, for a child that is at the same work.
    pub(crate) fn lock(&self) -> Result<File> {
        self.journal.lock()
    }

    /// What was written down so far, in order.
    #[must_use]
    pub(crate) fn made(&self) -> &[R] {
        &self.made
    }

    /// It is done and stays.
    pub(crate) fn commit(self) -> Result<()> {
        self.end()
    }

    /// The same, where it can still be rolled back if its journal cannot be ended: that would have what it made
    /// removed later, when others rely on it.
    pub(crate) fn end(&self) -> Result<()> {
        self.journal.close()
    }

    /// What was written down is to go: removes everything with `undo`, in reverse order, and answers
    /// what became of it. The journal stays if anything must still be removed.
    pub(crate) fn unmake(mut self, undo: impl FnMut(&R) -> Result<Removal>) -> Result<Undone<R>> {
        let undone = Undone::of(&mut self.made, undo);
        self.close(&undone)?;
        Ok(undone)
    }

    /// It failed with `cause`: removes everything with `undo`, in reverse order, and answers `cause`,
    /// with what is still there. The journal stays if any of it must still be removed.
    pub(crate) fn roll_back(
        mut self,
        cause: Error,
        undo: impl FnMut(&R) -> Result<Removal>,
    ) -> Error {
        let undone = Undone::of(&mut self.made, undo);
        if let Err(error) = self.close(&undone) {
            tracing::warn!(%error, "the journal of a creation that was undone stays");
        }
        with_left_behind(cause, undone)
    }

    fn close(mut self, undone: &Undone<R>) -> Result<()> {
        if undone.left_behind.is_empty() {
            return self.journal.close();
        }
        self.journal.rewrite(&self.made)
    }
}

/// `cause` as a caller should see it: a failure that left something behind says so in its kind.
fn with_left_behind<R>(cause: Error, undone: Undone<R>) -> Error {
    let Undone {
        mut left_behind,
        left,
        ..
    } = undone;
    if left_behind.is_empty() {
        let cause = match cause.kind() {
            Kind::Cancelled => {
                cause.with_message("interrupted; what was made has been removed again")
            }
            _ => cause,
        };
        return cause.with_left_behind(left);
    }
    left_behind.extend(left);
    let names: Vec<_> = left_behind
        .iter()
        .map(|l| format!("{} {}", l.resource, l.name))
        .collect();
    let message = format!(
        "{}; it could not be undone wholly, still there: {}",
        cause.message(),
        names.join(", ")
    );
    let kind = cause.kind();
    let mut error =
        Error::new(Kind::PartialFailure, message).with_source(format!("{kind}: {cause}"));
    for source in cause.sources() {
        error = error.with_source(source);
    }
    if let Some(field) = cause.field() {
        error = error.with_field(field);
    }
    error.with_left_behind(left_behind)
}

#[cfg(test)]
mod tests;
