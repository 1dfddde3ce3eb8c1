//! How what was made is removed: proven to be ours when it goes, whatever a record or a journal says.
//!
//! A volume is ours by its name, which holds digits of its server's UUID. It goes with that server, or
//! where there is no such server. A domain is ours by its record.

mod found;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use uuid::Uuid;

use super::artifacts::Artifact;
use super::domains::{self, Definition, Domain};
use super::host::Host;
use super::ownership::Ownership;
use super::pools::Pool;
use super::storage::names;
use super::volumes::Volume;
use super::xml::{domain_view::DomainView, from_xml};
use super::{pools, volumes};
use crate::concurrent::{Backoff, Look, both, wait_until};
use crate::driver::Context;
use crate::drivers::creation::{revoke, would_revoke};
use crate::transaction::Removal;
use crate::{Error, Kind, Result};
use found::{Ours, Owner, Server, overwrite};

/// How long a daemon that is gone is given to come back, so that a restart of it costs nothing.
const COME_BACK: Duration = Duration::from_secs(8);
/// How long something may take to appear whose making was not answered in time.
const APPEAR: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(500),
    longest: Duration::from_millis(500),
};

/// Removes what was made. A host that is gone and does not come back is asked once, not once for
/// each thing.
#[derive(Debug)]
pub(super) struct Remover<'a> {
    cx: &'a Context,
    host: &'a Host,
    /// The server that goes, and the name that it has; none where none is named.
    server: Option<(Uuid, String)>,
    leaves_lost: bool,
    only_looks: bool,
    may_appear: Option<Artifact>,
    host_is_gone: Cell<bool>,
    has_failed: Cell<bool>,
    /// Whether the server was seen, and may have gone with its switching off.
    was_there: Cell<bool>,
    /// The server's domain, where it was found before.
    domain: RefCell<Option<Domain>>,
    variables: RefCell<Vec<(String, Removal)>>,
}

impl<'a> Remover<'a> {
    /// For all that belongs together in `made`, on `host`.
    pub(super) fn new(cx: &'a Context, host: &'a Host, made: &[Artifact]) -> Self {
        let server = made.iter().find_map(|artifact| match artifact {
            Artifact::Domain { uuid, server } => Some((*uuid, server.clone())),
            _ => None,
        });
        Self {
            cx,
            host,
            server,
            leaves_lost: false,
            only_looks: false,
            may_appear: None,
            host_is_gone: Cell::new(false),
            has_failed: Cell::new(false),
            was_there: Cell::new(false),
            domain: RefCell::default(),
            variables: RefCell::default(),
        }
    }

    /// The same, which needs not look for the server's `domain`. It still looks at it.
    pub(super) fn knowing(self, domain: Domain) -> Self {
        self.domain.replace(Some(domain));
        self
    }

    /// After `cause` ended a creation of this program's run that had written down all that it has
    /// `made`. A call that was given up may still be carried out, so what it was to make is not taken
    /// for absent because it cannot be seen yet.
    pub(super) fn after(cx: &'a Context, host: &'a Host, cause: &Error, made: &[Artifact]) -> Self {
        let last = made.last().filter(|_| cause.kind() == Kind::Timeout);
        Self {
            may_appear: last.cloned(),
            ..Self::new(cx, host, made)
        }
    }

    /// The same, which if `force` leaves volumes whose pools are gone or not started.
    pub(super) fn leaving_lost(self, force: bool) -> Self {
        Self {
            leaves_lost: force,
            ..self
        }
    }

    /// The same, which only looks: it answers what would become of all, and changes nothing.
    pub(super) fn only_looking(self) -> Self {
        Self {
            only_looks: true,
            ..self
        }
    }

    /// What has become of the UEFI variables of the domain that was removed.
    pub(super) fn variables(&self) -> Vec<(String, Removal)> {
        self.variables.take()
    }

    /// Removes `artifact` where it is there and ours.
    pub(super) fn remove(&self, artifact: &Artifact) -> Result<Removal> {
        let removal = match artifact {
            Artifact::MinionKey(key) if self.only_looks => would_revoke(&self.cx.state_dir, key),
            Artifact::MinionKey(key) => revoke(&self.cx.state_dir, key),
            _ => self.remove_on_host(artifact),
        };
        self.has_failed
            .set(self.has_failed.get() || removal.is_err());
        removal
    }

