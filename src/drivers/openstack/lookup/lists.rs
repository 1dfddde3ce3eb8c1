//! Whole listings of what the project can use.

use crate::Result;
use crate::drivers::openstack::api::compute::{Flavor, KeyPairElement, Zone};
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::api::network::{FloatingIp, Network, SecurityGroup, Subnet};
use crate::drivers::openstack::cloud::{Cloud, Path, Service};

/// The images that servers can be made from.
pub(crate) fn images(cloud: &Cloud) -> Result<Vec<Image>> {
    let mut images: Vec<Image> =
        cloud.list(Service::Image, "/v2/images?status=active", "images")?;
    images.retain(|image| !image.is_being_imported());
    Ok(images)
}

/// The flavours, without those that are out of use.
pub(crate) fn flavors(cloud: &Cloud) -> Result<Vec<Flavor>> {
    let mut flavors: Vec<Flavor> = cloud.list(Service::Compute, "/flavors/detail", "flavors")?;
    flavors.retain(|flavor| !flavor.disabled);
    Ok(flavors)
}

/// The networks.
pub(crate) fn networks(cloud: &Cloud) -> Result<Vec<Network>> {
    cloud.list(Service::Network, "/v2.0/networks", "networks")
}

/// The subnets of all networks.
pub(crate) fn subnets(cloud: &Cloud) -> Result<Vec<Subnet>> {
    let path = "/v2.0/subnets?fields=id&fields=network_id&fields=cidr";
    cloud.list(Service::Network, path, "subnets")
}

/// The project's security groups; an administrator sees those of others too. Their rules, which may
/// be many, are not asked for.
pub(crate) fn sec_groups(cloud: &Cloud) -> Result<Vec<SecurityGroup>> {
    let mut filters = vec![("fields", "id"), ("fields", "name")];
    filters.extend(cloud.project_id().map(|id| ("project_id", id)));
    let path = Path::query("/v2.0/security-groups", &filters);
    cloud.list(Service::Network, path, "security_groups")
}

/// The user's key pairs.
pub(crate) fn key_pairs(cloud: &Cloud) -> Result<Vec<KeyPairElement>> {
    cloud.list(Service::Compute, "/os-keypairs", "keypairs")
}

/// The availability zones that `service` has.
pub(crate) fn zones(cloud: &Cloud, service: Service) -> Result<Vec<Zone>> {
    let path = "/os-availability-zone";
    cloud.list(service, path, "availabilityZoneInfo")
}

/// The project's floating IPs that `filters` leave.
pub(crate) fn floating_ips(cloud: &Cloud, filters: &[(&str, &str)]) -> Result<Vec<FloatingIp>> {
    let mut filters = filters.to_vec();
    filters.extend(cloud.project_id().map(|id| ("project_id", id)));
    let path = Path::query("/v2.0/floatingips", &filters);
    cloud.list(Service::Network, path, "floatingips")
}
