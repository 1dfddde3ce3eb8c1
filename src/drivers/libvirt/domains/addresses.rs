//! Addresses of a domain, by its guest's agent and the host's neighbours.

use std::collections::HashMap;
use std::net::IpAddr;

use virt::domain::Domain as VirtDomain;
use virt::sys;

use super::Domain;
use crate::Result;

impl Domain {
    /// What the guest's agent says of its addresses, and where there is none what the host has seen of
    /// its neighbours: by MAC address.
    pub(crate) fn addresses(&self) -> Result<HashMap<String, Vec<IpAddr>>> {
        self.ask("ask for the addresses of", |domain| {
            let sources = [
                sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
                sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
            ];
            let all = sources.iter().map(|source| addresses_by(domain, *source));
            Ok(all
                .into_iter()
                .find(|found| !found.is_empty())
                .unwrap_or_default())
        })
    }
}

fn addresses_by(domain: &VirtDomain, source: u32) -> HashMap<String, Vec<IpAddr>> {
    let mut found: HashMap<String, Vec<IpAddr>> = HashMap::new();
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
