//! What the guest is told about its network cards, in the two formats.
//!
//! | file | concern |
//! |---|---|
//! | `openstack` | `network_data.json` |
//! | `nocloud` | `network-config`, version 1 |
//! | `mac` | hardware addresses |

mod mac;
mod nocloud;
mod openstack;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub(crate) use mac::Mac;
pub(super) use nocloud::config as nocloud;
pub(super) use openstack::data as openstack;

use serde::Serialize;

use super::{Interface, Route};

/// Whether the guest has to be told: DHCP on its first card it does by itself, and with a
/// description it waits for every card described.
pub(super) fn needs_saying(interfaces: &[Interface]) -> bool {
    interfaces.len() > 1
        || interfaces.iter().any(|card| {
            !card.addresses.is_empty()
                || card.mtu.is_some()
                || !card.dns.is_empty()
                || !card.routes.is_empty()
        })
}

/// Which of the card's addresses `gateway` is reached from, by index: one whose network it is in,
/// or any IPv6 address for a link-local gateway.
pub(super) fn carrier(card: &Interface, gateway: IpAddr) -> Option<usize> {
    let link_local = matches!(gateway, IpAddr::V6(ip) if ip.is_unicast_link_local());
    card.addresses
        .iter()
        .position(|net| net.contains(&gateway) || (link_local && net.addr().is_ipv6()))
}

/// A route as both formats have it.
#[derive(Debug, Serialize)]
struct WrittenRoute {
    network: IpAddr,
    netmask: IpAddr,
    gateway: IpAddr,
}

impl From<&Route> for WrittenRoute {
    fn from(route: &Route) -> Self {
        Self {
            network: route.to.network(),
            netmask: route.to.netmask(),
            gateway: route.via,
        }
    }
}

/// The routes of the card that lead through its address `number`, all where it has none of its own.
fn routes_through(card: &Interface, number: Option<usize>) -> Vec<WrittenRoute> {
    card.routes
        .iter()
        .filter(|route| carrier(card, route.via) == number)
        .map(WrittenRoute::from)
        .collect()
}
