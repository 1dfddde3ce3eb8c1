//! What a creation makes (its artifacts), and how each of it is removed again.
//!
//! The cloud gives an id only in its answer, which may get lost. So everything that is made carries a
//! name (a description, metadata) that nothing else has and that is written down before; whatever has
//! no id in the journal is found by exactly that, and then removed by its id.

use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cloud::{Cloud, Service, query};
use super::image_mark;
use super::lookup::ownership::{floating_ip_is_free, port_is_free};
use super::lookup::servers::{by_id, creations_named};
use super::removal::remove;
use crate::driver::Context;
use crate::drivers::creation::revoke;
use crate::drivers::minion::MinionKey;
use crate::transaction::{Removal, Resource};
use crate::{Error, Kind, Result};

/// How long something may take to appear whose making was not answered.
const APPEAR: Duration = Duration::from_secs(10);
/// How long something may stay in use after the server that used it is gone.
const DETACH: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Something that a creation makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub(super) enum Artifact {
    /// An SSH key in Nova, which knows it by its name alone.
    KeyPair { name: String },
    /// A port.
    Port(Marked),
    /// A floating IP; its description is its name.
    FloatingIp(Marked),
    /// A volume.
    Volume(Marked),
    /// An image, with an id that this program chose, and a mark until it is whole.
    Image { name: String, id: Uuid },
    /// A key accepted on the master.
    MinionKey(MinionKey),
    /// A server, with the creation's id in its metadata.
    Server {
        name: String,
        creation: Uuid,
        id: Option<String>,
    },
}

/// Something with a name that nothing else has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marked {
    pub(super) name: String,
    /// Where it is known already.
    pub(super) id: Option<String>,
}

impl Marked {
    /// Something that is about to be made.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: None,
        }
    }

    /// Something that is there.
    pub(super) fn known(id: &str) -> Self {
        Self {
            name: id.to_owned(),
            id: Some(id.to_owned()),
        }
    }
}

impl Artifact {
    /// Whether what stands for it in the cloud was known when it was written down.
    fn is_known(&self) -> bool {
        match self {
            Self::Port(marked) | Self::FloatingIp(marked) | Self::Volume(marked) => {
                marked.id.is_some()
            }
            Self::Server { id, .. } => id.is_some(),
            Self::MinionKey(_) => true,
            Self::KeyPair { .. } | Self::Image { .. } => false,
        }
    }
}

impl From<MinionKey> for Artifact {
    fn from(key: MinionKey) -> Self {
        Self::MinionKey(key)
    }
}

impl Resource for Artifact {
    fn kind(&self) -> &'static str {
        match self {
            Self::KeyPair { .. } => "key_pair",
            Self::Port(_) => "port",
            Self::FloatingIp(_) => "floating_ip",
            Self::Volume(_) => "volume",
            Self::Image { .. } => "image",
            Self::MinionKey(_) => "minion_key",
            Self::Server { .. } => "server",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::KeyPair { name } | Self::Server { name, .. } => name.clone(),
            Self::Image { name, id } => format!("{name} ({id})"),
            Self::Port(marked) | Self::FloatingIp(marked) | Self::Volume(marked) => {
                marked.name.clone()
            }
            Self::MinionKey(key) => key.place(),
        }
    }
}

/// Removes what was made.
#[derive(Debug)]
pub(super) struct Remover<'a> {
    cx: &'a Context,
    cloud: &'a Cloud,
    /// What may still appear, and whether it is known to be in progress still.
    may_appear: Option<(Artifact, bool)>,
    /// Where what is undone lay written down for a while: the id of its server, as far as that is known.
    server: Option<String>,
}

impl<'a> Remover<'a> {
    /// For `cloud`, whose requests nothing interrupts.
    pub(super) fn new(cx: &'a Context, cloud: &'a Cloud) -> Self {
        Self {
            cx,
            cloud,
            may_appear: None,
            server: None,
        }
    }

