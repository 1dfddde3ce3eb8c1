//! How what a creation has made is removed again: proven to be its own when it is removed, whatever a
//! record or a journal says of it.
//!
//! | file | concern |
//! |---|---|
//! | `proof` | whether something is a creation's own, and nobody else uses it |
//! | `parts` | ports, floating IPs, volumes: found, looked at, deleted |
//! | `association` | floating IPs that were there already: given back |
//! | `server` | a server itself |
//! | `orphans` | what was made for servers that are no more |

mod association;
mod orphans;
mod parts;
mod proof;
mod server;

use std::cell::RefCell;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::api::compute::Server;
use super::artifacts::{Artifact, Marked};
use super::cloud::{Cloud, LOOK_AGAIN, Path, Service};
use super::image_mark;
use super::lookup::servers::{Recorded, by_id, creations_named};
use super::record::{Record, creation_of};
use crate::concurrent::{Look, wait_until};
use crate::driver::Context;
use crate::drivers::creation::revoke;
use crate::transaction::Removal;
use crate::{Error, Kind, Result};
use association::give_back;
pub(super) use association::{association, lead};
pub(super) use orphans::{orphans, remove_orphan};
pub(super) use parts::{Collection, FLOATING_IPS, PORTS, VOLUMES};
pub(super) use server::{ask, await_end, remove};

/// How long a server or a part of one may stay on its way to where it can be deleted, and to its end.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);
/// How long something may take to appear whose making was not answered.
const APPEAR: Duration = Duration::from_secs(10);

/// Why something of another creation, or of none, stays.
const NOT_MADE_FOR_IT: &str = "it was not made for this server";

fn gone_or(objection: Option<String>) -> Removal {
    objection.map_or(Removal::Gone, Removal::Kept)
}

/// Removes what a journal names.
#[derive(Debug)]
pub(super) struct Remover<'a> {
    cx: &'a Context,
    cloud: &'a Cloud,
    /// Whose journal it is, as far as the journal says.
    creation: Option<Uuid>,
    /// The server that the journal names: its name, and its id where that is known.
    server: Option<(String, Option<String>)>,
    /// The servers that are removed, or whose removal was asked for.
    removed: RefCell<Vec<String>>,
    recorded: Recorded<'a>,
    /// What may still appear, and whether it is known to be in progress still.
    may_appear: Option<(Artifact, bool)>,
    /// It is this program that has made it all, right now.
    is_fresh: bool,
    /// All of the cloud's was seen there before the server went.
    was_seen: bool,
    /// How long is waited for the end of each.
    patience: Duration,
    /// The server that could not be removed: what may be its own stays with it.
    standing: RefCell<Option<String>>,
}

impl<'a> Remover<'a> {
    fn new(cx: &'a Context, cloud: &'a Cloud, made: &[Artifact]) -> Self {
        Self::by(cx, Recorded::of(cloud), made)
    }

    fn by(cx: &'a Context, recorded: Recorded<'a>, made: &[Artifact]) -> Self {
        let server = made.iter().find_map(|made| match made {
            Artifact::Server { name, creation, id } => {
                Some((*creation, (name.clone(), id.clone())))
            }
            _ => None,
        });
        let (creation, server) = server.unzip();
        Self {
            cx,
            cloud: recorded.cloud,
            creation: creation.or_else(|| made.iter().find_map(Artifact::creation)),
            server,
            removed: RefCell::default(),
            recorded,
            may_appear: None,
            is_fresh: false,
            was_seen: false,
            patience: PATIENCE,
            standing: RefCell::default(),
        }
    }

    /// For what a program that is gone had written down. The last of it may not have appeared yet.
    pub(super) fn resumed(cx: &'a Context, cloud: &'a Cloud, made: &[Artifact]) -> Self {
        let last = made.last().filter(|last| !last.is_known());
        Self {
            may_appear: last.map(|last| (last.clone(), false)),
            ..Self::new(cx, cloud, made)
        }
    }

    /// In a `hurry` the end of each is asked for, and not waited for.
    pub(super) fn in_a_hurry(self, hurry: bool) -> Self {
        let patience = if hurry { Duration::ZERO } else { self.patience };
        Self { patience, ..self }
    }

    /// For `parts`, all of which were seen there when the deletion of the server `id` was asked for, and
    /// the records of other servers with them.
    pub(super) fn deleted(
        cx: &'a Context,
        recorded: Recorded<'a>,
        parts: &[Artifact],
        id: &str,
    ) -> Self {
        Self {
            removed: RefCell::new(vec![id.to_owned()]),
            was_seen: true,
            ..Self::by(cx, recorded, parts)
        }
    }

