//! Addresses of a domain, by its guest's agent and the host's neighbours.

use std::collections::HashMap;
use std::net::IpAddr;

use virt::domain::Domain as VirtDomain;
use virt::sys;

use super::Domain;
use crate::Result;

/// Addresses by MAC address.
pub(crate) type Addresses = HashMap<String, Vec<IpAddr>>;

impl Domain {
    /// What the guest's agent says of its addresses; none where there is no agent.
    pub(crate) fn addresses_by_agent(&self) -> Result<Addresses> {
        self.addresses(sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    }

    /// What the host has seen of its neighbours.
    pub(crate) fn addresses_by_neighbours(&self) -> Result<Addresses> {
        self.addresses(sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP)
    }

    fn addresses(&self, source: u32) -> Result<Addresses> {
        self.ask("ask for the addresses of", move |domain| {
            Ok(addresses_by(domain, source))
        })
    }
}

fn addresses_by(domain: &VirtDomain, source: u32) -> Addresses {
    let mut found = Addresses::new();
    for interface in domain.interface_addresses(source, 0).unwrap_or_default() {
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
    found
}

fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
