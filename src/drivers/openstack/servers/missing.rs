//! What of a server's own is gone: it is not the server any more that was asked for.

use std::collections::HashSet;

use crate::Result;
use crate::drivers::creation::missing_key;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::api::network::Port;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::removal::FLOATING_IPS;

/// What the record of `server` names and it does not have any more, for people. A key pair is not missed: a
/// server has what it is for, and another user does not see it.
pub(crate) fn what_is_missing(cloud: &Cloud, server: &Server) -> Result<Vec<String>> {
    let Some(record) = Record::of(&server.metadata) else {
        return Ok(Vec::new());
    };
    // what is being built is not attached yet
    if server.status == "BUILD" || server.task_state.is_some() {
        return Ok(Vec::new());
    }
    let mut missing = Vec::new();
    for volume in &record.volumes {
        if !server.volumes.iter().any(|attached| attached.id == *volume) {
            missing.push(format!("the volume {volume}"));
        }
    }
    let floating_ips = || record.floating_ip.iter().chain(&record.associated);
    if !record.ports.is_empty() || floating_ips().count() > 0 {
        let ports = ports_of(cloud, server)?;
        for port in record.ports.iter().filter(|port| !ports.contains(*port)) {
            missing.push(format!("the port {port}"));
        }
        for id in floating_ips() {
            let floating = FLOATING_IPS.look(cloud, id)?;
            let port = floating.as_ref().and_then(|seen| seen["port_id"].as_str());
            if port.is_none_or(|port| !ports.contains(port)) {
                missing.push(format!("the floating IP {id}"));
            }
        }
    }
    missing.extend(missing_key(record.minion.as_ref())?);
    Ok(missing)
}

fn ports_of(cloud: &Cloud, server: &Server) -> Result<HashSet<String>> {
    let path = Path::query(
        "/v2.0/ports",
        &[("device_id", &server.id), ("fields", "id")],
    );
    let ports: Vec<Port> = cloud.list(Service::Network, path, "ports")?;
    Ok(ports.into_iter().map(|port| port.id).collect())
}
