//! The host's networks.

use crate::Result;
use crate::driver::Network;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::networks::all;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::{from_xml, network};

/// The networks that servers can be attached to, those that are up first. A session daemon adds
/// `user`, QEMU's own network, which needs no rights on the host.
pub(crate) fn networks(host: &Host, settings: &Settings) -> Result<Vec<Network>> {
    let seen = all(host)?;
    let mut networks = Vec::with_capacity(seen.len());
    for found in seen {
        let view: network::Network = from_xml(&format!("network {}", found.name), &found.xml)?;
        networks.push(Network {
            id: None, // names are unique on a host
            active: found.active,
            kind: Some(view.kind()),
            bridge: view.bridge.as_ref().and_then(|bridge| bridge.name.clone()),
            subnets: view.ip.iter().filter_map(network::Ip::subnet).collect(),
            name: found.name,
        });
    }
    networks.sort_by(|a, b| b.active.cmp(&a.active).then_with(|| a.name.cmp(&b.name)));
    if settings.uri.is_session() {
        networks.push(Network {
            name: "user".to_owned(),
            id: None,
            active: true,
            kind: Some("user".to_owned()),
            bridge: None,
            subnets: Vec::new(),
        });
    }
    Ok(networks)
}
