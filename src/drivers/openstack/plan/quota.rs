//! What the project may still have, asked before anything is made.

use serde::Deserialize;
use serde_json::Value;

use super::Request;
use crate::concurrent::both;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::{Error, Kind, Result};

/// What is left of each; none where there is no limit, or the cloud does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    instances: Option<Room>,
    cores: Option<Room>,
    /// MiB.
    ram: Option<Room>,
    volumes: Option<Room>,
    gigabytes: Option<Room>,
    ports: Option<Room>,
    floating_ips: Option<Room>,
}

/// How much of something there may be, and is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) limit: u64,
    pub(super) used: u64,
}

/// How much of each a server takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) cores: u64,
    /// MiB.
    pub(super) ram: u64,
    pub(super) volumes: u64,
    pub(super) gigabytes: u64,
    pub(super) ports: u64,
    pub(super) floating_ips: u64,
}

#[derive(Deserialize)]
struct Limits {
    limits: Absolute,
}

#[derive(Deserialize)]
struct Absolute {
    absolute: Value,
}

#[derive(Deserialize)]
struct NetworkQuota {
    quota: Value,
}

fn limits(cloud: &Cloud, service: Service) -> Result<Value> {
    let Limits { limits } = cloud.get(service, "/limits")?;
    Ok(limits.absolute)
}

/// An extension of Neutron's that not every cloud has: it says in its own time what does not fit then.
fn network_quota(cloud: &Cloud) -> Value {
    let project = cloud.project_id().filter(|_| cloud.has(Service::Network));
    let told = project.map_or(Ok(Value::Null), |project| {
        let path = Path::of("/v2.0/quotas", project)?.then("/details.json");
        let NetworkQuota { quota } = cloud.get(Service::Network, path)?;
        Ok(quota)
    });
    told.unwrap_or_else(|error: Error| {
        tracing::debug!(%error, "the network quota is not told");
        Value::Null
    })
}

impl Quota {
    /// Asks each service that `request` takes something of; what is not told is no limit, and a warning.
    pub(super) fn ask(
        cloud: &Cloud,
        request: &Request,
        warnings: &mut Vec<String>,
    ) -> Result<Self> {
        let (compute, (volume, network)) = both(
            || limits(cloud, Service::Compute),
            || {
                both(
                    || {
                        if request.volumes.is_empty() {
                            return Ok(Value::Null);
                        }
                        limits(cloud, Service::Volume)
                    },
                    || network_quota(cloud),
                )
            },
        );
        let mut told = |service, limits: Result<Value>| match limits {
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::PermissionDenied) => {
                warnings.push(format!(
                    "{service} does not tell the project's quota: {error}"
                ));
                Ok(Value::Null)
            }
            limits => limits,
        };
        let compute = told(Service::Compute, compute)?;
        let volume = told(Service::Volume, volume)?;
        Ok(Self {
            instances: room(&compute, "maxTotalInstances", "totalInstancesUsed"),
            cores: room(&compute, "maxTotalCores", "totalCoresUsed"),
            ram: room(&compute, "maxTotalRAMSize", "totalRAMUsed"),
            volumes: room(&volume, "maxTotalVolumes", "totalVolumesUsed"),
            gigabytes: room(&volume, "maxTotalVolumeGigabytes", "totalGigabytesUsed"),
            ports: room_of(&network["port"]),
            floating_ips: room_of(&network["floatingip"]),
        })
    }

    /// Whether a server named `name` with these `needs` fits; the error names what is short.
    pub(super) fn check(&self, name: &str, needs: Needs) -> Result<()> {
        for (what, room, need, field) in [
            ("instances", self.instances, 1, "/server"),
            ("cores", self.cores, needs.cores, "/server/size"),
            ("MiB of memory", self.ram, needs.ram, "/server/size"),
            ("volumes", self.volumes, needs.volumes, "/server/disks"),
            (
                "GiB of volumes",
                self.gigabytes,
                needs.gigabytes,
                "/server/disks",
            ),
            ("ports", self.ports, needs.ports, "/server/networks"),
            (
                "floating IPs",
                self.floating_ips,
                needs.floating_ips,
                "/server/floating_ip",
            ),
        ] {
            let Some(room) = room else { continue };
            if need > 0 && room.used + need > room.limit {
                let message = format!(
                    "no room for {name}: the project has {} of {} {what} in use, and it needs {need} \
                     more; delete something or ask for a larger quota",
                    room.used, room.limit
                );
                return Err(Error::new(Kind::QuotaExceeded, message).with_field(field));
            }
        }
        Ok(())
    }

    /// Whether another floating IP fits, as far as is told.
    pub(super) fn has_floating_ip(&self) -> bool {
        self.floating_ips.is_none_or(|room| room.used < room.limit)
    }

    #[cfg(test)]
    pub(super) fn with_cores(limit: u64, used: u64) -> Self {
        Self {
            cores: Some(Room { limit, used }),
            ..Self::default()
        }
    }
}

/// None where the limit is -1: there is none.
fn room(answer: &Value, limit: &str, used: &str) -> Option<Room> {
    Some(Room {
        limit: answer[limit].as_u64()?,
        used: answer[used].as_u64()?,
    })
}

fn room_of(answer: &Value) -> Option<Room> {
    let reserved = answer["reserved"].as_u64().unwrap_or(0);
    let room = room(answer, "limit", "used")?;
    Some(Room {
        used: room.used + reserved,
        ..room
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_short_is_named() {
        let needs = Needs {
            cores: 2,
            ..Needs::default()
        };
        assert_eq!(Quota::with_cores(4, 2).check("web1", needs), Ok(()));
        let error = Quota::with_cores(4, 3).check("web1", needs).unwrap_err();
        assert_eq!(error.kind(), Kind::QuotaExceeded);
        assert_eq!(error.field(), Some("/server/size"));
        assert!(error.message().contains("3 of 4 cores"), "{error}");
    }

    #[test]
    fn no_limit_is_no_limit() {
        let answer = json!({"max": -1, "used": 7, "port": {"limit": 5, "used": 2, "reserved": 1}});
        assert_eq!(room(&answer, "max", "used"), None);
        assert_eq!(room_of(&answer["port"]), Some(Room { limit: 5, used: 3 }));
        assert_eq!(room_of(&answer["floatingip"]), None);
    }
}
