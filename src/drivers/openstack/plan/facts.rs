//! What the cloud has of what the request names.

use std::thread;

use serde::Deserialize;

use super::quota::Quota;
use super::{Place, Reference, Request};
use crate::concurrent::joined;
use crate::drivers::creation::id_in;
use crate::drivers::openstack::api::compute::Flavor;
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::api::network::Network;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::lookup::resolve;
use crate::{Error, Kind, Result};

/// What the cloud has of what the request names.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) image: Image,
    pub(crate) flavor: Flavor,
    pub(crate) links: Vec<Link>,
    /// Ids.
    pub(crate) sec_groups: Vec<String>,
    /// The external network that a floating IP comes from.
    pub(crate) external: Option<Network>,
    pub(crate) quota: Quota,
    pub(crate) warnings: Vec<String>,
}

/// What an interface is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A network, by id and name.
    Network { id: String, name: String },
    /// A port that is there, by its id.
    Port { id: String },
}

#[derive(Debug, Deserialize)]
struct PortView {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    device_id: Option<String>,
}

impl Facts {
    /// Asks `cloud` about everything that `request` names.
    pub(crate) fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        for (service, field, needed) in [
            (
                Service::Volume,
                "/server/boot_volume",
                request.boot_volume.is_some(),
            ),
            (Service::Volume, "/server/disks", !request.disks.is_empty()),
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
        let (compute, network, quota) = thread::scope(|scope| {
            let compute = scope.spawn(|| Compute::gather(cloud, request));
            let network = scope.spawn(|| network(cloud, request));
            let mut untold = Vec::new();
            let quota = Quota::ask(cloud, request, &mut untold).map(|quota| (quota, untold));
            (joined(compute), joined(network), quota)
        });
        let compute = compute?;
        let (links, external, mut warnings) = network?;
        let (quota, untold) = quota?;
        warnings.extend(untold);
        Ok(Self {
            image: compute.image,
            flavor: compute.flavor,
            sec_groups: sec_groups(cloud, request, &links)?,
            links,
            external,
            quota,
            warnings,
        })
    }
}

struct Compute {
    image: Image,
    flavor: Flavor,
}

impl Compute {
    fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        let image = resolve::image(cloud, "/server/image", &request.image)?;
        let flavor = resolve::flavor(cloud, "/server/size", &request.size)?;
        if let Some(zone) = &request.zone {
            // an administrator may name a host behind it
            let name = zone.text.split(':').next().unwrap_or_default();
            resolve::zone(cloud, &zone.field, name)?;
        }
        if let Some(key) = &request.key_name {
            resolve::key_pair(cloud, &key.field, &key.text)?;
        }
        let volume = request.boot_volume.as_ref();
        if let Some(kind) = volume.and_then(|volume| volume.volume_type.as_ref()) {
            resolve::volume_type(cloud, "/server/boot_volume/volume_type", kind)?;
        }
        Ok(Self { image, flavor })
    }
}

type Networks = (Vec<Link>, Option<Network>, Vec<String>);

fn network(cloud: &Cloud, request: &Request) -> Result<Networks> {
    let mut warnings = Vec::new();
    let mut links = Vec::new();
    for interface in &request.interfaces {
        links.push(match &interface.place {
            Place::Network(reference) => {
                let found = resolve::network(cloud, &reference.field, &reference.text)?;
                if !found.admin_state_up {
                    let message = format!("the network {:?} is switched off", reference.text);
                    return Err(Error::new(Kind::Conflict, message).with_field(&reference.field));
                }
                if found.subnets.is_empty() {
                    let message = format!(
                        "the network {:?} has no subnet, so that a server gets no address there",
                        reference.text
                    );
                    return Err(Error::invalid(&reference.field, message));
                }
                Link::Network {
                    id: found.id,
                    name: found.name,
                }
            }
            Place::Port(reference) => port(cloud, reference)?,
        });
    }
    // an empty list asks for a server without any
    if request.interfaces.is_empty()
        && request.spec.networks.is_none()
        && cloud.has(Service::Network)
    {
        match only_network(cloud)? {
            Some(network) => links.push(Link::Network {
                id: network.id,
                name: network.name,
            }),
            None => warnings.push("the project has no network, so the server has none".to_owned()),
        }
    }
    let external = match &request.floating_ip {
        None => None,
        Some(reference) if reference.text.is_empty() => Some(only_external(cloud)?),
        Some(reference) => {
            let found = resolve::network(cloud, &reference.field, &reference.text)?;
            if !found.external {
                let message = format!("the network {:?} is not external", reference.text);
                return Err(Error::invalid(&reference.field, message));
            }
            Some(found)
        }
    };
    if external.is_some() && links.is_empty() {
        let message = "a floating IP needs a network to lead to";
        return Err(Error::invalid("/server/floating_ip", message));
    }
    Ok((links, external, warnings))
}

