//! How large a domain is and what it is doing, by libvirt's statistics.

use std::net::IpAddr;

use uuid::Uuid;
use virt::connect::Connect;
use virt::error::Error as VirtError;
use virt::sys;

use crate::driver::{HOURS_PER_MONTH, Server, Status, split_addresses};
use crate::drivers::libvirt::loader::{DomainStats, StatValue, domain_list_stats};
use crate::drivers::libvirt::settings::Settings;

const KIB_PER_MIB: u64 = 1024;
const BYTES_PER_GIB: u64 = 1 << 30;

/// What is asked about each domain.
pub(super) const STATS: u32 = sys::VIR_DOMAIN_STATS_STATE
    | sys::VIR_DOMAIN_STATS_BALLOON
    | sys::VIR_DOMAIN_STATS_VCPU
    | sys::VIR_DOMAIN_STATS_BLOCK;

/// The domain's UUID.
pub(super) fn uuid_of(stats: &DomainStats) -> uuid::Uuid {
    stats.uuid.parse().unwrap_or_default()
}

/// The measures and state of the domain `uuid`, by the same statistics.
pub(super) fn stats_of(
    conn: &Connect,
    uuid: uuid::Uuid,
) -> std::result::Result<Option<DomainStats>, VirtError> {
    let domain = conn.lookup_domain_by_uuid(uuid)?;
    let stats = domain_list_stats(&[domain], STATS)?;
    Ok(with_missing(conn, stats).pop())
}

/// libvirt's test driver tells of states only; what is missing is asked for domain by domain.
pub(super) fn with_missing(conn: &Connect, mut stats: Vec<DomainStats>) -> Vec<DomainStats> {
    for stats in stats
        .iter_mut()
        .filter(|stats| stats.number("balloon.maximum").is_none())
    {
        let Ok(info) = conn
            .lookup_domain_by_uuid_string(&stats.uuid)
            .and_then(|domain| domain.info())
        else {
            continue; // gone in the meantime
        };
        for (name, number) in [
            ("balloon.maximum", info.max_mem),
            ("balloon.current", info.memory),
            ("vcpu.current", u64::from(info.nr_virt_cpu)),
        ] {
            stats
                .values
                .insert(name.to_owned(), StatValue::Uint(number));
        }
    }
    stats
}

/// How large a domain is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Measures {
    pub(super) cpus: u64,
    /// KiB that it has now.
    pub(super) memory: u64,
    /// KiB that it can have.
    pub(super) max_memory: u64,
    /// Bytes of all its disks that are not read-only media.
    pub(super) disk: u64,
}

impl Measures {
    /// Takes them out of the bulk statistics.
    pub(super) fn of_stats(stats: &DomainStats) -> Self {
        let number = |name: &str| stats.number(name).unwrap_or(0);
        let max_memory = number("balloon.maximum");
        let disks = (0..number("block.count")).map(|index| {
            let is_seed = stats
                .text(&format!("block.{index}.path"))
                .is_some_and(|path| path.to_ascii_lowercase().ends_with(".iso"));
            if is_seed {
                0
            } else {
                number(&format!("block.{index}.capacity"))
            }
        });
        Self {
            cpus: stats
                .number("vcpu.current")
                .unwrap_or_else(|| number("vcpu.maximum")),
            memory: stats
                .number("balloon.current")
                .filter(|kib| *kib > 0)
                .unwrap_or(max_memory),
            max_memory,
            disk: disks.sum(),
        }
    }

    /// The server that has them, in the plain view.
    pub(super) fn server(
        self,
        settings: &Settings,
        name: &str,
        uuid: Uuid,
        status: Status,
        size: String,
        addresses: &[IpAddr],
    ) -> Server {
        let (public_ips, private_ips) = split_addresses(addresses);
        let hourly = settings
            .flavours
            .get(&size)
            .and_then(|flavour| flavour.cost)
            .unwrap_or(0.0);
        Server {
            ip: addresses
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            size,
            used_ram: self.max_memory / KIB_PER_MIB,
            used_cpu: self.cpus,
            used_disk: self.disk.div_ceil(BYTES_PER_GIB),
            cost: hourly,
            estimated_cost: hourly * HOURS_PER_MONTH,
            public_ips,
            private_ips,
            ..Server::new(&settings.provider_name, name, uuid.to_string(), status)
        }
    }
}
