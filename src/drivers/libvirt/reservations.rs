//! Addresses that a host's network keeps for the cards of servers, with the names by which its DNS has them.

use std::net::{IpAddr, Ipv4Addr};

use virt::sys;

use super::host::Host;
use super::networks;
use super::xml::network::{DhcpHost, DnsHost, Network};
use super::xml::record::Reservation;
use super::xml::{from_xml, to_xml};
use crate::transaction::Removal;
use crate::{Error, Kind, Result};

/// Where its DHCP server's hosts are in a network, and its DNS server's.
const DHCP: u32 = sys::VIR_NETWORK_SECTION_IP_DHCP_HOST;
const DNS: u32 = sys::VIR_NETWORK_SECTION_DNS_HOST;
/// How many addresses are tried that somebody else takes in the same moment.
const TRIES: usize = 8;

/// How far an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is about to be made.
    Begun,
    /// It was not made.
    Refused,
}

/// What has become of an attempt.
enum Outcome {
    Made,
    /// Somebody else has the address by now.
    Taken(Error),
}

/// `kept` as the DHCP server has it.
fn dhcp_host(kept: &Reservation) -> DhcpHost {
    DhcpHost {
        mac: Some(kept.mac.clone()),
        name: Some(kept.name.clone()),
        ip: Some(kept.ip.to_string()),
    }
}

/// `kept` as the DNS server has it.
fn dns_host(kept: &Reservation) -> DnsHost {
    DnsHost {
        ip: Some(kept.ip.to_string()),
        hostname: vec![kept.name.clone()],
    }
}

/// Keeps an address of `network` for the card `mac`, with `name`: the `wanted` one, else a free one. `tell` hears of each
/// before it is tried, and again where it was not made.
pub(crate) fn reserve(
    host: &Host,
    (network, mac, name): (&str, &str, &str),
    wanted: Option<IpAddr>,
    mut tell: impl FnMut(Step, &Reservation) -> Result<()>,
) -> Result<Reservation> {
    let view = view(host, network)?;
    let is_ours = |one: &&DhcpHost| {
        one.mac
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(mac))
            || one.name.as_deref() == Some(name)
    };
    if let Some(other) = view.hosts().find(is_ours) {
        let of = other.mac.as_deref().unwrap_or("another card");
        let message = format!("network {network} keeps an address for {name} already, for {of}");
        return Err(Error::new(Kind::Conflict, message));
    }
    let candidates: Vec<_> = match wanted {
        Some(ip) => vec![ip],
        None => free(host, network, &view)?,
    };
    let mut last = None;
    for ip in candidates.into_iter().take(TRIES) {
        let reservation = Reservation {
            network: network.to_owned(),
            mac: mac.to_owned(),
            ip,
            name: name.to_owned(),
        };
        tell(Step::Begun, &reservation)?;
        match make(host, &reservation)? {
            Outcome::Made => return Ok(reservation),
            Outcome::Taken(error) => {
                tell(Step::Refused, &reservation)?;
                last = Some(error);
            }
        }
    }
    Err(last.unwrap_or_else(|| {
        let message = format!("network {network} has no free address to keep");
        Error::new(Kind::QuotaExceeded, message)
    }))
}

fn make(host: &Host, reservation: &Reservation) -> Result<Outcome> {
    let network = &reservation.network;
    let add = sys::VIR_NETWORK_UPDATE_COMMAND_ADD_LAST;
    let dhcp = to_xml(&dhcp_host(reservation))?;
    if let Err(error) = networks::update(host, network, add, DHCP, dhcp) {
        if error.message().contains("existing dhcp host entry") {
            let message = format!(
                "network {network} keeps {} for another card",
                reservation.ip
            );
            let taken = Error::new(Kind::AlreadyExists, message).with_source(error);
            return Ok(Outcome::Taken(taken));
        }
        return Err(error);
    }
    networks::update(host, network, add, DNS, to_xml(&dns_host(reservation))?)?;
    Ok(Outcome::Made)
}

/// Addresses that the DHCP server of `network` may give, and that nobody has, the last first.
fn free(host: &Host, network: &str, view: &Network) -> Result<Vec<IpAddr>> {
    let leased = networks::leased(host, network)?;
    let kept: Vec<IpAddr> = view
        .hosts()
        .filter_map(|one| one.ip.as_ref()?.parse().ok())
        .chain(view.addresses())
        .collect();
    let mut found = Vec::new();
    for (start, end) in view.ranges() {
        let all = (u32::from(start)..=u32::from(end)).rev();
        let all = all.map(|at| IpAddr::V4(Ipv4Addr::from(at)));
        let unused = all.filter(|ip| !kept.contains(ip) && !leased.contains(ip));
        found.extend(unused.take(TRIES - found.len()));
    }
    Ok(found)
}

/// Gives up `reservation`, or with `only_looks` answers what would come of that.
pub(crate) fn release(host: &Host, reservation: &Reservation, only_looks: bool) -> Result<Removal> {
    let network = &reservation.network;
    let view = match view(host, network) {
        Ok(view) => view,
        Err(error) if error.kind() == Kind::NotFound => return Ok(Removal::Absent),
        Err(error) => return Err(error),
    };
    let (dhcp, dns) = (dhcp_host(reservation), dns_host(reservation));
    let mac = &reservation.mac;
    let of_card = |one: &&DhcpHost| {
        one.mac
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(mac))
    };
    let kept = view.hosts().find(of_card).cloned();
    let named = view.names().any(|one| *one == dns);
    let delete = sys::VIR_NETWORK_UPDATE_COMMAND_DELETE;
    if named && !only_looks {
        networks::update(host, network, delete, DNS, to_xml(&dns)?)?;
    }
    match kept {
        Some(kept) if !kept.is(&dhcp) => {
            let why = format!("what network {network} keeps for {mac} was changed since");
            Ok(Removal::Kept(why))
        }
        Some(_) => {
            if !only_looks {
                networks::update(host, network, delete, DHCP, to_xml(&dhcp)?)?;
            }
            Ok(Removal::Gone)
        }
        None => Ok(Removal::of(named)),
    }
}

/// Whether the card at `field` can have an address of `network` kept, which `wanted` may be.
pub(crate) fn check(
    network: &str,
    view: &Network,
    wanted: Option<IpAddr>,
    field: &str,
) -> Result<()> {
    if view.ranges().next().is_none() {
        let message = format!("libvirt gives no addresses in network {network}, so it keeps none");
        return Err(Error::new(Kind::Unsupported, message).with_field(format!("{field}/reserve")));
    }
    if let Some(ip) = wanted.filter(|ip| !view.has(*ip)) {
        let message = format!("{ip} is not an address of network {network}");
        return Err(Error::invalid(format!("{field}/addresses"), message));
    }
    Ok(())
}

fn view(host: &Host, network: &str) -> Result<Network> {
    let (_, xml) = networks::named(host, network)?;
    from_xml(&format!("network {network}"), &xml)
}
