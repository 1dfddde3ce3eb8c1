//! `NoCloud`'s `network-config`, version 1.
//!
//! Not version 2, which follows netplan: as cloud-init 22.4 (Debian 12) writes it for ifupdown and
//! networkd, its route to `::/0` becomes one to `::/64`.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::super::Interface;
use super::{Mac, WrittenRoute, carrier, routes_through};

/// The file.
#[derive(Debug, Serialize)]
pub(in super::super) struct Config {
    version: u8,
    config: Vec<Item>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Item {
    Physical {
        /// The card with this `mac_address` gets this name.
        name: String,
        mac_address: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        mtu: Option<u32>,
        subnets: Vec<Subnet>,
    },
    NameServer {
        address: Vec<IpAddr>,
    },
}

#[derive(Debug, Serialize)]
struct Subnet {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpNet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<IpAddr>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<WrittenRoute>,
}

/// What `cards` are to the guest. They have been checked.
pub(in super::super) fn config(cards: &[Interface]) -> Config {
    let mut config = Vec::new();
    let mut free = (0..).map(|number: usize| format!("eth{number}"));
    let is_free = |name: &String| !cards.iter().any(|card| card.name.as_ref() == Some(name));
    for card in cards {
        // there is always a free one
        if let Some(name) = card.name.clone().or_else(|| free.find(is_free)) {
            config.push(Item::Physical {
                name,
                mac_address: Mac::normal(&card.mac),
                mtu: card.mtu,
                subnets: subnets(card),
            });
        }
    }
    let mut servers: Vec<IpAddr> = Vec::new();
    for &server in cards.iter().flat_map(|card| &card.dns) {
        if !servers.contains(&server) {
            servers.push(server);
        }
    }
    if !servers.is_empty() {
        config.push(Item::NameServer { address: servers });
    }
    Config { version: 1, config }
}

fn subnets(card: &Interface) -> Vec<Subnet> {
    let dhcp = card.dhcp.then_some(Subnet {
        kind: "dhcp4",
        address: None,
        gateway: None,
        routes: routes_through(card, None),
    });
    let addresses = card.addresses.iter().enumerate().map(|(number, net)| {
        let through = |gateway: &IpAddr| carrier(card, *gateway) == Some(number);
        let is_ipv4 = net.addr().is_ipv4();
        Subnet {
            kind: if is_ipv4 { "static" } else { "static6" },
            address: Some(*net),
            gateway: card.gateways.iter().copied().find(through),
            routes: routes_through(card, Some(number)),
        }
    });
    dhcp.into_iter().chain(addresses).collect()
}
