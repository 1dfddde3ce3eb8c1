//! `OpenStack`'s `network_data.json`: links, networks on them, services.
//!
//! Its schema is nova's `doc/api_schemas/network_data.json`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::super::Interface;
use super::{Mac, WrittenRoute, carrier, routes_through};

/// The file.
#[derive(Debug, Serialize)]
pub(in super::super) struct NetworkData {
    links: Vec<Link>,
    networks: Vec<Network>,
    services: Vec<Service>,
}

#[derive(Debug, Serialize)]
struct Link {
    id: String,
    /// cloud-init renames the card to it; without, it keeps the kernel's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    ethernet_mac_address: String,
    /// The schema demands the member; null leaves it to the guest.
    mtu: Option<u32>,
}

#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names)] // the format's names
struct Network {
    id: String,
    network_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    link: String,
    #[serde(flatten)]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routes: Option<Vec<WrittenRoute>>,
}

#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names)] // the format's names
struct Address {
    ip_address: IpAddr,
    netmask: IpAddr,
}

#[derive(Debug, Serialize)]
struct Service {
    #[serde(rename = "type")]
    kind: &'static str,
    address: IpAddr,
}

/// What `cards` are to the guest. They have been checked.
pub(in super::super) fn data(cards: &[Interface]) -> NetworkData {
    let mut data = NetworkData {
        links: Vec::new(),
        networks: Vec::new(),
        services: Vec::new(),
    };
    for (index, card) in cards.iter().enumerate() {
        let link = format!("interface{index}");
        data.links.push(Link {
            id: link.clone(),
            name: card.name.clone(),
            kind: "phy",
            ethernet_mac_address: Mac::normal(&card.mac),
            mtu: card.mtu,
        });
        if card.dhcp {
            let routes = routes_through(card, None);
            data.add(
                "ipv4_dhcp",
                &link,
                None,
                Some(routes).filter(|routes| !routes.is_empty()),
            );
        }
        for (number, net) in card.addresses.iter().enumerate() {
            let kind = if net.addr().is_ipv4() { "ipv4" } else { "ipv6" };
            let address = Address {
                ip_address: net.addr(),
                netmask: net.netmask(),
            };
            let through = |gateway: &&IpAddr| carrier(card, **gateway) == Some(number);
            let gateways = card.gateways.iter().filter(through);
            let mut routes: Vec<_> = gateways.map(|&gateway| everywhere(gateway)).collect();
            routes.extend(routes_through(card, Some(number)));
            data.add(kind, &link, Some(address), Some(routes));
        }
        for &address in &card.dns {
            if !data.services.iter().any(|known| known.address == address) {
                data.services.push(Service {
                    kind: "dns",
                    address,
                });
            }
        }
    }
    data
}

impl NetworkData {
    fn add(
        &mut self,
        kind: &'static str,
        link: &str,
        address: Option<Address>,
        routes: Option<Vec<WrittenRoute>>,
    ) {
        let id = format!("network{}", self.networks.len());
        self.networks.push(Network {
            network_id: id.clone(),
            id,
            kind,
            link: link.to_owned(),
            address,
            routes,
        });
    }
}

/// The route to everywhere by `gateway`.
fn everywhere(gateway: IpAddr) -> WrittenRoute {
    let all = match gateway {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    WrittenRoute {
        network: all,
        netmask: all,
        gateway,
    }
}
