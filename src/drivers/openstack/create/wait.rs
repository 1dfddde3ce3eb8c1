//! The wait for volumes, and for a server to run.

use std::time::Duration;

use serde_json::Value;

use crate::concurrent::{Look, wait_until};
use crate::driver::{Context, CreateOptions};
use crate::drivers::creation::Started;
use crate::drivers::minion::PATIENCE;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::{Cloud, LOOK_AGAIN, Path, Service};
use crate::drivers::openstack::lookup::servers::by_id;
use crate::drivers::openstack::servers::fault_error;
use crate::{Error, Kind, Result};

/// How long Cinder has for a volume, in which it may copy an image.
const VOLUME_PATIENCE: Duration = Duration::from_secs(900);

/// Waits until the server `name`, which was `seen` just now, runs. That it does not in time is no error: it
/// exists. That the cloud cannot run it is one.
pub(super) fn active(
    cx: &Context,
    cloud: &Cloud,
    name: &str,
    id: &str,
    mut seen: Option<Server>,
    options: CreateOptions,
) -> Result<Started> {
    let patience = options.timeout.unwrap_or(PATIENCE);
    let limit = Duration::from_secs(patience);
    let look = |waited: Duration| match seen
        .take()
        .map_or_else(|| by_id(cloud, id), |server| Ok(Some(server)))
    {
        Ok(Some(server)) => match server.status.as_str() {
            "ACTIVE" => {
                cx.progress.report("start", 1, 1);
                Ok(Look::There(Started::Yes))
            }
            "ERROR" => Err(fault_error(&server)),
            _ => {
                cx.progress.report("start", waited.as_secs(), patience);
                Ok(Look::NotYet(Started::NotYet))
            }
        },
        Ok(None) => {
            let message = format!("somebody deleted {name} while it was being made");
            Err(Error::new(Kind::Conflict, message))
        }
        Err(error) if error.kind() == Kind::Cancelled => Err(error),
        // it is being made all the same
        Err(error) if error.is_retryable() => {
            tracing::debug!(%error, "the status of the server cannot be read now");
            Ok(Look::NotYet(Started::Unseen(error.to_string())))
        }
        Err(error) => Ok(Look::There(Started::Unseen(error.to_string()))),
    };
    let seen = wait_until(
        Some(&cx.cancel),
        limit,
        LOOK_AGAIN,
        "the server to run",
        look,
    )?;
    Ok(match seen {
        Look::There(started) | Look::NotYet(started) => started,
    })
}

/// Waits until the volume `id` can be attached.
pub(super) fn available(cx: &Context, cloud: &Cloud, id: &str) -> Result<()> {
    let mut name = id.to_owned();
    let look = |_| {
        let answer: Value = cloud.get(Service::Volume, Path::of("/volumes", id)?)?;
        let volume = &answer["volume"];
        if let Some(known) = volume["name"].as_str() {
            known.clone_into(&mut name);
        }
        match volume["status"].as_str().unwrap_or_default() {
            "available" => Ok(Look::There(())),
            status if status.starts_with("error") => {
                let message = format!("the cloud could not make the volume {name}: {status}");
                Err(Error::new(Kind::Conflict, message))
            }
            _ => Ok(Look::NotYet(())),
        }
    };
    let cancel = Some(&cx.cancel);
    match wait_until(cancel, VOLUME_PATIENCE, LOOK_AGAIN, "a volume", look)? {
        Look::There(()) => Ok(()),
        Look::NotYet(()) => {
            let message = format!("the volume {name} is still being created");
            Err(Error::new(Kind::Timeout, message))
        }
    }
}
