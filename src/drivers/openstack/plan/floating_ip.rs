//! Where a floating IP comes from, and which interface it leads to: what the cloud's routers allow.

use std::net::IpAddr;

use super::{Link, Reference, Request};
use crate::drivers::openstack::api::network::{FloatingIp, Network, Port, Router};
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::lookup::{lists, resolve};
use crate::drivers::openstack::record::creation_of;
use crate::{Error, Kind, Result};

/// Who has the ports by which routers are on a network.
const ROUTERS: [&str; 3] = [
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
];

/// A floating IP that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct FloatingIpFacts {
    /// The external network that it comes from.
    pub(crate) network: Network,
    /// Which of the links it leads to.
    pub(crate) link: usize,
    /// One that is there already and is used.
    pub(crate) existing: Option<FloatingIp>,
}

/// Where it can come from, whatever it leads to.
#[derive(Debug, Default)]
pub(super) struct Ways {
    existing: Option<FloatingIp>,
    externals: Vec<Network>,
}

impl Ways {
    pub(super) fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        let Some(reference) = &request.floating_ip else {
            return Ok(Self::default());
        };
        let existing = match reference.text.trim().parse::<IpAddr>() {
            Ok(address) => Some(of_address(cloud, reference, address)?),
            Err(_) => None,
        };
        let field = &reference.field;
        let externals = match &existing {
            Some(floating) => vec![resolve::network(cloud, field, &floating.network_id)?],
            None => externals(cloud, reference)?,
        };
        Ok(Self {
            existing,
            externals,
        })
    }

    /// What `request` asks for, led to the first of `links` that has a way to its network.
    pub(super) fn choose(
        self,
        cloud: &Cloud,
        request: &Request,
        links: &[Link],
    ) -> Result<Option<FloatingIpFacts>> {
        let Some(reference) = &request.floating_ip else {
            return Ok(None);
        };
        if links.is_empty() {
            let message = "a floating IP needs a network to lead to";
            return Err(Error::invalid(&reference.field, message));
        }
        let said = request.interfaces.iter();
        let said = said.enumerate().find(|(_, one)| one.has_floating_ip);
        let candidates = said.map_or(0..links.len(), |(index, _)| index..index + 1);
        let (link, network) = way(cloud, reference, links, candidates, self.externals)?;
        Ok(Some(FloatingIpFacts {
            network,
            link,
            existing: self.existing,
        }))
    }
}

impl FloatingIpFacts {
    /// Takes a free one of the project's, where there is one; the quota has no room for another.
    pub(super) fn use_free(&mut self, cloud: &Cloud) -> Result<()> {
        let filters = [("floating_network_id", self.network.id.as_str())];
        let mut free = lists::floating_ips(cloud, &filters)?;
        // another creation's is about to be used
        free.retain(|one| one.port_id.is_none() && creation_of(&one.description).is_none());
        free.sort_by(|a, b| a.address.cmp(&b.address));
        self.existing = free.into_iter().next();
        Ok(())
    }
}

fn of_address(cloud: &Cloud, reference: &Reference, address: IpAddr) -> Result<FloatingIp> {
    let text = address.to_string();
    let found = lists::floating_ips(cloud, &[("floating_ip_address", &text)])?;
    let found = found.into_iter().find(|one| one.address == text);
    let error = match found {
        Some(floating) if floating.port_id.is_none() => return Ok(floating),
        Some(_) => {
            let message = format!("the floating IP {text} is in use");
            Error::new(Kind::Conflict, message)
        }
        None => {
            let message = format!("the project has no floating IP {text}");
            Error::new(Kind::NotFound, message)
        }
    };
    Err(error.with_field(&reference.field))
}

/// The external network that is named; all there are where none is.
fn externals(cloud: &Cloud, reference: &Reference) -> Result<Vec<Network>> {
    if !reference.text.is_empty() {
        let found = resolve::network(cloud, &reference.field, &reference.text)?;
        if found.external {
            return Ok(vec![found]);
        }
        let message = format!("the network {:?} is not external", reference.text);
        return Err(Error::invalid(&reference.field, message));
    }
    let path = "/v2.0/networks?router%3Aexternal=true";
    let mut all: Vec<Network> = cloud.list(Service::Network, path, "networks")?;
    all.retain(|network| network.external);
    if all.is_empty() {
        let message = "the cloud has no external network that floating IPs come from";
        return Err(Error::new(Kind::NotFound, message).with_field(&reference.field));
    }
    Ok(all)
}

/// The first of the `candidates` among `links` on whose network a router is that leads to one of
/// `externals`. Where none is seen, which may be another project's, the cloud decides whether the first
/// will do.
fn way(
    cloud: &Cloud,
    reference: &Reference,
    links: &[Link],
    candidates: std::ops::Range<usize>,
    mut externals: Vec<Network>,
) -> Result<(usize, Network)> {
    if candidates.len() > 1 || externals.len() > 1 {
        let path = "/v2.0/routers?fields=id&fields=external_gateway_info";
        let routers: Vec<Router> = cloud.list(Service::Network, path, "routers")?;
        for link in candidates.clone() {
            for router in routers_on(cloud, links[link].network())? {
                let router = routers.iter().find(|one| one.id == router);
                let to = router.and_then(|router| router.gateway.as_ref());
                let to = to.map(|gateway| &gateway.network_id);
                let external = externals.iter().position(|one| Some(&one.id) == to);
                if let Some(external) = external {
                    return Ok((link, externals.swap_remove(external)));
                }
            }
        }
    }
    match (externals.pop(), externals.len()) {
        (Some(only), 0) => Ok((candidates.start, only)),
        (last, _) => {
            let all = externals.iter().chain(&last);
            let names: Vec<_> = all.map(|network| network.name.as_str()).collect();
            let message = format!("name the external network, one of: {}", names.join(", "));
            Err(Error::invalid(&reference.field, message))
        }
    }
}

/// The ids of the routers that are on `network`.
fn routers_on(cloud: &Cloud, network: &str) -> Result<Vec<String>> {
    let mut filters = vec![
        ("network_id", network),
        ("fields", "id"),
        ("fields", "device_id"),
    ];
    filters.extend(ROUTERS.map(|owner| ("device_owner", owner)));
    let path = Path::query("/v2.0/ports", &filters);
    let ports: Vec<Port> = cloud.list(Service::Network, path, "ports")?;
    Ok(ports.into_iter().map(|port| port.device_id).collect())
}
