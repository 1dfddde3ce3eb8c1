//! Removal of a server itself, by its id.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::concurrent::{Look, wait_until};
use crate::drivers::openstack::cloud::{Cloud, LOOK_AGAIN, Path, Service};
use crate::drivers::openstack::lookup::servers::by_id;
use crate::{Error, Kind, Result};

/// How long nothing is seen of a server that is being deleted before that is told.
const BLIND: Duration = Duration::from_secs(30);

/// Deletes the server `id` and waits for up to `patience` until it is gone; answers whether it was there.
///
/// # Errors
/// As [`ask`] and [`await_end`].
pub(in crate::drivers::openstack) fn remove(
    cloud: &Cloud,
    id: &str,
    patience: Duration,
) -> Result<bool> {
    let there = ask(cloud, id)?;
    if there {
        await_end(cloud, id, patience)?;
    }
    Ok(there)
}

/// Asks for the deletion of the server `id`, once more where the answer was lost or is none; answers whether it was there.
pub(in crate::drivers::openstack) fn ask(cloud: &Cloud, id: &str) -> Result<bool> {
    let path = Path::of("/servers", id)?;
    let there = match cloud.delete(Service::Compute, &path) {
        Err(error) if says_nothing(&error) => {
            cloud.delete(Service::Compute, &path)?;
            true
        }
        there => there?,
    };
    cloud.ends(id);
    Ok(there)
}

/// Waits for up to `patience` until the server `id`, whose deletion was asked for, is gone. A look that fails for the
/// moment does not end it.
///
/// # Errors
/// [`Kind::Timeout`] where it is still on its way then.
pub(in crate::drivers::openstack) fn await_end(
    cloud: &Cloud,
    id: &str,
    patience: Duration,
) -> Result<()> {
    let mut forced = false;
    let mut blind_since: Option<Instant> = None;
    let what = format!("the end of the server {id}");
    let outcome = wait_until(None, patience, LOOK_AGAIN, &what, |_| {
        let found = match by_id(cloud, id) {
            Err(error)
                if says_nothing(&error)
                    && blind_since.get_or_insert_with(Instant::now).elapsed() < BLIND =>
            {
                return Ok(Look::NotYet(Err(error)));
            }
            found => found?,
        };
        blind_since = None;
        // for a moment Nova still shows one that it has ended, to whoever looks for the name as well
        let Some(server) = found else {
            return Ok(Look::There(()));
        };
        if server.status == "SOFT_DELETED" && !forced {
            // a cloud that keeps deleted servers for a while would keep their ports and volumes in use
            forced = true;
            let force = json!({"forceDelete": null});
            let path = Path::of("/servers", id)?.then("/action");
            cloud.tell(Service::Compute, path, &force)?;
        }
        Ok(Look::NotYet(Ok(server)))
    })?;
    match outcome {
        Look::NotYet(Ok(server)) if server.status != "DELETED" => {
            let message = format!("the server {} is still being deleted", server.name);
            Err(Error::new(Kind::Timeout, message))
        }
        Look::NotYet(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Whether `error` says nothing of what was asked about: it may pass, and what was asked for may be carried out.
pub(super) fn says_nothing(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Internal | Kind::ConnectionFailed | Kind::Timeout
    )
}
