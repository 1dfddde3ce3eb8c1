//! What became of things that were to be removed.

use super::Resource;
use crate::{LeftBehind, Result};

/// What became of something that was to be removed. An error is one that must still be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It was there, and this has removed it.
    Gone,
    /// It was not there.
    Absent,
    /// It is there and stays on purpose; why: it is somebody else's, or cannot be told from such.
    Kept(String),
}

impl Removal {
    /// What was there and is gone, or was not there.
    #[must_use]
    pub(crate) fn of(was_there: bool) -> Self {
        if was_there { Self::Gone } else { Self::Absent }
    }
}

/// What became of many.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undone<R> {
    /// What was there and is gone.
    pub removed: Vec<R>,
    /// What stays on purpose.
    pub left: Vec<LeftBehind>,
    /// What must still be removed.
    pub left_behind: Vec<LeftBehind>,
}

impl<R: Resource> Undone<R> {
    /// Removes `made` in reverse order, all of it; what must still be removed stays in `made`.
    pub(super) fn of(made: &mut Vec<R>, mut undo: impl FnMut(&R) -> Result<Removal>) -> Self {
        let (mut removed, mut left, mut left_behind) = (Vec::new(), Vec::new(), Vec::new());
        let mut remaining = Vec::new();
        for resource in made.drain(..).rev() {
            match undo(&resource) {
                Ok(Removal::Gone) => {
                    tracing::info!("removed {} {}", resource.kind(), resource.name());
                    removed.push(resource);
                }
                Ok(Removal::Absent) => {}
                Ok(Removal::Kept(why)) => {
                    tracing::warn!(kind = resource.kind(), name = %resource.name(), "it stays: {why}");
                    left.push(named(&resource, why));
                }
                Err(error) => {
                    left_behind.push(named(&resource, error.message()));
                    remaining.push(resource);
                }
            }
        }
        remaining.reverse();
        *made = remaining;
        Self {
            removed,
            left,
            left_behind,
        }
    }
}

/// `resource` by its name, and why it is still there.
pub(crate) fn named(resource: &impl Resource, why: impl Into<String>) -> LeftBehind {
    LeftBehind {
        resource: resource.kind().to_owned(),
        name: resource.name(),
        reason: why.into(),
    }
}
