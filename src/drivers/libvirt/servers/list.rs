//! All servers of a host, in a number of round trips that does not grow with them.

use std::net::IpAddr;

use super::measures::{Measures, uuid_of};
use super::show::show_listed;
use crate::concurrent::{both, each};
use crate::driver::{Server, Status};
use crate::drivers::libvirt::domains::{self, Domain, Measured, status};
use crate::drivers::libvirt::host::{Host, at_once};
use crate::drivers::libvirt::inventory::size_of;
use crate::drivers::libvirt::networks::Leases;
use crate::drivers::libvirt::plan::derived_mac;
use crate::drivers::libvirt::settings::Settings;
use crate::{Kind, Result};

/// The most interfaces whose derived MAC addresses are tried.
const INTERFACES: usize = 4;

/// The servers of `host`, by name. The full view reads each one's definition besides.
pub(crate) fn list(host: &Host, settings: &Settings, full: bool) -> Result<Vec<Server>> {
    let ((stats, domains), leases) = both(
        || {
            both(
                || domains::all_stats(host),
                || full.then(|| domains::hold_all(host)).transpose(),
            )
        },
        || Leases::of_host(host),
    );
    let (stats, domains) = (stats?, domains?);
    let mut servers = match domains {
        Some(domains) => each(&stats, at_once(), |stats| {
            let domain = domains.get(&uuid_of(&stats.stats));
            shown(settings, domain, stats, &leases)
        })
        .into_iter()
        .filter_map(Result::transpose)
        .collect::<Result<Vec<_>>>()?,
        None => stats
            .iter()
            .map(|stats| server(settings, stats, &leases))
            .collect(),
    };
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(servers)
}

/// A domain in the full view; none where it is gone. One that cannot be read is told as far as it can.
fn shown(
    settings: &Settings,
    domain: Option<&Domain>,
    measured: &Measured,
    leases: &Leases,
) -> Result<Option<Server>> {
    // one that was made between the two questions is told as far as the plain view does
    let shown = match domain {
        Some(domain) => show_listed(settings, domain, measured, leases),
        None => Ok(Some(server(settings, measured, leases))),
    };
    match shown {
        Err(error) if error.kind() != Kind::ConnectionFailed => {
            let mut server = server(settings, measured, leases);
            let warning = format!("not all of it could be read: {error}");
            server.warnings.push(warning);
            Ok(Some(server))
        }
        shown => shown,
    }
}

fn server(settings: &Settings, measured: &Measured, leases: &Leases) -> Server {
    let stats = &measured.stats;
    let measures = Measures::of_stats(stats);
    let status = status(stats.number("state.state").unwrap_or(0));
    let addresses: Vec<IpAddr> = match status {
        Status::Active | Status::Paused => (0..INTERFACES)
            .flat_map(|index| leases.of(&derived_mac(uuid_of(stats), index)))
            .collect(),
        _ => Vec::new(),
    };
    let size = size_of(
        settings,
        measures.cpus,
        measures.memory,
        measures.max_memory,
    );
    let server = measures.server(
        settings,
        &stats.name,
        uuid_of(stats),
        status,
        size,
        &addresses,
    );
    Server {
        warnings: measured.warnings(),
        ..server
    }
}