    fn remove_on_host(&self, artifact: &Artifact) -> Result<Removal> {
        self.ensure_reachable()?;
        let look = |_| {
            let removal = match artifact {
                Artifact::Volume { pool, volume } => self.remove_volume(pool, volume)?,
                Artifact::Domain { .. } => self.remove_domain()?,
                Artifact::ImportMarker(import) => {
                    import.remove_marker(self.host, self.only_looks)?
                }
                Artifact::Import(import) => import.remove(self.host, self.only_looks)?,
                Artifact::MinionKey(_) => Removal::Absent,
            };
            let may_appear = self.may_appear.as_ref() == Some(artifact);
            if removal == Removal::Absent && may_appear {
                return Ok(Look::NotYet(()));
            }
            Ok(Look::There(removal))
        };
        // not to be interrupted: it is how things are undone
        match wait_until(None, APPEAR, LOOK_AGAIN, "what may still appear", look)? {
            Look::There(removal) => Ok(removal),
            Look::NotYet(()) => Err(Error::new(
                Kind::Timeout,
                "the host never answered whether it was made, and it may still appear; \
                 server.recover removes it then",
            )),
        }
    }

    fn remove_volume(&self, pool: &str, name: &str) -> Result<Removal> {
        let foreign = self.foreign_name(name);
        let gone = "is not there any more; define and start it again";
        let found = match pools::find(self.host, pool)? {
            None => Err(gone),
            Some(pool) => {
                let (found, owner) = self.look(&pool, name, foreign);
                match found {
                    Err(error) if error.kind() == Kind::Conflict => Err("is not started; start it"),
                    // it was there a moment ago
                    Err(error) if error.kind() == Kind::NotFound => Err(gone),
                    found => Ok((found?, owner)),
                }
            }
        };
        let (volume, owner) = match found {
            Ok((None, _)) => return Ok(Removal::Absent),
            Ok((Some(volume), owner)) => (volume, owner),
            Err(lost) if self.leaves_lost || foreign.is_some() => {
                let lost = lost.split(';').next().unwrap_or(lost);
                return Ok(Removal::Kept(format!("its pool {pool} {lost}")));
            }
            Err(lost) => {
                let message = format!(
                    "its pool {pool} {lost}, and delete again; or delete with force, which leaves \
                     the volume"
                );
                return Err(Error::new(Kind::Conflict, message));
            }
        };
        match owner? {
            Owner::Stays(why) => Ok(Removal::Kept(why)),
            Owner::Goes(_) if self.only_looks => Ok(Removal::Gone),
            Owner::Goes(server) => {
                let is_seed = names::is_seed(name);
                let (off, seen) = both(
                    || server.map_or(Ok(()), |server| server.switch_off()),
                    || if is_seed { volume.xml() } else { Ok(None) },
                );
                off?;
                if let Some(text) = seen? {
                    overwrite(&volume, &text)?;
                }
                volume.delete().map(Removal::of)
            }
        }
    }

    /// Looks for the volume `name` of `pool`, and side by side whose it is, which where it is `foreign` is known.
    fn look(
        &self,
        pool: &Pool,
        name: &str,
        foreign: Option<&'static str>,
    ) -> (Result<Option<Volume>>, Result<Owner>) {
        let find = || volumes::find(pool, name);
        match (foreign, names::digits_of(name)) {
            (Some(why), _) => (find(), Ok(Owner::Stays(why.to_owned()))),
            (None, None) => (find(), Ok(Owner::Goes(None))),
            (None, Some(digits)) => {
                let ((found, all), server) =
                    both(|| both(find, || domains::all(self.host)), || self.server());
                (
                    found,
                    server.and_then(|server| Ok(self.owner(digits, server, all?))),
                )
            }
        }
    }

