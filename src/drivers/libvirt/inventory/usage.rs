//! What is used and free, what it costs, and whether the host answers at all.

use crate::Result;
use crate::driver::{
    Billing, BillingItem, HOURS_PER_MONTH, ProviderData, ProviderStatus, Server, Usage,
};
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
        },
        server_count: servers.len() as u64,
        servers,
    })
}

/// What `servers` cost by the prices of their flavours.
pub(crate) fn billing(settings: &Settings, servers: &[Server]) -> Billing {
    let price = |size: &str| {
        settings
            .flavours
            .get(size)
            .and_then(|f| f.cost)
            .unwrap_or(0.0)
    };
    let items: Vec<BillingItem> = servers
        .iter()
        .map(|server| BillingItem {
            hostname: server.hostname.clone(),
            size: server.size.clone(),
            hourly: price(&server.size),
        })
        .collect();
    let hourly = items.iter().map(|item| item.hourly).sum::<f64>();
    Billing {
        hourly,
        monthly: hourly * HOURS_PER_MONTH,
        currency: settings.currency.clone(),
        servers: items,
    }
}
