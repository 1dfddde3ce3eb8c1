//! What is answered of removals, by one rule: what is gone is removed, what stays on purpose is left,
//! what must still be removed is left behind.

use crate::driver::{Deleted, Removed};
use crate::transaction::{Removal, Resource, Undone, named};
use crate::{LeftBehind, Result};

/// What removals have come to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::drivers) struct Removals {
    /// What was there and is gone.
    pub(in crate::drivers) removed: Vec<Removed>,
    /// What stays on purpose.
    pub(in crate::drivers) left: Vec<LeftBehind>,
    /// What must still be removed.
    pub(in crate::drivers) left_behind: Vec<LeftBehind>,
}

impl Removals {
    /// The answer to a deletion that came to this: what happened, whether there was anything to delete, and
    /// whose minion's key went with it.
    pub(in crate::drivers) fn deleted(
        self,
        message: String,
        deleted: bool,
        minion_id: Option<String>,
    ) -> Deleted {
        Deleted {
            removed: self.removed,
            left: self.left,
            minion_id,
            ..Deleted::new(message, deleted)
        }
    }

    /// Adds what became of all that a transaction had written down.
    pub(in crate::drivers) fn add<R: Resource>(&mut self, undone: Undone<R>) {
        self.removed.extend(undone.removed.iter().map(removed));
        self.left.extend(undone.left);
        self.left_behind.extend(undone.left_behind);
    }

    /// Adds what became of `resource`.
    pub(in crate::drivers) fn take(&mut self, resource: &impl Resource, outcome: Result<Removal>) {
        match outcome {
            Ok(Removal::Gone) => self.removed.push(removed(resource)),
            Ok(Removal::Absent) => {}
            Ok(Removal::Kept(why)) => self.left.push(named(resource, why)),
            Err(error) => self.left_behind.push(named(resource, error.message())),
        }
    }
}

/// What `resource` is called in answers once it is gone.
pub(in crate::drivers) fn removed(resource: &impl Resource) -> Removed {
    Removed::new(resource.kind(), resource.name())
}
