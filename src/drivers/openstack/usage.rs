//! Whether a cloud can be used, what the project holds of it, and what it may.

use std::thread;

use serde::de::IgnoredAny;

use super::api::{compute, volume};
use super::cloud::{Cloud, Service};
use super::lookup::lists;
use super::servers;
use super::settings::Settings;
use crate::concurrent::joined;
use crate::driver::{ProviderData, ProviderStatus, Server, Usage};
use crate::{Kind, Result};

/// What the cloud says of itself. Nova is asked something that wants the token, which Keystone alone
/// does not prove to be good.
pub(super) fn status(cloud: &Cloud, mut warnings: Vec<String>) -> Result<ProviderStatus> {
    cloud.get::<IgnoredAny>(Service::Compute, "/flavors?limit=1")?;
    let mut host = format!("Keystone {}", cloud.keystone_release());
    if let Some(version) = cloud.compute_release() {
        host = format!("{host}, Nova {version}");
    }
    warnings.extend(cloud.warnings());
    Ok(ProviderStatus {
        success: true,
        message: format!(
            "logged in as {}, region {}",
            cloud.account(),
            cloud.region()
        ),
        host: Some(host),
        warnings,
    })
}

/// The project's use of its quotas, its servers, and what they can be given besides.
pub(super) fn data(cloud: &Cloud, settings: &Settings) -> Result<ProviderData> {
    let (servers, limits, volumes, zones, keys) = thread::scope(|scope| {
        let limits = scope.spawn(|| {
            let answer: Result<compute::LimitsAnswer> = cloud.get(Service::Compute, "/limits");
            if_told(answer.map(|answer| Some(answer.limits.absolute)))
        });
        let volumes = cloud.has(Service::Volume).then(|| {
            scope.spawn(|| {
                let answer: Result<volume::LimitsAnswer> = cloud.get(Service::Volume, "/limits");
                if_told(answer.map(|answer| Some(answer.limits.absolute)))
            })
        });
        let zones = scope.spawn(|| lists::zones(cloud, Service::Compute));
        let keys = scope.spawn(|| lists::key_pairs(cloud));
        (
            servers::list(cloud, settings, false),
            joined(limits),
            volumes.map(joined).transpose(),
            joined(zones),
            joined(keys),
        )
    });
    let (servers, limits) = (servers?, limits?);
    let available = if_told(zones)?.into_iter();
    let mut availability_zones: Vec<String> = available
        .filter(|zone| zone.state.available)
        .map(|zone| zone.name)
        .collect();
    availability_zones.sort_unstable();
    let mut key_pairs: Vec<String> = if_told(keys)?
        .into_iter()
        .map(|element| element.keypair.name)
        .collect();
    key_pairs.sort_unstable();
    Ok(ProviderData {
        cpus: limits.as_ref().map_or_else(
            || held(&servers, |server| server.used_cpu),
            |limits| usage(limits.total_cores_used, limits.max_total_cores),
        ),
        ram: limits.as_ref().map_or_else(
            || held(&servers, |server| server.used_ram),
            |limits| usage(limits.total_ram_used, limits.max_total_ram),
        ),
        disk: disk(volumes?.flatten(), &servers),
        server_count: servers.len() as u64,
        max_servers: limits
            .and_then(|limits| limits.max_total_instances)
            .and_then(|max| u64::try_from(max).ok()),
        servers,
        availability_zones,
        key_pairs,
    })
}

/// The volumes of the project; where the cloud has none, what its servers hold, which no quota limits.
fn disk(volumes: Option<volume::AbsoluteLimits>, servers: &[Server]) -> Usage {
    match volumes {
        Some(limits) => usage(
            limits.total_gigabytes_used,
            limits.max_total_volume_gigabytes,
        ),
        None => held(servers, |server| server.used_disk),
    }
}

/// Limits below 0, and those that a cloud does not tell, are none.
fn usage(used: i64, max: Option<i64>) -> Usage {
    let used = u64::try_from(used).unwrap_or(0);
    match max.and_then(|max| u64::try_from(max).ok()) {
        Some(max) => Usage::of(used, max),
        None => Usage::unlimited(used),
    }
}

/// What the servers hold, where no quota is told.
fn held(servers: &[Server], of: impl Fn(&Server) -> u64) -> Usage {
    Usage::unlimited(servers.iter().map(of).sum())
}

/// What is answered; nothing where the user may not see it, or the cloud does not have it.
fn if_told<T: Default>(answer: Result<T>) -> Result<T> {
    match answer {
        Err(error) if matches!(error.kind(), Kind::PermissionDenied | Kind::NotFound) => {
            Ok(T::default())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_are_read_as_nova_writes_them() {
        let answer: compute::LimitsAnswer = serde_json::from_value(json!({"limits": {
            "rate": [],
            "absolute": {
                "maxTotalInstances": 10, "maxTotalCores": 20, "maxTotalRAMSize": -1,
                "maxServerMeta": 128, "totalRAMUsed": 576, "totalCoresUsed": 22,
                "totalInstancesUsed": 2
            }
        }}))
        .unwrap();
        let limits = answer.limits.absolute;
        let cpus = usage(limits.total_cores_used, limits.max_total_cores);
        assert_eq!((cpus.used, cpus.free, cpus.max), (22, 0, 20));
        assert!(!cpus.unlimited);
        let ram = usage(limits.total_ram_used, limits.max_total_ram);
        assert_eq!(ram, Usage::unlimited(576));
        assert!(ram.free > 1 << 50);
    }

    #[test]
    fn disk_is_what_cinder_counts_or_what_servers_hold() {
        let answer: volume::LimitsAnswer = serde_json::from_value(json!({"limits": {
            "rate": [],
            "absolute": {"maxTotalVolumeGigabytes": 1000, "totalGigabytesUsed": 30}
        }}))
        .unwrap();
        assert_eq!(disk(Some(answer.limits.absolute), &[]), Usage::of(30, 1000));
        let server = |disk| Server {
            used_disk: disk,
            ..Server::new("p", "s", "1".to_owned(), crate::driver::Status::Active)
        };
        assert_eq!(disk(None, &[server(5), server(8)]), Usage::unlimited(13));
    }
}
