//! The wait for a guest that was started.

use std::time::Duration;

use crate::Result;
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::{Context, CreateOptions, WaitFor};
use crate::salt::{MinionId, StartEvent};

/// How long a guest is waited for that nobody gave a time, in seconds.
pub(in crate::drivers) const PATIENCE: u64 = 300;
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(500),
    longest: Duration::from_millis(500),
};

/// Listens for the start of the `minion` where `options` ask for that; before the guest is started, or
/// it may be missed.
pub(in crate::drivers) fn listener(
    cx: &Context,
    minion: Option<&MinionId>,
    options: CreateOptions,
) -> Result<Option<StartEvent>> {
    match (minion, options.wait) {
        (Some(id), Some(WaitFor::Minion)) => StartEvent::listen(&cx.salt_config_dir, id).map(Some),
        _ => Ok(None),
    }
}

/// Waits until a server is as far as `options` ask: until its `minion` has started, or else until it
/// `has_address`. False when time runs out, which is no failure: the server exists.
pub(in crate::drivers) fn wait(
    cx: &Context,
    options: CreateOptions,
    mut minion: Option<&mut StartEvent>,
    mut has_address: impl FnMut() -> Result<bool>,
) -> Result<bool> {
    if options.wait.is_none_or(|wait| wait < WaitFor::Address) {
        return Ok(true);
    }
    let patience = options.timeout.unwrap_or(PATIENCE);
    let limit = Duration::from_secs(patience);
    let what = match minion {
        None => "an address of the server",
        Some(_) => "the minion's start",
    };
    let outcome = wait_until(Some(&cx.cancel), limit, LOOK_AGAIN, what, |waited| {
        let is_there = match &mut minion {
            None => has_address()?,
            Some(event) => event.has_come()?,
        };
        if is_there {
            cx.progress.report("wait", patience, patience);
            return Ok(Look::There(()));
        }
        if waited < limit {
            cx.progress.report("wait", waited.as_secs(), patience);
        }
        Ok(Look::NotYet(()))
    })?;
    Ok(outcome == Look::There(()))
}