/// A port that is there, and free.
fn port(cloud: &Cloud, reference: &Reference) -> Result<Link> {
    let id = id_in(&reference.text);
    let ask = |name: &str, value: &str| -> Result<Vec<PortView>> {
        let path = Path::query("/v2.0/ports", &[(name, value)]);
        cloud.list(Service::Network, path, "ports")
    };
    let mut found = if uuid::Uuid::try_parse(id).is_ok() {
        ask("id", id)?
    } else {
        Vec::new()
    };
    if found.is_empty() {
        found = ask("name", &reference.text)?;
        found.retain(|port| port.name == reference.text);
    }
    let (Some(port), true) = (found.first(), found.len() < 2) else {
        let ids: Vec<_> = found.iter().map(|port| port.id.as_str()).collect();
        let error = if ids.is_empty() {
            Error::new(
                Kind::NotFound,
                format!("there is no port {:?}", reference.text),
            )
        } else {
            let message = format!(
                "there are {} ports called {:?}; name one by its id: {}",
                ids.len(),
                reference.text,
                ids.join(", ")
            );
            Error::new(Kind::Conflict, message)
        };
        return Err(error.with_field(&reference.field));
    };
    if port
        .device_id
        .as_ref()
        .is_some_and(|device| !device.is_empty())
    {
        let message = format!("the port {:?} is in use", reference.text);
        return Err(Error::new(Kind::Conflict, message).with_field(&reference.field));
    }
    Ok(Link::Port {
        id: port.id.clone(),
    })
}

/// The project's only network of its own, or shared with it; none where it has none.
fn only_network(cloud: &Cloud) -> Result<Option<Network>> {
    let mut all: Vec<Network> = cloud.list(Service::Network, "/v2.0/networks", "networks")?;
    all.retain(|network| !network.external && network.admin_state_up);
    if all.len() > 1 {
        let names: Vec<_> = all.iter().map(|network| network.name.as_str()).collect();
        let message = format!("no network is given, and there are {}", names.join(", "));
        return Err(Error::invalid("/server/network", message));
    }
    Ok(all.pop())
}

fn only_external(cloud: &Cloud) -> Result<Network> {
    let path = "/v2.0/networks?router%3Aexternal=true";
    let all: Vec<Network> = cloud.list(Service::Network, path, "networks")?;
    let mut all: Vec<_> = all.into_iter().filter(|network| network.external).collect();
    match (all.pop(), all.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => {
            let message = "the cloud has no external network that floating IPs come from";
            Err(Error::new(Kind::NotFound, message).with_field("/server/floating_ip"))
        }
        (Some(last), _) => {
            all.push(last);
            let names: Vec<_> = all.iter().map(|network| network.name.as_str()).collect();
            let message = format!("name the external network, one of: {}", names.join(", "));
            Err(Error::invalid("/server/floating_ip", message))
        }
    }
}

/// The ids of the security groups. Where there is no port to make, none counts.
fn sec_groups(cloud: &Cloud, request: &Request, links: &[Link]) -> Result<Vec<String>> {
    let makes_port = links
        .iter()
        .any(|link| matches!(link, Link::Network { .. }));
    if !makes_port {
        return Ok(Vec::new());
    }
    let groups = request.sec_groups.iter();
    groups
        .map(|reference| {
            resolve::sec_group(cloud, &reference.field, &reference.text).map(|group| group.id)
        })
        .collect()
}
