//! The host's networks.

use virt::error::Error as VirtError;

use crate::Result;
use crate::driver::Network;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::{from_xml, network};

/// The networks that servers can be attached to, those that are up first. A session daemon adds
/// `user`, QEMU's own network, which needs no rights on the host.
pub(crate) fn networks(host: &Host, settings: &Settings) -> Result<Vec<Network>> {
    let seen = host.call("list the networks", settings.call_limit, |conn| {
        conn.list_all_networks(0)?
            .iter()
            .map(|net| Ok((net.name()?, net.is_active()?, net.xml_desc(0)?)))
            .collect::<std::result::Result<Vec<_>, VirtError>>()
    })?;
    let mut networks = Vec::with_capacity(seen.len());
    for (name, active, text) in seen {
        let view: network::Network = from_xml(&format!("network {name}"), &text)?;
        networks.push(Network {
            id: None, // names are unique on a host
            active,
            kind: Some(view.kind()),
            bridge: view.bridge.as_ref().and_then(|bridge| bridge.name.clone()),
            subnets: view.ip.iter().filter_map(network::Ip::subnet).collect(),
            name,
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
