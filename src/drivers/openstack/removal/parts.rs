//! Ports, floating IPs and volumes: found by the name that nothing else has, looked at, and deleted.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::concurrent::{Look, wait_until};
use crate::drivers::openstack::cloud::{Cloud, LOOK_AGAIN, Path, Service};
use crate::drivers::openstack::lookup::servers::by_id;
use crate::transaction::Removal;
use crate::{Error, Kind, Result};

/// Where a service keeps things of a kind.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct Collection {
    service: Service,
    path: &'static str,
    /// The listing that can be searched, where it is another one.
    listing: &'static str,
    /// What a listing calls its elements; one of them has a letter less.
    members: &'static str,
    /// The member that holds the name which nothing else has.
    marker: &'static str,
    /// Whether the cloud itself deletes it with its server.
    pub(super) goes_with_server: bool,
}

pub(in crate::drivers::openstack) const PORTS: Collection = Collection {
    service: Service::Network,
    path: "/v2.0/ports",
    listing: "/v2.0/ports",
    members: "ports",
    marker: "name",
    goes_with_server: false,
};

pub(in crate::drivers::openstack) const FLOATING_IPS: Collection = Collection {
    service: Service::Network,
    path: "/v2.0/floatingips",
    listing: "/v2.0/floatingips",
    members: "floatingips",
    marker: "description",
    goes_with_server: false,
};

pub(in crate::drivers::openstack) const VOLUMES: Collection = Collection {
    service: Service::Volume,
    path: "/volumes",
    listing: "/volumes/detail",
    members: "volumes",
    marker: "name",
    goes_with_server: true,
};

/// An element of a listing.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) metadata: Option<IndexMap<String, String>>,
}

/// Who uses something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum User {
    /// A server, by its id.
    Server(String),
    /// Something else, for people.
    Other(String),
}

#[derive(Debug, Deserialize)]
struct Attachment {
    id: String,
    volume_id: String,
    #[serde(default)]
    instance: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Snapshot {
    id: String,
    volume_id: String,
    #[serde(default)]
    name: Option<String>,
}

impl Collection {
    /// What something is called by which it is known.
    pub(in crate::drivers::openstack) fn marker<'a>(&self, seen: &'a Value) -> &'a str {
        seen[self.marker].as_str().unwrap_or_default()
    }

    /// All of the project's.
    pub(super) fn all(&self, cloud: &Cloud) -> Result<Vec<Listed>> {
        cloud.list(self.service, self.listing, self.members)
    }

    /// What one of a listing is called by which it is known.
    pub(super) fn mark<'a>(&self, one: &'a Listed) -> &'a str {
        let mark = match self.marker {
            "name" => &one.name,
            _ => &one.description,
        };
        mark.as_deref().unwrap_or_default()
    }

    /// The ids of those that are called exactly `name`.
    pub(super) fn named(&self, cloud: &Cloud, name: &str) -> Result<Vec<String>> {
        let path = Path::query(self.listing, &[(self.marker, name)]);
        let mut all: Vec<Listed> = cloud.list(self.service, path, self.members)?;
        all.retain(|one| self.mark(one) == name);
        Ok(all.into_iter().map(|one| one.id).collect())
    }

    /// What `id` is like now; none where it is gone.
    pub(in crate::drivers::openstack) fn look(
        &self,
        cloud: &Cloud,
        id: &str,
    ) -> Result<Option<Value>> {
        let found: Option<Value> = cloud.find(self.service, Path::of(self.path, id)?)?;
        Ok(found.map(|mut answer| {
            cloud.seen(id);
            answer[self.singular()].take()
        }))
    }

    fn singular(&self) -> &'static str {
        &self.members[..self.members.len() - 1]
    }

    /// Deletes `id` unless there is an `objection` to what it is like at that moment, and waits for up to
    /// `patience` until it is gone.
    pub(super) fn remove(
        &self,
        cloud: &Cloud,
        id: &str,
        patience: Duration,
        objection: impl Fn(&Value) -> Result<Option<String>>,
    ) -> Result<Removal> {
        let mut is_asked = false;
        let what = format!("the end of the {} {id}", self.singular());
        let outcome = wait_until(None, patience, LOOK_AGAIN, &what, |_| {
            let Some(seen) = self.look(cloud, id)? else {
                return Ok(Look::There(Removal::of(is_asked)));
            };
            let status = seen["status"].as_str().unwrap_or_default();
            if is_asked && status == "deleting" {
                return Ok(Look::NotYet("deleted".to_owned()));
            }
            if let Some(why) = objection(&seen)? {
                return Ok(Look::There(Removal::Kept(why)));
            }
            if is_asked && status == "error_deleting" {
                return Err(Error::new(Kind::Conflict, "the cloud could not delete it"));
            }
            match cloud.delete(self.service, Path::of(self.path, id)?) {
                Ok(_) => {
                    cloud.ends(id);
                    is_asked = true;
                }
                Err(error) => return self.refused(cloud, id, status, error),
            }
            // Neutron is done when it answers, Cinder has only begun
            Ok(if self.service == Service::Network {
                Look::There(Removal::Gone)
            } else {
                Look::NotYet("deleted".to_owned())
            })
        })?;
        match outcome {
            Look::There(removal) => Ok(removal),
            Look::NotYet(how) => {
                let message = format!("the {} {id} is still being {how}", self.singular());
                Err(Error::new(Kind::Timeout, message))
            }
        }
    }

    /// What it means that the deletion of something of that `status` was refused with `error`: it is on
    /// its way to where it can be deleted, or something keeps it that must go first.
    fn refused(
        &self,
        cloud: &Cloud,
        id: &str,
        status: &str,
        error: Error,
    ) -> Result<Look<Removal, String>> {
        let is_busy = match self.service {
            // Cinder refuses with 400 what is in use, or on its way out already
            Service::Volume => matches!(error.kind(), Kind::InvalidField | Kind::Conflict),
            _ => error.kind() == Kind::Conflict,
        };
        if !is_busy {
            return Err(error);
        }
        if self.service != Service::Volume {
            return Ok(Look::NotYet("used".to_owned()));
        }
        match status {
            "in-use" | "attaching" | "reserved" | "detaching" => {
                detach(cloud, id);
                Ok(Look::NotYet("detached".to_owned()))
            }
            "creating" | "downloading" | "uploading" | "deleting" | "backing-up"
            | "restoring-backup" | "extending" | "retyping" | "maintenance" => {
                Ok(Look::NotYet(format!("worked on ({status})")))
            }
            _ => Err(hindered(cloud, id, error)),
        }
    }

    /// Who uses what was `seen`.
    pub(super) fn users(&self, cloud: &Cloud, seen: &Value) -> Result<Vec<User>> {
        match self.members {
            "ports" => Ok(user_of_port(seen).into_iter().collect()),
            "floatingips" => match seen["port_id"].as_str() {
                None => Ok(Vec::new()),
                Some(port) => Ok(PORTS
                    .look(cloud, port)?
                    .and_then(|port| user_of_port(&port))
                    .into_iter()
                    .collect()),
            },
            _ => users_of_volume(cloud, seen),
        }
    }
}

