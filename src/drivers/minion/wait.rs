//! The wait for a guest that was started.

use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::driver::{Context, CreateOptions, WaitFor};
use crate::salt::{MinionId, StartEvent};

/// How long a guest is waited for that nobody gave a time, in seconds.
const PATIENCE: u64 = 300;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

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
/// `has_address`. False when time runs out, which is no failure: the server stands.
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
    let start = Instant::now();
    loop {
        cx.cancel.check()?;
        let there = match &mut minion {
            None => has_address()?,
            Some(event) => event.has_come()?,
        };
        if there {
            cx.progress.report("wait", patience, patience);
            return Ok(true);
        }
        let waited = start.elapsed();
        if waited >= Duration::from_secs(patience) {
            return Ok(false);
        }
        cx.progress.report("wait", waited.as_secs(), patience);
        thread::sleep(LOOK_AGAIN);
    }
}
