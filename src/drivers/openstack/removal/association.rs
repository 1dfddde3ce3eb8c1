//! Floating IPs that were there before their server: they are given back, and never deleted.

use serde_json::json;

use super::parts::{FLOATING_IPS, PORTS};
use crate::Result;
use crate::drivers::openstack::artifacts::Artifact;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::transaction::Removal;

/// That the floating IP `id` leads to the server `server`, by its id; none where it does not any more.
pub(in crate::drivers::openstack) fn association(
    cloud: &Cloud,
    server: &str,
    id: &str,
) -> Result<Option<Artifact>> {
    let Some(floating) = FLOATING_IPS.look(cloud, id)? else {
        return Ok(None);
    };
    let Some(port) = floating["port_id"].as_str() else {
        return Ok(None);
    };
    let user = PORTS.look(cloud, port)?;
    let is_its = user.is_some_and(|port| port["device_id"] == server);
    let address = floating["floating_ip_address"].as_str().unwrap_or(id);
    Ok(is_its.then(|| Artifact::Association {
        address: address.to_owned(),
        floating_ip: id.to_owned(),
        port: port.to_owned(),
    }))
}

/// Ends that the floating IP `id` leads to `port`, unless it leads elsewhere by now.
pub(super) fn give_back(cloud: &Cloud, id: &str, port: &str) -> Result<Removal> {
    let floating = FLOATING_IPS.look(cloud, id)?;
    let Some(floating) = floating.filter(|one| one["port_id"] == port) else {
        return Ok(Removal::Absent);
    };
    let nowhere = json!({"floatingip": {"port_id": null}});
    let revision = floating["revision_number"].as_u64();
    let path = Path::of("/v2.0/floatingips", id)?;
    cloud.put(Service::Network, path, &nowhere, revision)?;
    Ok(Removal::Gone)
}