    /// For `orphan`, whose server is no more.
    fn orphaned(cx: &'a Context, cloud: &'a Cloud, orphan: &Artifact) -> Self {
        Self::new(cx, cloud, std::slice::from_ref(orphan))
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
        let lost = cause.kind() == Kind::Cancelled || server::says_nothing(cause);
        let may_appear = made.last().filter(|_| lost).cloned();
        Self {
            may_appear: may_appear.map(|made| (made, cause.kind() == Kind::Timeout)),
            is_fresh: true,
            ..Self::new(cx, cloud, made)
        }
    }

    /// Removes `artifact` where it is the creation's own. What was made last is removed first: the
    /// server before all that it is attached to.
    pub(super) fn remove(&self, artifact: &Artifact) -> Result<Removal> {
        if let Some(name) = self.standing.borrow().as_ref() {
            let message = format!("it may belong to the server {name}, which could not be removed");
            return Err(Error::new(Kind::Conflict, message));
        }
        let removal = self.remove_in_time(artifact);
        if let (Err(_), Artifact::Server { name, .. }) = (&removal, artifact) {
            *self.standing.borrow_mut() = Some(name.clone());
        }
        removal
    }

    fn remove_in_time(&self, artifact: &Artifact) -> Result<Removal> {
        let may_appear = self.may_appear.as_ref();
        let may_appear = may_appear.filter(|(last, _)| last == artifact);
        let limit = may_appear.map_or(Duration::ZERO, |_| APPEAR.min(self.patience));
        let removal = wait_until(None, limit, LOOK_AGAIN, "what may appear", |_| {
            Ok(match self.remove_once(artifact)? {
                Removal::Absent => Look::NotYet(()),
                removal => Look::There(removal),
            })
        })?;
        match removal {
            Look::There(removal) => Ok(removal),
            Look::NotYet(()) if may_appear.is_some_and(|(_, in_progress)| *in_progress) => {
                Err(Error::new(
                    Kind::Timeout,
                    "the cloud never answered whether it was made, and it may still appear; \
                     server.recover removes it then",
                ))
            }
            // the cloud has removed it with its server
            Look::NotYet(()) if self.was_seen && artifact.goes_with_server() => Ok(Removal::Gone),
            Look::NotYet(()) => Ok(Removal::Absent),
        }
    }

    fn remove_once(&self, artifact: &Artifact) -> Result<Removal> {
        match artifact {
            Artifact::MinionKey(key) => match self.carrier(self.creation)? {
                Some(why) => Ok(Removal::Kept(why)),
                None => revoke(&self.cx.state_dir, key),
            },
            Artifact::KeyPair { name } => self.key_pair(name),
            Artifact::Image { name, id } => image_mark::remove_unfinished(self.cloud, name, *id),
            Artifact::Association {
                floating_ip, port, ..
            } => give_back(self.cloud, floating_ip, port),
            Artifact::Port(marked) => self.marked(marked, &PORTS),
            Artifact::FloatingIp(marked) => self.marked(marked, &FLOATING_IPS),
            Artifact::Volume(marked) => self.marked(marked, &VOLUMES),
            Artifact::Server { name, creation, id } => self.server(name, *creation, id.as_deref()),
        }
    }

    /// What [`Self::remove`] would come to as things are now.
    pub(super) fn would_remove(&self, artifact: &Artifact) -> Result<Removal> {
        let (marked, kind) = match artifact {
            Artifact::Port(marked) => (marked, &PORTS),
            Artifact::FloatingIp(marked) => (marked, &FLOATING_IPS),
            Artifact::Volume(marked) => (marked, &VOLUMES),
            Artifact::Server { .. } | Artifact::Image { .. } | Artifact::Association { .. } => {
                return Ok(Removal::Gone);
            }
            Artifact::KeyPair { name } => return Ok(gone_or(self.objection_to_key_pair(name)?)),
            Artifact::MinionKey(_) => return Ok(gone_or(self.carrier(self.creation)?)),
        };
        let Some(creation) = self.creation_of(marked) else {
            return Ok(Removal::Kept(NOT_MADE_FOR_IT.to_owned()));
        };
        let seen = match &marked.id {
            Some(id) => kind.look(self.cloud, id)?,
            None => None,
        };
        seen.map_or(Ok(Removal::Absent), |seen| {
            Ok(gone_or(self.objection(kind, &seen, creation)?))
        })
    }

