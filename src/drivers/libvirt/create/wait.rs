//! The wait for a guest that was started.

use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::driver::{Context, CreateOptions, WaitFor};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan::Request;
use crate::drivers::libvirt::servers::show;
use crate::drivers::libvirt::settings::Settings;
use crate::salt::StartEvent;

/// How long a guest is waited for that nobody gave a time, in seconds.
const PATIENCE: u64 = 300;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Listens for the minion's start where `options` ask for that; before the guest is started, or it
/// may be missed.
pub(super) fn listener(
    cx: &Context,
    request: &Request,
    options: CreateOptions,
) -> Result<Option<StartEvent>> {
    match (&request.minion_id, options.wait) {
        (Some(id), Some(WaitFor::Minion)) => StartEvent::listen(&cx.salt_config_dir, id).map(Some),
        _ => Ok(None),
    }
}

/// Waits until the server `name` is as far as `options` ask; false when time runs out, which is no
/// failure: the server stands.
pub(super) fn wait(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    options: CreateOptions,
    mut minion: Option<&mut StartEvent>,
) -> Result<bool> {
    if options.wait.is_none_or(|wait| wait < WaitFor::Address) {
        return Ok(true);
    }
    let patience = options.timeout.unwrap_or(PATIENCE);
    let start = Instant::now();
    loop {
        cx.cancel.check()?;
        let there = match &mut minion {
            None => !show(host, settings, name)?.ip.is_empty(),
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
