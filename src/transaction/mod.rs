//! Do and undo.
//!
//! A [`Transaction`] writes down what a step is about to make before the step makes it; when a
//! later step fails, what was made is removed in reverse order, all of it, and what could not be
//! removed is reported. What is written down is also on disk, in a [`Journal`], so that a program
//! that was killed does not take the knowledge with it: [`Journal::abandoned`] finds the journals
//! whose program is gone.

mod cancel;
mod journal;

pub use cancel::Cancel;
pub use journal::{Abandoned, Journal};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Kind, LeftBehind, Result};

/// Something that a step makes and that can be removed again, by an id that nothing else has.
pub trait Resource: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What it is: `volume`, `domain`, `minion_key` …
    fn kind(&self) -> &'static str;
    /// Where it is, so that a person or a program finds it.
    fn name(&self) -> String;
}

/// What a running creation has made so far.
#[derive(Debug)]
pub struct Transaction<R: Resource> {
    journal: Journal,
    made: Vec<R>,
}

impl<R: Resource> Transaction<R> {
    /// Begins with an empty `journal`.
    #[must_use]
    pub fn begin(journal: Journal) -> Self {
        Self {
            journal,
            made: Vec::new(),
        }
    }

    /// Writes down that `resource` is about to be made.
    pub fn record(&mut self, resource: R) -> Result<()> {
        self.journal.append(&resource)?;
        self.made.push(resource);
        Ok(())
    }

    /// Writes down that all of `resources` are about to go, in one piece.
    pub fn record_all(&mut self, resources: Vec<R>) -> Result<()> {
        self.journal.append_all(&resources)?;
        self.made.extend(resources);
        Ok(())
    }

    /// Takes `resource` back: the step that was to make it is known not to have made it.
    pub fn forget(&mut self, resource: &R) -> Result<()> {
        self.made.retain(|made| made != resource);
        self.journal.rewrite(&self.made)
    }

    /// What was written down so far, in order.
    #[must_use]
    pub fn made(&self) -> &[R] {
        &self.made
    }

    /// It is done and stays.
    pub fn commit(self) -> Result<()> {
        self.journal.close()
    }

    /// What was written down is to go: removes everything in reverse order with `undo` and answers
    /// what was removed and what was not. The journal stays if anything is left.
    pub fn unmake(
        mut self,
        undo: impl FnMut(&R) -> Result<()>,
    ) -> Result<(Vec<R>, Vec<LeftBehind>)> {
        let all = self.made.clone();
        let left = undo_all(&mut self.made, undo);
        if left.is_empty() {
            self.journal.close()?;
        } else {
            self.journal.rewrite(&self.made)?;
        }
        let is_gone = |resource: &R| !self.made.contains(resource);
        Ok((all.into_iter().filter(is_gone).collect(), left))
    }

    /// It failed with `cause`: removes everything in reverse order with `undo` and answers `cause`,
    /// with what could not be removed. The journal stays if anything did.
    pub fn roll_back(mut self, cause: Error, undo: impl FnMut(&R) -> Result<()>) -> Error {
        let left = undo_all(&mut self.made, undo);
        let closed = if left.is_empty() {
            self.journal.close()
        } else {
            self.journal.rewrite(&self.made)
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "the journal of a creation that was undone stays");
        }
        with_left_behind(cause, left)
    }
}

/// Removes `made` in reverse order, all of it. What could not be removed stays in `made` and is
/// answered.
pub fn undo_all<R: Resource>(
    made: &mut Vec<R>,
    mut undo: impl FnMut(&R) -> Result<()>,
) -> Vec<LeftBehind> {
    let mut left = Vec::new();
    let mut kept = Vec::new();
    for resource in made.drain(..).rev() {
        match undo(&resource) {
            Ok(()) => tracing::debug!(kind = resource.kind(), name = %resource.name(), "undone"),
            Err(error) => {
                left.push(LeftBehind {
                    resource: resource.kind().to_owned(),
                    name: resource.name(),
                    reason: error.message().to_owned(),
                });
                kept.push(resource);
            }
        }
    }
    kept.reverse();
    *made = kept;
    left
}

/// `cause` as a caller should see it: a failure that left something behind says so in its kind.
fn with_left_behind(cause: Error, left: Vec<LeftBehind>) -> Error {
    if left.is_empty() {
        return match cause.kind() {
            Kind::Cancelled => {
                cause.with_message("interrupted; what was made has been removed again")
            }
            _ => cause,
        };
    }
    let names: Vec<_> = left
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
    error.with_left_behind(left)
}

#[cfg(test)]
mod tests;
