//! Network cards.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::{Error, Result};

use super::super::network::{Mac, carrier};
use super::super::{Format, Interface, Route, Seed};

/// The least that IPv4 allows, the most that a header can say.
const MTU: std::ops::RangeInclusive<u32> = 68..=65535;
/// The least that IPv6 allows.
const MTU_IPV6: u32 = 1280;
/// Linux's IFNAMSIZ, without the NUL.
const NAME_MAX: usize = 15;

pub(super) fn interfaces(interfaces: &[Interface]) -> Result<()> {
    let mut macs = HashSet::new();
    let mut names = HashSet::new();
    let mut routed = HashSet::new();
    for (index, interface) in interfaces.iter().enumerate() {
        let at = format!("/interfaces/{index}");
        let mac =
            Mac::parse(&interface.mac).map_err(|why| Error::invalid(format!("{at}/mac"), why))?;
        if !macs.insert(mac) {
            return Err(Error::invalid(
                format!("{at}/mac"),
                format!("{} is another card's already", interface.mac),
            ));
        }
        if let Some(name) = &interface.name {
            check_name(&at, name)?;
            if !names.insert(name) {
                return Err(Error::invalid(
                    format!("{at}/name"),
                    format!("{name:?} is another card's already"),
                ));
            }
        }
        mtu(&at, interface)?;
        addresses(&at, interface)?;
        for (number, gateway) in interface.gateways.iter().enumerate() {
            let at = format!("{at}/gateways/{number}");
            check_gateway(&at, interface, *gateway)?;
            if !routed.insert(gateway.is_ipv4()) {
                return Err(Error::invalid(
                    at,
                    "a guest has one default gateway for IPv4 and one for IPv6: leave this out",
                ));
            }
        }
        for (number, route) in interface.routes.iter().enumerate() {
            check_route(&format!("{at}/routes/{number}"), interface, route)?;
        }
        for (number, server) in interface.dns.iter().enumerate() {
            if server.is_unspecified() || server.is_multicast() {
                return Err(Error::invalid(
                    format!("{at}/dns/{number}"),
                    format!("{server} cannot be a name server's address"),
                ));
            }
        }
    }
    Ok(())
}

/// That a user's own `network-config` is one, and is found by the guest.
pub(super) fn config(seed: &Seed) -> Result<()> {
    let config = &seed.network_config;
    if config.is_empty() {
        return Ok(());
    }
    let refused = |why: &str| Err(Error::invalid("/network_config", why));
    if seed.format != Format::Cidata {
        return refused("cloud-init reads it of a drive of the format cidata only");
    }
    // the file may have all of it below `network`
    let inner = config.get("network").and_then(|inner| inner.as_object());
    let version = inner.unwrap_or(config).get("version");
    if !version.is_some_and(|version| [1, 2].map(Value::from).contains(version)) {
        return refused("it has no version, 1 or 2, which says how the rest is read");
    }
    Ok(())
}

fn check_name(at: &str, name: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(allowed);
    if fits && name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Error::invalid(
        format!("{at}/name"),
        format!(
            "{name:?} is not a card's name: 1 to {NAME_MAX} letters, digits, dots, hyphens and \
             underscores, a letter or digit first"
        ),
    ))
}

fn mtu(at: &str, interface: &Interface) -> Result<()> {
    let Some(mtu) = interface.mtu else {
        return Ok(());
    };
    let has_ipv6 = interface.addresses.iter().any(|net| net.addr().is_ipv6());
    let least = if has_ipv6 { MTU_IPV6 } else { *MTU.start() };
    if mtu >= least && MTU.contains(&mtu) {
        return Ok(());
    }
    Err(Error::invalid(
        format!("{at}/mtu"),
        format!("{mtu} is not possible here: {least} to {}", MTU.end()),
    ))
}

fn addresses(at: &str, interface: &Interface) -> Result<()> {
    if interface.dhcp && !interface.addresses.is_empty() {
        return Err(Error::invalid(
            format!("{at}/addresses"),
            "a card has either dhcp or addresses: leave one out",
        ));
    }
    let mut seen = HashSet::new();
    for (number, net) in interface.addresses.iter().enumerate() {
        let at = format!("{at}/addresses/{number}");
        let ip = net.addr();
        if !is_host(net) {
            return Err(Error::invalid(
                at,
                format!("{net} is not a host's address: give the card's own, with its prefix"),
            ));
        }
        if !seen.insert(ip) {
            return Err(Error::invalid(at, format!("{ip} is there twice")));
        }
    }
    Ok(())
}

fn is_host(net: &IpNet) -> bool {
    let ip = net.addr();
    if ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() {
        return false;
    }
    match net {
        // the network's and the broadcast address, where there are such
        IpNet::V4(net) if net.prefix_len() < 31 => {
            net.addr() != net.network() && net.addr() != net.broadcast()
        }
        _ => true,
    }
}

fn check_route(at: &str, interface: &Interface, route: &Route) -> Result<()> {
    if route.to.addr() != route.to.network() {
        let message = format!("{} is not a network: {} is", route.to, route.to.trunc());
        return Err(Error::invalid(format!("{at}/to"), message));
    }
    if route.to.addr().is_ipv4() != route.via.is_ipv4() {
        let message = "a network and the gateway to it are either both of IPv4 or both of IPv6";
        return Err(Error::invalid(format!("{at}/via"), message));
    }
    if interface.dhcp {
        return Ok(()); // which network the card is in is seen by the guest only
    }
    check_gateway(&format!("{at}/via"), interface, route.via)
}

fn check_gateway(at: &str, interface: &Interface, gateway: IpAddr) -> Result<()> {
    if carrier(interface, gateway).is_none() {
        return Err(Error::invalid(
            at,
            format!(
                "{gateway} cannot be reached from this card: none of its addresses is in one network with it"
            ),
        ));
    }
    if interface.addresses.iter().any(|net| net.addr() == gateway) {
        return Err(Error::invalid(
            at,
            format!("{gateway} is the card's own address"),
        ));
    }
    Ok(())
}
