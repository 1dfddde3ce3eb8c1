//! All servers of a host, in a number of round trips that does not grow with them.

use std::net::IpAddr;

use virt::connect::Connect;
use virt::error::Error as VirtError;

use super::addresses::Leases;
use super::measures::{Measures, STATS, uuid_of, with_missing};
use super::show::show_domain;
use crate::Result;
use crate::driver::{Server, Status};
use crate::drivers::libvirt::domains::status;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::size_of;
use crate::drivers::libvirt::loader::{DomainStats, domain_list_stats, domain_stats};
use crate::drivers::libvirt::plan::derived_mac;
use crate::drivers::libvirt::settings::Settings;

/// How many domains are asked about at once where the host has too many for one answer.
const CHUNK: usize = 1000;
/// The most interfaces whose derived MAC addresses are tried.
const INTERFACES: usize = 4;

/// The servers of `host`, by name. The full view reads each one's definition besides.
pub(crate) fn list(host: &Host, settings: &Settings, full: bool) -> Result<Vec<Server>> {
    let (stats, leases) = host.call("list the servers", settings.call_limit, |conn| {
        let stats = match domain_stats(conn, STATS, 0) {
            Ok(stats) => stats,
            Err(_) => in_chunks(conn)?,
        };
        let leases = Leases::of_host(conn).unwrap_or_default();
        Ok((with_missing(conn, stats), leases))
    })?;
    let mut servers = if full {
        stats
            .iter()
            .filter_map(|stats| show_domain(host, settings, uuid_of(stats), &leases).transpose())
            .collect::<Result<Vec<_>>>()?
    } else {
        stats
            .iter()
            .map(|stats| server(settings, stats, &leases))
            .collect()
    };
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(servers)
}

/// The same statistics for hosts whose domains do not fit in one answer (libvirt's RPC carries 4096
/// records at once, newer versions 16384).
fn in_chunks(conn: &Connect) -> std::result::Result<Vec<DomainStats>, VirtError> {
    let domains = conn.list_all_domains(0)?;
    let mut all = Vec::with_capacity(domains.len());
    for chunk in domains.chunks(CHUNK) {
        all.extend(domain_list_stats(chunk, STATS)?);
    }
    Ok(all)
}

fn server(settings: &Settings, stats: &DomainStats, leases: &Leases) -> Server {
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
    measures.server(
        settings,
        &stats.name,
        uuid_of(stats),
        status,
        size,
        &addresses,
    )
}
