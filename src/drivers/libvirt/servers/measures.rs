//! How large a domain is and what it is doing, by libvirt's statistics.

use std::net::IpAddr;

use crate::driver::{HOURS_PER_MONTH, Server, Status, split_addresses};
use crate::drivers::libvirt::loader::DomainStats;
use crate::drivers::libvirt::settings::Settings;
use crate::units::{GIB, KIB_PER_MIB};
use uuid::Uuid;

/// The domain's UUID.
pub(super) fn uuid_of(stats: &DomainStats) -> uuid::Uuid {
    stats.uuid.parse().unwrap_or_default()
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
        let disks = (0..stats.disks()).map(|index| {
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
            disk: disks.fold(0, u64::saturating_add),
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
            used_disk: self.disk.div_ceil(GIB),
            cost: hourly,
            estimated_cost: hourly * HOURS_PER_MONTH,
            public_ips,
            private_ips,
            ..Server::new(&settings.provider_name, name, uuid.to_string(), status)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::libvirt::loader::StatValue;

    #[test]
    fn as_many_disks_as_there_are_values() {
        let values = ["block.count", "block.0.capacity", "block.1.capacity"];
        let values = values.map(|name| (name.to_owned(), StatValue::Uint(u64::MAX)));
        let stats = DomainStats {
            name: "web-1".to_owned(),
            uuid: String::new(),
            values: values.into(),
        };
        assert_eq!(Measures::of_stats(&stats).disk, u64::MAX);
    }
}