    /// For what a program that is gone had written down. The last of it may not have appeared yet, and
    /// what had an id may be another server's by now, which keeps it.
    pub(super) fn resumed(cx: &'a Context, cloud: &'a Cloud, made: &[Artifact]) -> Self {
        let last = made.last().filter(|last| !last.is_known());
        let server = made.iter().find_map(|made| match made {
            Artifact::Server { id, .. } => id.clone(),
            _ => None,
        });
        Self {
            cx,
            cloud,
            may_appear: last.map(|last| (last.clone(), false)),
            server: Some(server.unwrap_or_default()),
        }
    }

    /// After `cause` ended a creation that had written down all of `made`. A request that was given up,
    /// or whose answer got lost, may still be carried out: what it was to make is not taken for absent
    /// because it cannot be seen yet.
    pub(super) fn after(
        cx: &'a Context,
        cloud: &'a Cloud,
        cause: &Error,
        made: &[Artifact],
    ) -> Self {
        let lost = matches!(
            cause.kind(),
            Kind::Timeout | Kind::ConnectionFailed | Kind::Cancelled | Kind::Internal
        );
        let may_appear = made.last().filter(|_| lost).cloned();
        Self {
            cx,
            cloud,
            may_appear: may_appear.map(|made| (made, cause.kind() == Kind::Timeout)),
            server: None,
        }
    }

