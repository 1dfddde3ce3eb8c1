//! The wait for a server to run.

use std::thread;
use std::time::{Duration, Instant};

use crate::driver::{Context, CreateOptions};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::by_id;
use crate::drivers::openstack::servers::fault_error;
use crate::{Error, Kind, Result};

/// How long a server has to run that nobody gave a time, in seconds.
const PATIENCE: u64 = 300;
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Whether a server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Active {
    Yes,
    /// Not within its time; it may still.
    NotYet,
    /// It could not be seen any more; why.
    Unseen(String),
}

/// Waits until the server runs. That it does not in time is no error: it exists. That the cloud
/// cannot run it is one.
pub(super) fn active(
    cx: &Context,
    cloud: &Cloud,
    name: &str,
    id: &str,
    options: CreateOptions,
) -> Result<Active> {
    let patience = options.timeout.unwrap_or(PATIENCE);
    let start = Instant::now();
    loop {
        cx.cancel.check()?;
        let waited = start.elapsed();
        let over = waited >= Duration::from_secs(patience);
        match by_id(cloud, id) {
            Ok(Some(server)) => match server.status.as_str() {
                "ACTIVE" => {
                    cx.progress.report("start", 1, 1);
                    return Ok(Active::Yes);
                }
                "ERROR" => return Err(fault_error(&server)),
                _ if over => return Ok(Active::NotYet),
                _ => {}
            },
            Ok(None) => {
                let message = format!("somebody deleted {name} while it was being made");
                return Err(Error::new(Kind::Conflict, message));
            }
            // it is being made all the same
            Err(error) if error.is_retryable() && !over => {
                tracing::debug!(%error, "the status of the server cannot be read now");
            }
            Err(error) if error.kind() == Kind::Cancelled => return Err(error),
            Err(error) => return Ok(Active::Unseen(error.to_string())),
        }
        cx.progress.report("start", waited.as_secs(), patience);
        thread::sleep(LOOK_AGAIN);
    }
}
