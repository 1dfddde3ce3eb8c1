//! What is used and free, and whether the host answers at all.

use crate::Result;
use crate::driver::{ProviderData, ProviderStatus, Server, Usage};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::settings::Settings;

const KIB_PER_MIB: u64 = 1024;
const BYTES_PER_GIB: u64 = 1 << 30;

/// Asks the host for its versions.
pub(crate) fn status(
    host: &Host,
    settings: &Settings,
    warnings: Vec<String>,
) -> Result<ProviderStatus> {
    let (name, lib, hypervisor, kind) =
        host.call("ask for its version", settings.call_limit, |conn| {
            Ok((
                conn.hostname()?,
                conn.lib_version()?,
                conn.hyp_version().unwrap_or(0),
                conn.driver_type()?,
            ))
        })?;
    let version = |n: u32| format!("{}.{}.{}", n / 1_000_000, n / 1000 % 1000, n % 1000);
    Ok(ProviderStatus {
        success: true,
        message: format!("{name} answers"),
        host: Some(format!(
            "libvirt {}, {kind} {}",
            version(lib),
            version(hypervisor)
        )),
        warnings,
    })
}

/// The host's cpus, memory and pool against what `servers` hold.
pub(crate) fn data(host: &Host, settings: &Settings, servers: Vec<Server>) -> Result<ProviderData> {
    let pool = settings.pool.clone();
    let (cpus, memory, capacity, available) =
        host.call("ask for usage", settings.call_limit, move |conn| {
            let node = conn.node_info()?;
            let pool = conn.lookup_storage_pool_by_name(&pool)?.info()?;
            Ok((node.cpus, node.memory, pool.capacity, pool.available))
        })?;
    let used_cpus = servers.iter().map(|server| server.used_cpu).sum();
    let used_ram = servers.iter().map(|server| server.used_ram).sum();
    let (max, free) = (capacity / BYTES_PER_GIB, available / BYTES_PER_GIB);
    Ok(ProviderData {
        cpus: Usage::of(used_cpus, u64::from(cpus)),
        ram: Usage::of(used_ram, memory / KIB_PER_MIB),
        disk: Usage {
            used: max.saturating_sub(free),
            free,
            max,
            unlimited: false,
        },
        server_count: servers.len() as u64,
        servers,
        availability_zones: Vec::new(),
        key_pairs: Vec::new(),
    })
}