    /// Removes `artifact`; what is not there any more needs no removal.
    pub(super) fn remove(&self, artifact: &Artifact) -> Result<Removal> {
        if let Artifact::MinionKey(key) = artifact {
            return revoke(&self.cx.state_dir, key);
        }
        if self.is_anothers(artifact)? {
            return Ok(Removal::Kept("it is another server's by now".into()));
        }
        let until = Instant::now() + APPEAR;
        loop {
            let removal = match artifact {
                Artifact::Image { id, .. } => image_mark::remove_unfinished(self.cloud, *id)?,
                _ => Removal::of(self.remove_once(artifact)?),
            };
            let may_appear = self
                .may_appear
                .as_ref()
                .filter(|(last, _)| last == artifact);
            let Some((_, in_progress)) = may_appear.filter(|_| removal == Removal::Absent) else {
                return Ok(removal);
            };
            if Instant::now() >= until {
                if *in_progress {
                    return Err(Error::new(
                        Kind::Timeout,
                        "the cloud never answered whether it was made, and it may still appear; \
                         server.recover removes it then",
                    ));
                }
                return Ok(Removal::Absent);
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Whether `artifact` is another server's by now.
    fn is_anothers(&self, artifact: &Artifact) -> Result<bool> {
        let Some(server) = &self.server else {
            return Ok(false);
        };
        let free = match artifact {
            Artifact::Port(Marked { id: Some(id), .. }) => port_is_free(self.cloud, id, server)?,
            Artifact::FloatingIp(Marked { id: Some(id), .. }) => {
                floating_ip_is_free(self.cloud, id, server)?
            }
            _ => true,
        };
        Ok(!free)
    }

    /// Answers whether it was there.
    fn remove_once(&self, artifact: &Artifact) -> Result<bool> {
        match artifact {
            Artifact::MinionKey(_) | Artifact::Image { .. } => Ok(false),
            Artifact::KeyPair { name } => self
                .cloud
                .delete(Service::Compute, &format!("/os-keypairs/{name}")),
            Artifact::Port(marked) => self.remove_marked(marked, &PORTS),
            Artifact::FloatingIp(marked) => self.remove_marked(marked, &FLOATING_IPS),
            Artifact::Volume(marked) => self.remove_marked(marked, &VOLUMES),
            Artifact::Server { name, creation, id } => {
                let ids = match id {
                    Some(id) => vec![id.clone()],
                    None => creations_named(self.cloud, name)?
                        .into_iter()
                        .filter(|(record, _)| record.creation == *creation)
                        .map(|(_, server)| server.id)
                        .collect(),
                };
                let mut there = false;
                for id in ids {
                    there |= remove(self.cloud, &id)?;
                }
                Ok(there)
            }
        }
    }

    fn remove_marked(&self, marked: &Marked, kind: &Collection) -> Result<bool> {
        let ids = match &marked.id {
            Some(id) => vec![id.clone()],
            None => kind.named(self.cloud, &marked.name)?,
        };
        let mut there = false;
        for id in ids {
            there |= kind.remove(self.cloud, &id)?;
        }
        Ok(there)
    }
}

/// Where a service keeps things of a kind.
struct Collection {
    service: Service,
    path: &'static str,
    /// The listing that can be searched, where it is another one.
    listing: &'static str,
    member: &'static str,
    /// The member that holds the name which nothing else has.
    marker: &'static str,
}

const PORTS: Collection = Collection {
    service: Service::Network,
    path: "/v2.0/ports",
    listing: "/v2.0/ports",
    member: "ports",
    marker: "name",
};

const FLOATING_IPS: Collection = Collection {
    service: Service::Network,
    path: "/v2.0/floatingips",
    listing: "/v2.0/floatingips",
    member: "floatingips",
    marker: "description",
};

const VOLUMES: Collection = Collection {
    service: Service::Volume,
    path: "/volumes",
    listing: "/volumes/detail",
    member: "volumes",
    marker: "name",
};

/// Ends the attachments of the volume `id` to servers that are gone: Nova forgets one that it has only
/// reserved where the server is deleted at its very beginning.
fn detach(cloud: &Cloud, id: &str) {
    let path = query("/attachments/detail", &[("volume_id", id)]);
    let ended = cloud
        .list::<Attachment>(Service::Volume, &path, "attachments")
        .and_then(|all| {
            for attachment in all.iter().filter(|one| one.volume_id == id) {
                let server = attachment.instance.as_deref().unwrap_or_default();
                if !server.is_empty() && by_id(cloud, server)?.is_none() {
                    let path = format!("/attachments/{}", attachment.id);
                    cloud.delete(Service::Volume, &path)?;
                }
            }
            Ok(())
        });
    if let Err(error) = ended {
        tracing::debug!(%error, id, "the volume's attachments cannot be ended");
    }
}

#[derive(Deserialize)]
struct Attachment {
    id: String,
    volume_id: String,
    #[serde(default)]
    instance: Option<String>,
}

impl Collection {
    /// The ids of those that are called exactly `name`.
    fn named(&self, cloud: &Cloud, name: &str) -> Result<Vec<String>> {
        let path = query(self.listing, &[(self.marker, name)]);
        let all: Vec<serde_json::Value> = cloud.list(self.service, &path, self.member)?;
        Ok(all
            .iter()
            .filter(|one| one[self.marker] == name)
            .filter_map(|one| one["id"].as_str().map(ToOwned::to_owned))
            .collect())
    }

    /// Deletes `id`, and waits until it is gone; answers whether it was there. A volume that is still
    /// being detached or copied cannot go yet.
    fn remove(&self, cloud: &Cloud, id: &str) -> Result<bool> {
        let path = format!("{}/{id}", self.path);
        let until = Instant::now() + DETACH;
        let mut there = false;
        loop {
            match cloud.delete(self.service, &path) {
                Ok(true) => there = true,
                Ok(false) => return Ok(there),
                Err(error) if self.is_busy(&error) && Instant::now() < until => {
                    there = true;
                    if self.service == Service::Volume {
                        detach(cloud, id);
                    }
                }
                Err(error) => return Err(error),
            }
            // Neutron is done when it answers; Cinder has only begun.
            if self.service == Service::Network && there {
                match cloud.get::<serde_json::Value>(self.service, &path) {
                    Err(error) if error.kind() == Kind::NotFound => return Ok(true),
                    _ => {}
                }
            }
            if Instant::now() >= until {
                let message = format!("{} {id} is still being deleted", self.member);
                return Err(Error::new(Kind::Timeout, message));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Cinder refuses with 400 what is in use, or on its way out already.
    fn is_busy(&self, error: &Error) -> bool {
        match self.service {
            Service::Volume => matches!(error.kind(), Kind::InvalidField | Kind::Conflict),
            _ => error.kind() == Kind::Conflict,
        }
    }
}