fn user_of_port(port: &Value) -> Option<User> {
    let text = |name: &str| port[name].as_str().unwrap_or_default();
    let (device, owner) = (text("device_id"), text("device_owner"));
    if device.is_empty() {
        None
    } else if owner.is_empty() || owner.starts_with("compute:") {
        Some(User::Server(device.to_owned()))
    } else {
        Some(User::Other(format!("{owner} {device}")))
    }
}

fn users_of_volume(cloud: &Cloud, volume: &Value) -> Result<Vec<User>> {
    let attached = volume["attachments"].as_array().into_iter().flatten();
    let mut users: Vec<User> = attached
        .map(|one| match one["server_id"].as_str() {
            Some(server) if !server.is_empty() => User::Server(server.to_owned()),
            _ => User::Other(format!("the host {}", one["host_name"])),
        })
        .collect();
    let id = volume["id"].as_str().unwrap_or_default();
    // what Nova has only reserved is no attachment yet
    if matches!(volume["status"].as_str(), Some("attaching" | "reserved")) {
        for server in attachments(cloud, id)?
            .into_iter()
            .filter_map(|one| one.instance)
        {
            users.push(User::Server(server));
        }
    }
    users.retain(|user| *user != User::Server(String::new()));
    Ok(users)
}

fn attachments(cloud: &Cloud, volume: &str) -> Result<Vec<Attachment>> {
    // not every cloud takes the volume for a filter, and older ones have no such listing
    let path = "/attachments/detail";
    let mut all: Vec<Attachment> = match cloud.list(Service::Volume, path, "attachments") {
        Err(error) if error.kind() == Kind::NotFound => Vec::new(),
        all => all?,
    };
    all.retain(|one| one.volume_id == volume);
    Ok(all)
}

/// Ends the attachments of the volume `id` to servers that are gone: Nova forgets one that it has only
/// reserved where the server is deleted at its very beginning.
fn detach(cloud: &Cloud, id: &str) {
    let ended = attachments(cloud, id).and_then(|all| {
        for attachment in all {
            let server = attachment.instance.as_deref().unwrap_or_default();
            if !server.is_empty() && by_id(cloud, server)?.is_none() {
                let path = Path::of("/attachments", &attachment.id)?;
                cloud.delete(Service::Volume, path)?;
            }
        }
        Ok(())
    });
    if let Err(error) = ended {
        tracing::debug!(%error, id, "the volume's attachments cannot be ended");
    }
}

/// `error` with what keeps the volume `id`.
fn hindered(cloud: &Cloud, id: &str, error: Error) -> Error {
    // not every cloud takes the volume for a filter
    let mut snapshots: Vec<Snapshot> = cloud
        .list(Service::Volume, "/snapshots", "snapshots")
        .unwrap_or_default();
    snapshots.retain(|one| one.volume_id == id);
    if snapshots.is_empty() {
        return error.with_kind(Kind::Conflict);
    }
    let names: Vec<String> = snapshots
        .into_iter()
        .map(|one| format!("{} ({})", one.name.unwrap_or_default(), one.id))
        .collect();
    let message = format!(
        "snapshots are made of it, which must be deleted first: {}",
        names.join(", ")
    );
    Error::new(Kind::Conflict, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_port_says_who_uses_it() {
        let user = |device: &str, owner: &str| {
            user_of_port(&json!({"device_id": device, "device_owner": owner}))
        };
        assert_eq!(user("", ""), None);
        for owner in ["compute:nova", "compute:zone-two", ""] {
            assert_eq!(user("s", owner), Some(User::Server("s".into())));
        }
        for owner in ["network:router_interface", "trunk:subport", "Octavia"] {
            assert_eq!(user("x", owner), Some(User::Other(format!("{owner} x"))));
        }
        assert_eq!(user_of_port(&json!({"device_id": null})), None);
    }
}
