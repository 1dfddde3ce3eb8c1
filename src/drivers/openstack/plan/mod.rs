//! From a request to a plan: what is asked for is checked, the cloud is asked what it has, and a pure
//! function puts both together. Nothing here changes the cloud.
//!
//! | file | concern |
//! |---|---|
//! | `request` | what is asked for, checked, the provider's defaults filled in |
//! | `reference` | what a request calls something of the cloud |
//! | `interfaces` | the network interfaces that are asked for |
//! | `facts` | what the cloud has of what the request names |
//! | `quota` | what the project may still have |
//! | `fit` | whether what is asked for fits what the cloud has |
//! | `bodies` | the bodies of the requests that make a plan's parts |
//! | `user_data` | what the guest is told beyond the cloud's own metadata |
//! | `digest` | by what a creation that is asked for again is told from another one |
//! | `show` | the plan for people and programs to look at |

pub(super) mod bodies;
mod digest;
mod facts;
mod fit;
mod interfaces;
mod quota;
mod reference;
mod request;
mod show;
#[cfg(test)]
mod tests;
mod user_data;

use std::net::IpAddr;

use uuid::Uuid;

pub(super) use digest::digest;
pub(super) use facts::{Facts, Link};
pub(super) use interfaces::Place;
pub(super) use reference::Reference;
pub(super) use request::{MEMBERS, Request};
pub(super) use show::answer;
pub(super) use user_data::user_data;

use super::record::{Record, key_pair_name};
use crate::Result;

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
    /// The member that asks for it.
    pub(super) field: String,
}

/// A floating IP that is to be made.
#[derive(Debug, Clone)]
pub(super) struct PlannedFloatingIp {
    /// Its description, which no other floating IP has.
    pub(super) description: String,
    pub(super) network: String,
    pub(super) network_name: String,
}

/// A volume that is to be made.
#[derive(Debug, Clone)]
pub(super) struct PlannedVolume {
    /// Its name, which no other volume has.
    pub(super) name: String,
    pub(super) gib: u64,
    pub(super) volume_type: Option<String>,
    /// The image that it begins with: the server boots from it.
    pub(super) image: Option<String>,
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
    /// The boot volume first, where there is one.
    pub(super) volumes: Vec<PlannedVolume>,
    pub(super) record: Record,
    pub(super) warnings: Vec<String>,
}

/// Puts the request and what the cloud has together.
pub(super) fn plan(request: &Request, facts: &Facts, creation: Uuid) -> Result<Plan> {
    fit::check(request, facts)?;
    let server = &request.spec.server_name;
    let marked = |what: &str| format!("{server}-{what}-va-{creation}");
    let ports = facts
        .links
        .iter()
        .enumerate()
        .map(|(index, link)| match link {
            Link::Port { id } => PlannedPort::Given(id.clone()),
            Link::Network { id, name } => {
                let wanted = request.interfaces.get(index);
                PlannedPort::New(NewPort {
                    name: marked(&format!("port{index}")),
                    network: id.clone(),
                    network_name: name.clone(),
                    mac: wanted.and_then(|wanted| wanted.mac.clone()),
                    addresses: wanted.map_or_else(Vec::new, |wanted| wanted.addresses.clone()),
                    field: wanted.map_or_else(
                        || "/server/network".to_owned(),
                        |wanted| wanted.field.clone(),
                    ),
                })
            }
        })
        .collect();
    let boot = fit::boot_gib(request, facts).map(|gib| PlannedVolume {
        name: marked("root"),
        gib,
        volume_type: request
            .boot_volume
            .as_ref()
            .and_then(|volume| volume.volume_type.clone()),
        image: Some(facts.image.id.clone()),
    });
    let disks = request.disks.iter().enumerate();
    let disks = disks.map(|(index, gib)| PlannedVolume {
        name: marked(&format!("disk{}", index + 1)),
        gib: *gib,
        volume_type: None,
        image: None,
    });
    Ok(Plan {
        creation,
        name: server.clone(),
        key_pair: request.makes_key_pair().then(|| key_pair_name(creation)),
        ports,
        floating_ip: facts.external.as_ref().map(|network| PlannedFloatingIp {
            description: marked("floating-ip"),
            network: network.id.clone(),
            network_name: network.name.clone(),
        }),
        volumes: boot.into_iter().chain(disks).collect(),
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