    /// Why a volume of this `name` cannot be what is to be removed; none where it can.
    fn foreign_name(&self, name: &str) -> Option<&'static str> {
        match (names::digits_of(name), &self.server) {
            (None, _) => Some("it has no name that this program gives to a server's volume"),
            (Some(_), Some((uuid, _))) if !names::is_of(name, *uuid) => {
                Some("its name says that it is not this server's")
            }
            (Some(_), _) => None,
        }
    }

    /// Whose a volume with these `digits` is, where `all` are the domains that there are.
    fn owner(&self, digits: &str, server: Server, all: Vec<(Uuid, String)>) -> Owner {
        let server = match server {
            Server::Another(why) => return Owner::Stays(why),
            Server::Absent => None,
            Server::Ours(server) => Some(server),
        };
        let goes = self.server.as_ref().map(|(uuid, _)| *uuid);
        let stays = all
            .into_iter()
            .find(|(uuid, _)| names::digits_in(*uuid) == digits && Some(*uuid) != goes);
        match stays {
            Some((_, owner)) => Owner::Stays(format!("it is a volume of {owner}")),
            None => Owner::Goes(server),
        }
    }

    /// The server that goes, as it is now.
    fn server(&self) -> Result<Server> {
        let Some((uuid, name)) = &self.server else {
            return Ok(Server::Absent);
        };
        let known = self.domain.borrow().clone();
        let domain = match known {
            Some(domain) => Some(domain),
            None => domains::find_by_uuid(self.host, *uuid)?,
        };
        let Some(domain) = domain else {
            return Ok(Server::Absent);
        };
        self.domain.replace(Some(domain.clone()));
        let Some(seen) = domain.describe()? else {
            return Ok(Server::Absent);
        };
        let view = from_xml::<DomainView>(name, &seen.xml).ok();
        let found = view.map_or_else(|| domain.name.clone(), |view| view.name);
        let record = match Ownership::of(&found, *uuid, seen.record.as_deref()) {
            Ownership::Ours(record) => record,
            other => return Ok(Server::Another(format!("{found} {}", other.why_not()))),
        };
        if found != *name {
            let why = format!("the server {name} is called {found} now; delete it by that name");
            return Ok(Server::Another(why));
        }
        self.was_there.set(true);
        Ok(Server::Ours(Box::new(Ours {
            domain,
            record,
            seen,
        })))
    }

    fn remove_domain(&self) -> Result<Removal> {
        let server = match self.server()? {
            Server::Absent => return Ok(Removal::of(self.was_there.get())),
            Server::Another(why) => return Ok(Removal::Kept(why)),
            Server::Ours(server) => server,
        };
        if !self.only_looks {
            server.switch_off()?;
        }
        if self.has_failed.get() {
            let message = "it keeps the record of the rest; delete it again";
            return Err(Error::new(Kind::Conflict, message));
        }
        let Ours {
            domain,
            record,
            seen,
        } = *server;
        // a transient one has gone with its switching off
        let definition = if seen.active {
            domain.definition(Definition::Next)?
        } else {
            Some(seen.xml)
        };
        if let Some(definition) = definition {
            let view: DomainView = from_xml(&domain.name, &definition).unwrap_or_default();
            let defined = view.os.and_then(|os| os.variables());
            let (go, variables) = variables(&domain.name, defined, record.nvram);
            if !self.only_looks {
                domain.undefine(go)?;
            }
            self.variables.replace(variables);
        }
        Ok(Removal::Gone)
    }

    fn ensure_reachable(&self) -> Result<()> {
        let unreachable =
            || Error::new(Kind::ConnectionFailed, "the host does not answer any more");
        if self.host_is_gone.get() {
            return Err(unreachable());
        }
        if self.host.is_alive() {
            return Ok(());
        }
        let reconnect = |_| {
            Ok(match self.host.reconnect() {
                Ok(()) => Look::There(()),
                Err(error) => Look::NotYet(error),
            })
        };
        self.domain.take();
        match wait_until(None, COME_BACK, LOOK_AGAIN, "the host", reconnect)? {
            Look::There(()) => Ok(()),
            Look::NotYet(error) => {
                self.host_is_gone.set(true);
                Err(unreachable().with_source(error))
            }
        }
    }
}

/// Whether the UEFI variables of the domain `name` go with it, and which do: its definition names the
/// file `defined`, its record `recorded`. Where the definition names none, libvirt takes the file that
/// it calls by the domain's name.
fn variables(
    name: &str,
    defined: Option<String>,
    recorded: Option<String>,
) -> (bool, Vec<(String, Removal)>) {
    let is_called_so = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with("_VARS."))
    };
    let kept = |path: String, why: &str| (path, Removal::Kept(why.to_owned()));
    match (defined, recorded) {
        (None, None) => (true, Vec::new()),
        (Some(defined), Some(recorded)) if defined == recorded => {
            (true, vec![(recorded, Removal::Gone)])
        }
        (None, Some(recorded)) if is_called_so(&recorded) => {
            (true, vec![(recorded, Removal::Gone)])
        }
        (None, Some(recorded)) => {
            let why = "the server had another name when they were made, and libvirt does not remove \
                       them; remove the file on the host";
            (true, vec![kept(recorded, why)])
        }
        (Some(defined), _) => {
            let why = "the server's record does not name them";
            (false, vec![kept(defined, why)])
        }
    }
}

#[cfg(test)]
mod tests;
