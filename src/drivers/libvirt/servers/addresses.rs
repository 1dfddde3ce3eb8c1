//! Addresses of servers: from the leases of the host's networks, the guest agent, and the host's
//! neighbours.

use std::collections::HashMap;
use std::net::IpAddr;

use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error as VirtError;
use virt::sys;

use crate::drivers::libvirt::loader::dhcp_leases;

/// Addresses by MAC address, those of the newest lease first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leases(HashMap<String, Vec<IpAddr>>);

impl Leases {
    /// The leases of all networks of the host that are up: one round trip for each network.
    pub(crate) fn of_host(conn: &Connect) -> Result<Self, VirtError> {
        let mut all = Vec::new();
        for network in conn.list_all_networks(sys::VIR_CONNECT_LIST_NETWORKS_ACTIVE)? {
            // A network without a DHCP server of libvirt's has none to tell.
            all.extend(dhcp_leases(&network, None).unwrap_or_default());
        }
        all.sort_by_key(|lease| std::cmp::Reverse(lease.expires));
        let mut leases = Self::default();
        for lease in all {
            if let (Some(mac), Ok(ip)) = (lease.mac, lease.address.parse()) {
                leases.0.entry(mac.to_lowercase()).or_default().push(ip);
            }
        }
        Ok(leases)
    }

    /// The addresses of the interface with this MAC address.
    pub(crate) fn of(&self, mac: &str) -> Vec<IpAddr> {
        self.0.get(&mac.to_lowercase()).cloned().unwrap_or_default()
    }
}

/// What the guest's agent says of its addresses, and where there is none what the host has seen of
/// its neighbours: by MAC address.
pub(crate) fn of_guest(domain: &Domain) -> HashMap<String, Vec<IpAddr>> {
    let sources = [
        sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
        sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
    ];
    for source in sources {
        let Ok(interfaces) = domain.interface_addresses(source, 0) else {
            continue;
        };
        let mut found: HashMap<String, Vec<IpAddr>> = HashMap::new();
        for interface in interfaces {
            let Some(mac) = interface.hwaddr else {
                continue;
            };
            let addresses = interface
                .addrs
                .iter()
                .filter_map(|address| address.addr.parse().ok());
            let useful = addresses.filter(|ip: &IpAddr| !ip.is_loopback() && !is_link_local(ip));
            found.entry(mac.to_lowercase()).or_default().extend(useful);
        }
        found.retain(|_, addresses| !addresses.is_empty());
        if !found.is_empty() {
            return found;
        }
    }
    HashMap::new()
}

fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
