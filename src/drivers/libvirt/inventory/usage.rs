//! What is used and free, and whether the host answers at all.

use crate::Result;
use crate::concurrent::both;
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

/// The host's cpus, memory and pool against what its servers hold, which `list` tells.
pub(crate) fn data(
    host: &Host,
    settings: &Settings,
    list: impl FnOnce() -> Result<Vec<Server>> + Send,
) -> Result<ProviderData> {
    let (servers, (size, pool)) = both(list, || {
        both(
            || host.size(),
            || pools::named(host, &settings.pool)?.describe(),
        )
    });
    let (servers, (cpus, memory), pool) = (servers?, size?, pool?);
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
