//! Whether what a record names is still its server's: a port, a floating IP or a volume may have been
//! given to another one since.

use serde_json::Value;

use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::{Kind, Result};

/// What the service has at `path`, by its member `member`; none where it is gone.
fn look(cloud: &Cloud, service: Service, path: Path, member: &str) -> Result<Option<Value>> {
    match cloud.get::<Value>(service, path) {
        Ok(mut answer) => Ok(Some(answer[member].take())),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the port `id` is there and belongs to no server but `server` (none where that is empty).
pub(crate) fn port_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = Path::of("/v2.0/ports", id)?;
    let Some(port) = look(cloud, Service::Network, path, "port")? else {
        return Ok(false);
    };
    let device = port["device_id"].as_str().unwrap_or_default();
    Ok(stays(device.is_empty() || device == server, "port", id))
}

/// Whether the floating IP `id` is there and leads to no server but `server`.
pub(crate) fn floating_ip_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = Path::of("/v2.0/floatingips", id)?;
    let Some(floating) = look(cloud, Service::Network, path, "floatingip")? else {
        return Ok(false);
    };
    match floating["port_id"].as_str() {
        None => Ok(true),
        Some(port) => port_is_free(cloud, port, server),
    }
}

/// Whether the volume `id` is there and attached to no server but `server`.
pub(crate) fn volume_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = Path::of("/volumes", id)?;
    let Some(volume) = look(cloud, Service::Volume, path, "volume")? else {
        return Ok(false);
    };
    let attachments = volume["attachments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let ours = |attachment: &Value| attachment["server_id"] == server;
    Ok(stays(attachments.iter().all(ours), "volume", id))
}

/// `free` back; what is not is told, because it stays.
fn stays(free: bool, kind: &str, id: &str) -> bool {
    if !free {
        tracing::warn!(
            id,
            "the {kind} belongs to another server now, so it is kept"
        );
    }
    free
}
