//! From a request to a plan: what is asked for is checked, the cloud is asked what it has, and a pure
//! function puts both together. Nothing here changes the cloud.
//!
//! | file | concern |
//! |---|---|
//! | `request` | what is asked for, checked, the provider's defaults filled in |
//! | `reference` | what a request calls something of the cloud |
//! | `interfaces` | the network interfaces that are asked for |
//! | `facts` | what the cloud has of what the request names |
//! | `link`, `links` | what interfaces are attached to, and what the cloud has of that |
//! | `floating_ip` | where a floating IP comes from, and where it leads |
//! | `wanted_volume`, `volume_facts`, `volumes` | volumes, from what is asked for to what is made |
//! | `quota` | what the project may still have |
//! | `fit` | whether what is asked for fits what the cloud has |
//! | `bodies` | the bodies of the requests that make a plan's parts |
//! | `said` | members of an object that are there only where they say something |
//! | `user_data` | what the guest is told beyond the cloud's own metadata |
//! | `digest` | by what a creation that is asked for again is told from another one |
//! | `show` | the plan for people and programs to look at |

pub(super) mod bodies;
mod digest;
mod facts;
mod fit;
mod floating_ip;
mod interfaces;
mod link;
mod links;
mod quota;
mod reference;
mod request;
mod said;
mod show;
#[cfg(test)]
mod tests;
mod user_data;
mod volume_facts;
mod volumes;
mod wanted_volume;

use std::net::IpAddr;

use uuid::Uuid;

pub(super) use digest::digest;
pub(super) use facts::Facts;
pub(super) use interfaces::Place;
use interfaces::WantedInterface;
pub(super) use link::Link;
pub(super) use reference::Reference;
pub(super) use request::{MEMBERS, Request};
pub(super) use show::answer;
pub(super) use user_data::user_data;
pub(super) use volumes::{PlannedVolume, Source};

use super::api::network::FloatingIp;
use super::record::{Record, key_pair_name, marked_name};
use crate::Result;
use crate::driver::AddressPairSpec;

/// A port, by which an interface is attached to its network.
#[derive(Debug, Clone)]
pub(super) enum PlannedPort {
    /// One that is made.
    New(NewPort),
    /// One that is there, by its id.
    Given(String),
}

/// A port that is to be made.
#[derive(Debug, Clone)]
pub(super) struct NewPort {
    /// Its name, which no other port has.
    pub(super) name: String,
    pub(super) network: String,
    pub(super) network_name: String,
    pub(super) mac: Option<String>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) subnet: Option<String>,
    /// None where the cloud's default applies.
    pub(super) sec_groups: Option<Vec<String>>,
    pub(super) port_security: Option<bool>,
    pub(super) address_pairs: Vec<AddressPairSpec>,
    /// The member that asks for it.
    pub(super) field: String,
}

/// A floating IP that is to be made, or used.
#[derive(Debug, Clone)]
pub(super) struct PlannedFloatingIp {
    /// Its description where it is made, which no other floating IP has.
    pub(super) description: String,
    pub(super) network: String,
    pub(super) network_name: String,
    /// Which of the ports it leads to.
    pub(super) port: usize,
    /// One that is there already.
    pub(super) existing: Option<FloatingIp>,
}

/// All that is to be made for a server, but for its keys and what depends on them.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The creation's own id, by which everything that it makes can be told.
    pub(super) creation: Uuid,
    pub(super) name: String,
    /// The key pair that is made, by its name.
    pub(super) key_pair: Option<String>,
    pub(super) ports: Vec<PlannedPort>,
    pub(super) floating_ip: Option<PlannedFloatingIp>,
    /// In the order of the request.
    pub(super) volumes: Vec<PlannedVolume>,
    pub(super) record: Record,
    pub(super) warnings: Vec<String>,
}

/// Puts the request and what the cloud has together.
pub(super) fn plan(request: &Request, facts: &Facts, creation: Uuid) -> Result<Plan> {
    fit::check(request, facts)?;
    let server = &request.spec.server_name;
    let marked = |what: &str| marked_name(server, what, creation);
    let ports = facts
        .links
        .iter()
        .enumerate()
        .map(|(index, link)| match link {
            Link::Port { id, .. } => PlannedPort::Given(id.clone()),
            Link::Network {
                id,
                name,
                subnet,
                sec_groups,
            } => {
                let wanted = request.interfaces.get(index);
                PlannedPort::New(NewPort {
                    name: marked(&format!("port{index}")),
                    network: id.clone(),
                    network_name: name.clone(),
                    mac: wanted.and_then(|wanted| wanted.mac.clone()),
                    addresses: wanted.map_or_else(Vec::new, |wanted| wanted.addresses.clone()),
                    subnet: subnet.clone(),
                    sec_groups: sec_groups.clone(),
                    port_security: wanted.and_then(|wanted| wanted.port_security),
                    address_pairs: wanted
                        .map_or_else(Vec::new, |wanted| wanted.address_pairs.clone()),
                    field: wanted.map_or_else(
                        || "/server/network".to_owned(),
                        |wanted| wanted.field.clone(),
                    ),
                })
            }
        })
        .collect();
    Ok(Plan {
        creation,
        name: server.clone(),
        key_pair: request.makes_key_pair().then(|| key_pair_name(creation)),
        ports,
        floating_ip: facts
            .floating_ip
            .as_ref()
            .map(|floating| PlannedFloatingIp {
                description: marked("floating-ip"),
                network: floating.network.id.clone(),
                network_name: floating.network.name.clone(),
                port: floating.link,
                existing: floating.existing.clone(),
            }),
        volumes: PlannedVolume::all(request, facts, marked),
        record: Record::new(
            creation,
            digest(request),
            request.image.clone(),
            request.size.clone(),
            request.spec.role.clone(),
        ),
        warnings: facts.warnings.clone(),
    })
}