    fn objection_to_key_pair(&self, name: &str) -> Result<Option<String>> {
        let creation = creation_of(name);
        if creation.is_none() || self.is_of_another(name) {
            return Ok(Some(NOT_MADE_FOR_IT.to_owned()));
        }
        self.carrier(creation)
    }

    fn key_pair(&self, name: &str) -> Result<Removal> {
        if let Some(why) = self.objection_to_key_pair(name)? {
            return Ok(Removal::Kept(why));
        }
        let path = Path::of("/os-keypairs", name)?;
        let removed = self.cloud.doubt(
            name,
            || {
                let was_there = self.cloud.delete(Service::Compute, &path)?;
                Ok(was_there.then_some(Removal::Gone))
            },
            || {
                let shown: Option<Value> = self.cloud.find(Service::Compute, &path)?;
                Ok(shown.is_some())
            },
        )?;
        Ok(removed.unwrap_or(Removal::Absent))
    }

    /// Whether `name` carries the mark of another creation than the one whose journal this is.
    fn is_of_another(&self, name: &str) -> bool {
        let marked = creation_of(name);
        marked.is_some() && self.creation.is_some() && marked != self.creation
    }

    /// The creation that `marked` must be of, to be this journal's.
    fn creation_of(&self, marked: &Marked) -> Option<Uuid> {
        creation_of(&marked.name)
            .or(self.creation)
            .filter(|_| !self.is_of_another(&marked.name))
    }

    fn marked(&self, marked: &Marked, kind: &Collection) -> Result<Removal> {
        let Some(creation) = self.creation_of(marked) else {
            return Ok(Removal::Kept(NOT_MADE_FOR_IT.to_owned()));
        };
        let ids = match &marked.id {
            Some(id) => vec![id.clone()],
            None => kind.named(self.cloud, &marked.name)?,
        };
        let mut removal = Removal::Absent;
        for id in ids {
            let ends_with_server = kind.goes_with_server && !self.removed.borrow().is_empty();
            if ends_with_server {
                self.cloud.ends(&id);
            }
            let of_this = self.cloud.doubt(
                &id,
                || {
                    let removal = kind.remove(self.cloud, &id, self.patience, |seen| {
                        self.objection(kind, seen, creation)
                    })?;
                    Ok(Some(removal).filter(|removal| *removal != Removal::Absent))
                },
                || match marked.id {
                    _ if ends_with_server => Ok(false),
                    Some(_) => Ok(kind.named(self.cloud, &marked.name)?.contains(&id)),
                    // a listing has just shown it
                    None => Ok(true),
                },
            )?;
            // of several of one name, what stays is what the caller must know of
            if let Some(of_this) = of_this
                && !matches!(removal, Removal::Kept(_))
            {
                removal = of_this;
            }
        }
        Ok(removal)
    }

    fn server(&self, name: &str, creation: Uuid, id: Option<&str>) -> Result<Removal> {
        // its end was waited for
        if id.is_some_and(|id| self.removed.borrow().iter().any(|removed| removed == id)) {
            return Ok(Removal::Gone);
        }
        let mut found: Vec<Server> = match id {
            Some(id) => by_id(self.cloud, id)?.into_iter().collect(),
            None => Vec::new(),
        };
        // without an id, or where whoever says that it is not there may be wrong
        if found.is_empty() {
            let called = creations_named(self.cloud, name)?.into_iter();
            found = called
                .filter(|(record, _)| record.creation == creation)
                .map(|(_, server)| server)
                .collect();
        }
        if let [first, second, ..] = found.as_slice() {
            return Ok(Removal::Kept(format!(
                "{} and {} carry the same record; delete by its id what you do not want",
                first.id, second.id
            )));
        }
        let Some(server) = found.first() else {
            return Ok(Removal::Absent);
        };
        let record = Record::of(&server.metadata);
        if record.is_none_or(|record| record.creation != creation) {
            return Ok(Removal::Kept(format!(
                "the server {} does not carry the record of this creation",
                server.id
            )));
        }
        self.remove_server(&server.id).map(Removal::of)
    }

    fn remove_server(&self, id: &str) -> Result<bool> {
        let was_there = remove(self.cloud, id, self.patience)?;
        self.removed.borrow_mut().push(id.to_owned());
        Ok(was_there)
    }
}
