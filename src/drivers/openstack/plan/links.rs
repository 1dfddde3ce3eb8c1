//! What the cloud has of what interfaces are to be attached to.

use std::collections::HashMap;

use super::floating_ip::{FloatingIpFacts, Ways};
use super::link::Link;
use super::{Place, Reference, Request, WantedInterface};
use crate::concurrent::{AT_ONCE, both, each};
use crate::drivers::openstack::api::network::Network;
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::lookup::{lists, resolve};
use crate::{Error, Kind, Result};

/// What the cloud has of the networks that a request names.
pub(super) struct Networks {
    pub(super) links: Vec<Link>,
    pub(super) floating_ip: Option<FloatingIpFacts>,
    pub(super) warnings: Vec<String>,
}

impl Networks {
    pub(super) fn gather(cloud: &Cloud, request: &Request) -> Result<Self> {
        let (mut groups, (ways, (places, only))) = both(
            || SecGroups::gather(cloud, request),
            || {
                both(
                    || Ways::gather(cloud, request),
                    || {
                        // an empty list asks for a server without any
                        let is_open = request.interfaces.is_empty()
                            && request.spec.networks.is_none()
                            && cloud.has(Service::Network);
                        let only = is_open.then(|| lists::networks(cloud));
                        let places =
                            each(&request.interfaces, AT_ONCE, |one| Found::of(cloud, one));
                        (places, only)
                    },
                )
            },
        );
        let mut warnings = Vec::new();
        let mut links = Vec::new();
        for (wanted, found) in request.interfaces.iter().zip(places) {
            links.push(match found? {
                Found::Port { id, network } => Link::Port { id, network },
                Found::Network(network, subnet) => {
                    on_network(network, subnet, Some(wanted), &mut groups)?
                }
            });
        }
        if let Some(all) = only {
            match only_network(all?)? {
                Some(network) => links.push(on_network(network, None, None, &mut groups)?),
                None => {
                    warnings.push("the project has no network, so the server has none".to_owned());
                }
            }
        }
        let are_said = request.spec.sec_group.is_some() || !request.spec.sec_groups.is_empty();
        if are_said && !groups.are_used {
            warnings.push("none of its interfaces takes the server's security groups".to_owned());
        }
        let floating_ip = ways?.choose(cloud, request, &links)?;
        Ok(Self {
            links,
            floating_ip,
            warnings,
        })
    }
}

/// The security groups of a request, each asked for once.
struct SecGroups<'a> {
    request: &'a Request,
    /// Ids, by what they are called; one that no interface takes need not be there.
    known: HashMap<&'a str, Result<String>>,
    are_used: bool,
}

impl<'a> SecGroups<'a> {
    fn gather(cloud: &Cloud, request: &'a Request) -> Self {
        let own = request.interfaces.iter();
        let own = own.filter_map(|one| one.sec_groups.as_ref()).flatten();
        let mut all: Vec<&Reference> = request.sec_groups.iter().chain(own).collect();
        all.sort_by_key(|one| &one.text);
        all.dedup_by_key(|one| &one.text);
        let ids = each(&all, AT_ONCE, |Reference { text, field }| {
            resolve::sec_group(cloud, field, text).map(|group| group.id)
        });
        Self {
            request,
            known: all.iter().map(|one| one.text.as_str()).zip(ids).collect(),
            are_used: false,
        }
    }

    /// The ids of those that an interface on `network` has.
    fn of(
        &mut self,
        network: &Network,
        wanted: Option<&WantedInterface>,
    ) -> Result<Option<Vec<String>>> {
        let port_security = wanted.and_then(|wanted| wanted.port_security);
        if port_security == Some(false) {
            return Ok(Some(Vec::new()));
        }
        if let Some(own) = wanted.and_then(|wanted| wanted.sec_groups.as_ref()) {
            return self.ids(own).map(Some);
        }
        // Neutron would refuse them
        let has_none = network.port_security == Some(false) && port_security.is_none();
        if has_none || self.request.sec_groups.is_empty() {
            return Ok(None);
        }
        self.are_used = true;
        self.ids(&self.request.sec_groups).map(Some)
    }

