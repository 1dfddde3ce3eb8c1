//! `dry_run`: the answer of a method that changes something, where it is only to tell.

use schemars::JsonSchema;
use serde::Serialize;

use crate::Result;
use crate::driver::{Done, DryRun};

/// What was done, or with `dry_run` what would be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::rpc) enum Answer<T> {
    /// What was done.
    Done(T),
    /// What would be.
    DryRun(DryRun),
}

impl<T> Answer<T> {
    /// The answer of `change`, or, with `dry_run`, that of `look`.
    pub(super) fn of(
        dry_run: bool,
        look: impl FnOnce() -> Result<DryRun>,
        change: impl FnOnce() -> Result<T>,
    ) -> Result<Self> {
        if dry_run {
            look().map(Self::DryRun)
        } else {
            change().map(Self::Done)
        }
    }
}

impl Answer<Done> {
    /// The answer of `act`, which is told whether it is only to look.
    pub(super) fn of_done(dry_run: bool, act: impl FnOnce(bool) -> Result<Done>) -> Result<Self> {
        let done = act(dry_run)?;
        Ok(if dry_run {
            Self::DryRun(DryRun::new(done.message, done.changed))
        } else {
            Self::Done(done)
        })
    }
}
