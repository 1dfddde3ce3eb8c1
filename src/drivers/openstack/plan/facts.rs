//! What the cloud has of what the request names.

use super::floating_ip::FloatingIpFacts;
use super::link::Link;
use super::links::Networks;
use super::quota::Quota;
use super::volume_facts::VolumeFacts;
use super::{Reference, Request};
use crate::concurrent::both;
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
        let ((compute, network), (volumes, quota)) = both(
            || {
                both(
                    || Compute::gather(cloud, request),
                    || Networks::gather(cloud, request),
                )
            },
            || {
                both(
                    || VolumeFacts::gather(cloud, request),
                    || {
                        let mut untold = Vec::new();
                        let quota = Quota::ask(cloud, request, &mut untold);
                        quota.map(|quota| (quota, untold))
                    },
                )
            },
        );
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
        let image = || match request.image.as_str() {
            "" => Ok(None),
            image => resolve::image(cloud, "/server/image", image).map(Some),
        };
        let flavor = || resolve::flavor(cloud, "/server/size", &request.size);
        let zone = || match &request.zone {
            Some(zone) => {
                let zones = lists::zones(cloud, Service::Compute)?;
                resolve::zone(&zones, &zone.field, zone.zone())
            }
            None => Ok(()),
        };
        let key = || match &request.key_name {
            Some(key) => resolve::key_pair(cloud, &key.field, &key.text).map(drop),
            None => Ok(()),
        };
        let server_group = || match &request.server_group {
            Some(Reference { text, field }) => {
                resolve::server_group(cloud, field, text).map(|group| Some(group.id))
            }
            None => Ok(None),
        };
        let ((image, flavor), (zone, (key, server_group))) = both(
            || both(image, flavor),
            || both(zone, || both(key, server_group)),
        );
        let (image, flavor) = (image?, flavor?);
        zone?;
        key?;
        Ok(Self {
            image,
            flavor,
            server_group: server_group?,
        })
    }
}
