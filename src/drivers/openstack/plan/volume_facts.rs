//! What the cloud has of the volumes that are asked for.

use super::wanted_volume::WantedVolume;
use super::{Reference, Request};
use crate::drivers::openstack::api::compute::Zone;
use crate::drivers::openstack::api::volume::Volume;
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::lookup::{lists, resolve};
use crate::{Error, Kind, Result};

/// What the cloud has of a volume that is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct VolumeFacts {
    /// The volume itself, or the snapshot that it begins with.
    pub(crate) source: Option<Volume>,
    pub(crate) zone: Option<String>,
}

impl VolumeFacts {
    /// Asks about all that `request` wants, in its order.
    pub(super) fn gather(cloud: &Cloud, request: &Request) -> Result<Vec<Self>> {
        let zones = Zones::of(cloud, request)?;
        let all = request.volumes.iter();
        all.map(|wanted| Self::of(cloud, wanted, &zones)).collect()
    }

    fn of(cloud: &Cloud, wanted: &WantedVolume, zones: &Zones) -> Result<Self> {
        let spec = &wanted.spec;
        let at = |member: &str| format!("{}/{member}", wanted.field);
        if let Some(kind) = &spec.volume_type {
            resolve::volume_type(cloud, &at("volume_type"), kind)?;
        }
        let found = |text, member, kept| resolve::volume(cloud, &at(member), text, kept);
        let source = match (&spec.volume, &spec.snapshot) {
            (Some(volume), _) => Some(found(volume, "volume", resolve::VOLUME)?),
            (None, Some(snapshot)) => Some(found(snapshot, "snapshot", resolve::SNAPSHOT)?),
            (None, None) => None,
        };
        if let (Some(volume), true, Some(text)) = (&source, wanted.is_root, &spec.volume)
            && volume.bootable == "false"
        {
            let message = format!("the volume {text:?} is not bootable");
            return Err(Error::invalid(at("volume"), message));
        }
        let zone = match &spec.availability_zone {
            Some(zone) => Some(zones.said(&at("availability_zone"), zone)?),
            // Cinder makes a volume where its snapshot is
            None if source.is_some() => None,
            None => zones.of_server.clone(),
        };
        Ok(Self { source, zone })
    }
}

/// Where volumes can be.
struct Zones {
    known: Vec<Zone>,
    /// The server's, where volumes have one of that name. Most clouds have one for all servers' zones.
    of_server: Option<String>,
}

impl Zones {
    fn of(cloud: &Cloud, request: &Request) -> Result<Self> {
        let volumes = &request.volumes;
        let is_said = volumes
            .iter()
            .any(|one| one.spec.availability_zone.is_some());
        let servers = request.zone.as_ref().filter(|_| !volumes.is_empty());
        let known = if is_said || servers.is_some() {
            match lists::zones(cloud, Service::Volume) {
                Err(error) if error.kind() == Kind::NotFound => Vec::new(),
                zones => zones?,
            }
        } else {
            Vec::new()
        };
        let servers = servers.map(Reference::zone);
        let of_server = servers.filter(|name| known.iter().any(|zone| zone.name == **name));
        Ok(Self {
            of_server: of_server.map(ToOwned::to_owned),
            known,
        })
    }

    fn said(&self, field: &str, zone: &str) -> Result<String> {
        resolve::zone(&self.known, field, zone).map(|()| zone.to_owned())
    }
}
