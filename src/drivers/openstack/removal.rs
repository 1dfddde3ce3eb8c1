//! Removal of a server itself, by its id.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::cloud::{Cloud, Path, Service};
use super::lookup::servers::by_id;
use crate::{Error, Kind, Result};

/// How long a server has to be gone.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Deletes the server `id` and waits until it is gone; answers whether it was there.
///
/// # Errors
/// As [`ask`] and [`await_end`].
pub(super) fn remove(cloud: &Cloud, id: &str) -> Result<bool> {
    let there = ask(cloud, id)?;
    if there {
        await_end(cloud, id)?;
    }
    Ok(there)
}

/// Asks for the deletion of the server `id`; answers whether it was there.
pub(super) fn ask(cloud: &Cloud, id: &str) -> Result<bool> {
    cloud.delete(Service::Compute, Path::of("/servers", id)?)
}

/// Waits until the server `id`, whose deletion was asked for, is gone.
///
/// # Errors
/// [`Kind::Timeout`] where it is still on its way then.
pub(super) fn await_end(cloud: &Cloud, id: &str) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    let mut forced = false;
    while let Some(server) = by_id(cloud, id)? {
        if server.status == "DELETED" {
            break;
        }
        if server.status == "SOFT_DELETED" && !forced {
            // a cloud that keeps deleted servers for a while would keep their ports and volumes in use
            forced = true;
            let force = json!({"forceDelete": null});
            let path = Path::of("/servers", id)?.then("/action");
            cloud.tell(Service::Compute, path, &force)?;
        }
        if Instant::now() >= until {
            let message = format!("the server {} is still being deleted", server.name);
            return Err(Error::new(Kind::Timeout, message));
        }
        thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}
