//! What the cloud has of what the request names.

use std::thread;

use super::Request;
use super::floating_ip::FloatingIpFacts;
use super::link::Link;
use super::links::Networks;
use super::quota::Quota;
use super::volume_facts::VolumeFacts;
use crate::concurrent::joined;
use crate::drivers::openstack::api::compute::Flavor;
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::lookup::{lists, resolve};
use crate::{Error, Kind, Result};

/// What the cloud has of what the request names.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// None where it boots from a volume that has its content already.
    pub(crate) image: Option<Image>,
    pub(crate) flavor: Flavor,
    pub(crate) links: Vec<Link>,
    pub(crate) floating_ip: Option<FloatingIpFacts>,
    /// As the request has them.
    pub(crate) volumes: Vec<VolumeFacts>,
    /// An id.
    pub(crate) server_group: Option<String>,
    pub(crate) quota: Quota,
    pub(crate) warnings: Vec<String>,
}

impl Facts {
    /// Asks `cloud` about everything that `request` names.
    pub(crate) fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        for (service, field, needed) in [
            (
                Service::Volume,
                "/server/boot_volume",
                request.boots_from_volume(),
            ),
            (
                Service::Volume,
                "/server/disks",
                !request.volumes.is_empty(),
            ),
            (
                Service::Network,
                "/server/networks",
                !request.interfaces.is_empty(),
            ),
            (
                Service::Network,
                "/server/floating_ip",
                request.floating_ip.is_some(),
            ),
        ] {
            if needed && !cloud.has(service) {
                let message = format!("this region has no {service}");
                return Err(Error::new(Kind::Unsupported, message).with_field(field));
            }
        }
        // each asks other services than the next
        let (compute, network, volumes, quota) = thread::scope(|scope| {
            let compute = scope.spawn(|| Compute::gather(cloud, request));
            let network = scope.spawn(|| Networks::gather(cloud, request));
            let volumes = scope.spawn(|| VolumeFacts::gather(cloud, request));
            let mut untold = Vec::new();
            let quota = Quota::ask(cloud, request, &mut untold).map(|quota| (quota, untold));
            (joined(compute), joined(network), joined(volumes), quota)
        });
        let compute = compute?;
        let Networks {
            links,
            mut floating_ip,
            mut warnings,
        } = network?;
        let (quota, untold) = quota?;
        warnings.extend(untold);
        if let Some(floating) = &mut floating_ip
            && floating.existing.is_none()
            && !quota.has_floating_ip()
        {
            floating.use_free(cloud)?;
        }
        Ok(Self {
            image: compute.image,
            flavor: compute.flavor,
            links,
            floating_ip,
            volumes: volumes?,
            server_group: compute.server_group,
            quota,
            warnings,
        })
    }
}

struct Compute {
    image: Option<Image>,
    flavor: Flavor,
    server_group: Option<String>,
}

impl Compute {
    fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        let image = match request.image.as_str() {
            "" => None,
            image => Some(resolve::image(cloud, "/server/image", image)?),
        };
        let flavor = resolve::flavor(cloud, "/server/size", &request.size)?;
        if let Some(zone) = &request.zone {
            let zones = lists::zones(cloud, Service::Compute)?;
            resolve::zone(&zones, &zone.field, zone.zone())?;
        }
        if let Some(key) = &request.key_name {
            resolve::key_pair(cloud, &key.field, &key.text)?;
        }
        let server_group = match &request.server_group {
            Some(group) => Some(resolve::server_group(cloud, &group.field, &group.text)?.id),
            None => None,
        };
        Ok(Self {
            image,
            flavor,
            server_group,
        })
    }
}
