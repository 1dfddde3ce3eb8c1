//! What is used and free, and whether the host answers at all.

use crate::Result;
use crate::driver::{ProviderData, ProviderStatus, Server, Usage};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::pools;
use crate::drivers::libvirt::settings::Settings;
use crate::units::{GIB, KIB_PER_MIB};

/// Asks the host for its versions.
pub(crate) fn status(host: &Host, warnings: Vec<String>) -> Result<ProviderStatus> {
    let about = host.about()?;
    let version = |n: u32| format!("{}.{}.{}", n / 1_000_000, n / 1000 % 1000, n % 1000);
    Ok(ProviderStatus {
        success: true,
        message: format!("{} answers", about.hostname),
        host: Some(format!(
            "libvirt {}, {} {}",
            version(about.libvirt),
            about.kind,
            version(about.hypervisor)
        )),
        warnings,
    })
}

/// The host's cpus, memory and pool against what `servers` hold.
pub(crate) fn data(host: &Host, settings: &Settings, servers: Vec<Server>) -> Result<ProviderData> {
    let (cpus, memory) = host.size()?;
    let pool = pools::named(host, &settings.pool)?.describe()?;
    let used_cpus = servers.iter().map(|server| server.used_cpu).sum();
    let used_ram = servers.iter().map(|server| server.used_ram).sum();
    let (max, free) = (pool.capacity / GIB, pool.available / GIB);
    let disk = Usage {
        used: max.saturating_sub(free),
        free,
        max,
        ..Usage::default()
    };
    Ok(ProviderData::new(
        Usage::of(used_cpus, u64::from(cpus)),
        Usage::of(used_ram, memory / KIB_PER_MIB),
        disk,
        servers,
    ))
}
