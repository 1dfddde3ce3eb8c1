//! The networks of a host, and the leases of their DHCP servers.

use std::collections::HashMap;
use std::net::IpAddr;

use virt::connect::Connect;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::network::Network as VirtNetwork;
use virt::sys;

use super::host::errors::{found, is};
use super::host::{Held, Host, at_once};
use super::loader::dhcp_leases;
use crate::concurrent::{both, each};
use crate::{Error, Kind, Result};

/// A network as libvirt has it.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) active: bool,
    pub(crate) xml: String,
}

/// All networks.
pub(crate) fn all(host: &Host) -> Result<Vec<Network>> {
    let doing = "list the networks";
    let networks = host.hold_all(doing, |conn| {
        let networks = conn.list_all_networks(0)?.into_iter();
        networks
            .map(|network| network.name().map(|name| (network, name)))
            .collect()
    })?;
    let seen = each(&networks, at_once(), |(network, name)| {
        let (active, xml) = look(network, doing)?;
        let name = name.clone();
        Ok(Network { name, active, xml })
    });
    seen.into_iter().collect()
}

/// Whether `network` is up, and its definition.
fn look(network: &Held<VirtNetwork>, doing: &str) -> Result<(bool, String)> {
    let (active, xml) = both(
        || network.ask(doing, VirtNetwork::is_active),
        || network.ask(doing, |network| network.xml_desc(0)),
    );
    Ok((active?, xml?))
}

/// Whether the network `name` is up, and its definition.
pub(crate) fn named(host: &Host, name: &str) -> Result<(bool, String)> {
    let (wanted, doing) = (name.to_owned(), format!("look at network {name}"));
    let held = host.hold(&doing, move |conn| {
        let network = conn.lookup_network_by_name(&wanted);
        Ok(found(network, ErrorNumber::NoNetwork)?.map(|network| (network, ())))
    })?;
    let Some((network, ())) = held else {
        let message = format!("the host has no network {name}");
        return Err(Error::new(Kind::NotFound, message));
    };
    look(&network, &doing)
}

/// Changes the hosts that are in `section` of the network `name`, of one that is up at once.
pub(crate) fn update(
    host: &Host,
    name: &str,
    command: u32,
    section: u32,
    xml: String,
) -> Result<()> {
    let wanted = name.to_owned();
    host.ask(&format!("change network {name}"), move |conn| {
        let network = conn.lookup_network_by_name(&wanted)?;
        let mut flags = 0;
        if network.is_active()? {
            flags |= sys::VIR_NETWORK_UPDATE_AFFECT_LIVE;
        }
        if network.is_persistent()? {
            flags |= sys::VIR_NETWORK_UPDATE_AFFECT_CONFIG;
        }
        // libvirt finds the subnet by the address
        network.update(command, section, -1, &xml, flags)
    })
}

/// The addresses that the DHCP server of the network `name` has given.
pub(crate) fn leased(host: &Host, name: &str) -> Result<Vec<IpAddr>> {
    let wanted = name.to_owned();
    let leases = host.ask(&format!("ask for leases of network {name}"), move |conn| {
        dhcp_leases(&conn.lookup_network_by_name(&wanted)?, None)
    })?;
    let addresses = leases.iter().filter_map(|lease| lease.address.parse().ok());
    Ok(addresses.collect())
}

/// Sees that the host has the network device `name`, where it tells of its devices.
///
/// # Errors
/// [`Kind::NotFound`] where it has none.
pub(crate) fn check_device(host: &Host, name: &str) -> Result<()> {
    let wanted = name.to_owned();
    let there = host.ask("look at its network devices", move |conn| {
        Ok::<_, VirtError>(match conn.lookup_interface_by_name(&wanted) {
            Ok(_) => true,
            Err(error) if is(&error, ErrorNumber::NoInterface) => false,
            // a daemon without that part, which Debian 13 only recommends, or one that lets nobody see it
            Err(_) => has_net_device(conn, &wanted),
        })
    })?;
    if there {
        return Ok(());
    }
    let message = format!("the host has no network device {name}");
    Err(Error::new(Kind::NotFound, message))
}

/// Whether the network device `name` is among the host's devices, whose names are `net_`, the device's, and its MAC
/// address, with `_` for whatever is no letter or digit (libvirt's `udevGenerateDeviceName`). So it is where the host
/// tells of none.
fn has_net_device(conn: &Connect, name: &str) -> bool {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let begin = format!("net_{name}_")
        .chars()
        .map(plain)
        .collect::<String>();
    let devices = conn.list_all_node_devices(sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET);
    let mut names = devices
        .unwrap_or_default()
        .into_iter()
        .filter_map(|device| device.name().ok())
        .peekable();
    let is_it = |device: String| device.strip_prefix(&begin).is_some_and(is_mac);
    names.peek().is_none() || names.any(is_it) || is_bridge_of_a_network(conn, name)
}

/// Whether libvirt itself has made the bridge `name`, of which its list of devices does not hear where no udevd runs
/// (in a container).
fn is_bridge_of_a_network(conn: &Connect, name: &str) -> bool {
    let networks = conn.list_all_networks(sys::VIR_CONNECT_LIST_NETWORKS_ACTIVE);
    let networks = networks.unwrap_or_default().into_iter();
    let mut bridges = networks.filter_map(|network| network.bridge_name().ok());
    bridges.any(|bridge| bridge == name)
}

fn is_mac(text: &str) -> bool {
    let mut pairs = text.split('_');
    let is_pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|c| c.is_ascii_hexdigit());
    pairs.clone().count() == 6 && pairs.all(is_pair)
}

/// Addresses by MAC address, those of the newest lease first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leases(HashMap<String, Vec<IpAddr>>);

impl Leases {
    /// The leases of all networks of the host that are up: a question for each network. None where the host
    /// does not tell.
    pub(crate) fn of_host(host: &Host) -> Self {
        let networks = host.hold_all("list the networks", |conn| {
            let networks = conn.list_all_networks(sys::VIR_CONNECT_LIST_NETWORKS_ACTIVE)?;
            Ok(networks.into_iter().map(|network| (network, ())).collect())
        });
        let leases = each(&networks.unwrap_or_default(), at_once(), |(network, ())| {
            network.ask("ask for leases", |network| dhcp_leases(network, None))
        });
        // A network without a DHCP server of libvirt's has none to tell.
        let mut all: Vec<_> = leases.into_iter().flatten().flatten().collect();
        all.sort_by_key(|lease| std::cmp::Reverse(lease.expires));
        let mut leases = Self::default();
        for lease in all {
            if let (Some(mac), Ok(ip)) = (lease.mac, lease.address.parse()) {
                leases.0.entry(mac.to_lowercase()).or_default().push(ip);
            }
        }
        leases
    }

    /// The addresses of the interface with this MAC address.
    pub(crate) fn of(&self, mac: &str) -> Vec<IpAddr> {
        self.0.get(&mac.to_lowercase()).cloned().unwrap_or_default()
    }
}