    fn ids(&mut self, references: &[Reference]) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for Reference { text, field } in references {
            let known = self.known[text.as_str()].clone();
            ids.push(known.map_err(|error| error.with_field(field))?);
        }
        Ok(ids)
    }
}

/// The network that is named, which must give addresses.
fn usable(cloud: &Cloud, reference: &Reference) -> Result<Network> {
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
    Ok(found)
}

/// What an interface goes to.
enum Found {
    Port {
        id: String,
        network: String,
    },
    /// With the subnet, where one is named.
    Network(Network, Option<String>),
}

impl Found {
    fn of(cloud: &Cloud, wanted: &WantedInterface) -> Result<Self> {
        let reference = match &wanted.place {
            Place::Port(reference) => return port(cloud, reference),
            Place::Network(reference) => reference,
        };
        let network = usable(cloud, reference)?;
        let subnet = match &wanted.subnet {
            Some(Reference { text, field }) => {
                Some(resolve::subnet(cloud, field, text, &network.id)?.id)
            }
            None => None,
        };
        Ok(Self::Network(network, subnet))
    }
}

fn on_network(
    network: Network,
    subnet: Option<String>,
    wanted: Option<&WantedInterface>,
    groups: &mut SecGroups<'_>,
) -> Result<Link> {
    Ok(Link::Network {
        sec_groups: groups.of(&network, wanted)?,
        id: network.id,
        name: network.name,
        subnet,
    })
}

/// A port that is there, and free.
fn port(cloud: &Cloud, reference: &Reference) -> Result<Found> {
    let port = resolve::port(cloud, &reference.field, &reference.text)?;
    if !port.device_id.is_empty() {
        let message = format!("the port {:?} is in use", reference.text);
        return Err(Error::new(Kind::Conflict, message).with_field(&reference.field));
    }
    Ok(Found::Port {
        id: port.id,
        network: port.network_id,
    })
}

/// The only one of `all` that the project can use; none where there is none at all. An external one
/// counts last, and only where it is shared: to others Nova attaches no server.
fn only_network(mut all: Vec<Network>) -> Result<Option<Network>> {
    all.retain(|network| network.admin_state_up);
    let names = |networks: &[Network]| {
        let names: Vec<_> = networks.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    };
    let refused = |message: String| Err(Error::invalid("/server/network", message));
    let external = names(&all);
    if all.iter().any(|network| !network.external) {
        all.retain(|network| !network.external);
    } else if !all.is_empty() {
        all.retain(|network| network.shared);
        if all.is_empty() {
            return refused(format!(
                "no network is given, and the project can use external ones only ({external}), which \
                 their owner does not share; name one where the cloud attaches servers to it, or say \
                 networks: [] for a server without any"
            ));
        }
    }
    if all.len() > 1 {
        let there = names(&all);
        return refused(format!("no network is given, and there are {there}"));
    }
    Ok(all.pop())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_network_that_is_not_named_is_the_only_one_that_can_be_used() {
        let network = |name: &str, external: bool, shared: bool| -> Network {
            let members = json!({
                "id": name, "name": name, "admin_state_up": true, "router:external": external,
                "shared": shared,
            });
            serde_json::from_value(members).unwrap()
        };
        let chosen = |all: &[(&str, bool, bool)]| {
            let all = all.iter();
            let all = all.map(|(name, external, shared)| network(name, *external, *shared));
            only_network(all.collect()).map(|found| found.map(|network| network.name))
        };
        let (own, open, closed) = (
            ("own", false, false),
            ("open", true, true),
            ("closed", true, false),
        );
        for (all, name) in [
            (&[][..], None),
            (&[own, open, closed], Some("own")),
            (&[closed, open], Some("open")),
        ] {
            assert_eq!(chosen(all), Ok(name.map(ToOwned::to_owned)));
        }
        for (all, named) in [
            (&[closed][..], "(closed)"),
            (&[own, ("other", false, true)], "own, other"),
            (&[open, ("outer", true, true)], "open, outer"),
        ] {
            let error = chosen(all).unwrap_err();
            assert_eq!(error.field(), Some("/server/network"));
            assert!(error.message().contains(named), "{error}");
        }
    }
}
