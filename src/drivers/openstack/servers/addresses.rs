//! Addresses of servers, as Nova tells them.

use std::net::IpAddr;

use indexmap::IndexMap;

use crate::driver::{ServerInterface, split_addresses};
use crate::drivers::openstack::api::compute::Address;

/// The addresses of a server.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The one to reach it by: a floating one before a fixed one, and IPv4 before IPv6.
    pub(super) first: String,
    pub(super) public: Vec<String>,
    pub(super) private: Vec<String>,
}

impl Addresses {
    /// Reads what Nova tells by network. A floating address is public whatever its range: it is what
    /// the cloud gives a server to be reached by from outside of it.
    pub(super) fn of(networks: &IndexMap<String, Vec<Address>>) -> Self {
        let all = || networks.values().flatten();
        let parse = |address: &Address| address.addr.parse::<IpAddr>().ok();
        let floating: Vec<IpAddr> = all()
            .filter(|one| is_floating(one))
            .filter_map(parse)
            .collect();
        let fixed: Vec<IpAddr> = all()
            .filter(|one| !is_floating(one))
            .filter_map(parse)
            .collect();
        let first = floating
            .iter()
            .find(|ip| ip.is_ipv4())
            .or(floating.first())
            .or(fixed.iter().find(|ip| ip.is_ipv4()))
            .or(fixed.first());
        let (public, private) = split_addresses(&fixed);
        Self {
            first: first.map(ToString::to_string).unwrap_or_default(),
            public: floating
                .iter()
                .map(ToString::to_string)
                .chain(public)
                .collect(),
            private,
        }
    }
}

/// The interfaces that have these addresses, by MAC address and network.
pub(super) fn interfaces(networks: &IndexMap<String, Vec<Address>>) -> Vec<ServerInterface> {
    let mut interfaces: Vec<ServerInterface> = Vec::new();
    for (network, addresses) in networks {
        for address in addresses {
            let mac = address.mac.as_deref().unwrap_or_default();
            let same = |one: &&mut ServerInterface| {
                one.mac == mac && one.network.as_deref() == Some(network)
            };
            match interfaces.iter_mut().find(same) {
                Some(interface) => interface.addresses.push(address.addr.clone()),
                None => interfaces.push(ServerInterface {
                    mac: mac.to_owned(),
                    network: Some(network.clone()),
                    addresses: vec![address.addr.clone()],
                }),
            }
        }
    }
    interfaces
}

fn is_floating(address: &Address) -> bool {
    address.kind.as_deref() == Some("floating")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn networks() -> IndexMap<String, Vec<Address>> {
        let address = |addr: &str, kind: &str, mac: &str| {
            json!({
                "version": if addr.contains(':') { 6 } else { 4 }, "addr": addr,
                "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": mac
            })
        };
        serde_json::from_value(json!({
            "private": [
                address("fd00::5", "fixed", "fa:16:3e:00:00:01"),
                address("10.1.0.5", "fixed", "fa:16:3e:00:00:01"),
                address("172.24.4.9", "floating", "fa:16:3e:00:00:01"),
            ],
            "provider": [address("198.51.100.7", "fixed", "fa:16:3e:00:00:02")]
        }))
        .unwrap()
    }

    #[test]
    fn a_floating_address_is_what_a_server_is_reached_by() {
        let addresses = Addresses::of(&networks());
        assert_eq!(addresses.first, "172.24.4.9");
        assert_eq!(addresses.public, ["172.24.4.9", "198.51.100.7"]);
        assert_eq!(addresses.private, ["fd00::5", "10.1.0.5"]);
        let mut without = networks();
        without["private"].pop();
        assert_eq!(Addresses::of(&without).first, "10.1.0.5");
        assert_eq!(Addresses::of(&IndexMap::new()), Addresses::default());
    }

    #[test]
    fn addresses_stand_with_their_interface() {
        let interfaces = interfaces(&networks());
        let seen: Vec<_> = interfaces
            .iter()
            .map(|one| {
                (
                    one.mac.as_str(),
                    one.network.as_deref(),
                    one.addresses.len(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("fa:16:3e:00:00:01", Some("private"), 3),
                ("fa:16:3e:00:00:02", Some("provider"), 1)
            ]
        );
    }
}
