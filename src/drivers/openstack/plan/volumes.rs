//! Volumes: what is asked for, what the cloud has of it, and what is made.

use super::{Facts, Request};
use crate::driver::{ServerSpec, VolumeSpec};
use crate::drivers::creation::disks;
use crate::drivers::openstack::api::compute::Zone;
use crate::drivers::openstack::api::volume::Volume;
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::lookup::{lists, resolve};
use crate::{Error, Kind, Result};

/// A volume that is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedVolume {
    pub(crate) spec: VolumeSpec,
    pub(crate) is_root: bool,
    /// The member that asks for it.
    pub(crate) field: String,
}

impl WantedVolume {
    /// Those of `spec`, the root disk first.
    pub(super) fn all(spec: &ServerSpec) -> Result<Vec<Self>> {
        let root = spec.boot_volume.iter();
        let root = root.map(|volume| ("/server/boot_volume".to_owned(), volume.clone(), true));
        let disks = disks(spec).into_iter();
        let all = root.chain(disks.map(|(field, disk)| (field, disk, false)));
        let all = all.map(|(field, spec, is_root)| Self {
            spec,
            is_root,
            field,
        });
        let all: Vec<_> = all.collect();
        for one in &all {
            one.check(spec)?;
        }
        Ok(all)
    }

    fn check(&self, server: &ServerSpec) -> Result<()> {
        let spec = &self.spec;
        let refuse =
            |member: &str, why: &str| Err(Error::invalid(format!("{}/{member}", self.field), why));
        if spec.volume.is_some() {
            let its_own = "a volume that is there has its own already; leave it out";
            for (member, said) in [
                ("snapshot", spec.snapshot.is_some()),
                ("size", spec.size.is_some()),
                ("volume_type", spec.volume_type.is_some()),
                ("availability_zone", spec.availability_zone.is_some()),
            ] {
                if said {
                    return refuse(member, its_own);
                }
            }
            if spec.delete_on_termination == Some(true) {
                let why =
                    "a volume that is there already stays; delete it by the cloud's own means";
                return refuse("delete_on_termination", why);
            }
        }
        if self.is_root && self.has_content() && server.image.is_some() {
            let why = "it boots from what its boot_volume holds already; leave the image out";
            return Err(Error::invalid("/server/image", why));
        }
        Ok(())
    }

    /// Whether it brings its content: a volume that is there, or of a snapshot.
    pub(super) fn has_content(&self) -> bool {
        self.spec.volume.is_some() || self.spec.snapshot.is_some()
    }
}

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
        // an administrator may name a host behind it
        let servers = servers.and_then(|zone| zone.text.split(':').next());
        let of_server = servers.filter(|name| known.iter().any(|zone| zone.name == **name));
        Ok(Self {
            of_server: of_server.map(ToOwned::to_owned),
            known,
        })
    }

    fn said(&self, field: &str, zone: &str) -> Result<String> {
        resolve::zone(self.known.clone(), field, zone).map(|zone| zone.name)
    }
}

/// What a planned volume begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Nothing,
    /// An image, by its id.
    Image(String),
    /// A snapshot, by its id.
    Snapshot(String),
    /// It is there already, by its id.
    Volume(String),
}

/// A volume that is to be attached.
#[derive(Debug, Clone)]
pub(crate) struct PlannedVolume {
    /// Its name: of one that is made, one that no other volume has.
    pub(crate) name: String,
    pub(crate) source: Source,
    /// None where its source says it.
    pub(crate) gib: Option<u64>,
    pub(crate) volume_type: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) is_root: bool,
    /// Whether it stays when the server goes.
    pub(crate) stays: bool,
    /// The member that asks for it.
    pub(crate) field: String,
}

impl PlannedVolume {
    /// Those of `request`; `marked` gives the name of what it is for.
    pub(super) fn all(
        request: &Request,
        facts: &Facts,
        marked: impl Fn(&str) -> String,
    ) -> Vec<Self> {
        let mut disks = 0;
        let all = request.volumes.iter().zip(&facts.volumes);
        all.map(|(wanted, found)| {
            let what = if wanted.is_root {
                "root".to_owned()
            } else {
                disks += 1;
                format!("disk{disks}")
            };
            let id = found.source.as_ref().map(|source| source.id.clone());
            let image = facts.image.as_ref().filter(|_| wanted.is_root);
            let source = match (id, &wanted.spec.volume) {
                (Some(id), Some(_)) => Source::Volume(id),
                (Some(id), None) => Source::Snapshot(id),
                (None, _) => image.map_or(Source::Nothing, |image| Source::Image(image.id.clone())),
            };
            Self {
                name: match (&source, &found.source) {
                    (Source::Volume(id), Some(volume)) if volume.name.is_empty() => id.clone(),
                    (Source::Volume(_), Some(volume)) => volume.name.clone(),
                    _ => marked(&what),
                },
                gib: super::fit::gib(facts, wanted, found),
                volume_type: wanted.spec.volume_type.clone(),
                zone: found.zone.clone(),
                is_root: wanted.is_root,
                stays: wanted.spec.delete_on_termination == Some(false)
                    || matches!(source, Source::Volume(_)),
                field: wanted.field.clone(),
                source,
            }
        })
        .collect()
    }
}
