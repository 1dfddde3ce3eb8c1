//! Servers that somebody else makes and deletes: a program, or salt-cloud. The minion's key is made, accepted
//! and taken away around that, on this machine; one call at a time is about a server.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::options::{interrupted, readiness};
use super::recovery::{Recovery, recover_subject};
use super::removal::Removals;
use super::steps::{Steps, Wanted};
use super::{dry_run, revocation};
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::{Context, CreateOptions, Created, DeleteOptions, Deleted, DryRun, WaitFor};
use crate::drivers::minion::{self, AcceptedKeys, MinionKey, ServerIdentity};
use crate::transaction::{HostId, Journal, Removal, Resource, Transaction};
use crate::{Error, Kind, Result};

/// How long a creation may take that nobody gave a time, in seconds: a bootstrap by SSH takes minutes.
const PATIENCE: u64 = 1200;
/// How long a deletion waits for another call that is about the server.
const DELETION: Duration = Duration::from_secs(300);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_millis(500),
};

/// What such a creation makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub(in crate::drivers) enum Artifact {
    /// A server; where they are known, one of these ids is its own.
    Server { name: String, ids: Vec<String> },
    /// A key accepted on the master.
    MinionKey(MinionKey),
}

impl From<MinionKey> for Artifact {
    fn from(key: MinionKey) -> Self {
        Self::MinionKey(key)
    }
}

impl Resource for Artifact {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server { .. } => "server",
            Self::MinionKey(_) => "minion_key",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Server { name, .. } => name.clone(),
            Self::MinionKey(key) => key.place(),
        }
    }
}

/// Who makes and deletes the servers of a provider.
pub(in crate::drivers) trait Delegate {
    fn cx(&self) -> &Context;

    /// The driver's id, and the provider's name.
    fn provider(&self) -> (&str, &str);

    /// Whether there is a server `name`.
    fn has(&self, name: &str) -> Result<bool>;

    /// Removes the server `name`, if it is there and one of `ids` is its own, whether or not the call is to end.
    fn remove(&self, name: &str, ids: &[String]) -> Result<Removal>;

    /// Deletes the server `name`, which the caller of its creation does not want any more.
    fn delete(&self, name: &str) -> Result<Deleted>;
}

/// The host behind the provider of a `delegate`, as journals and notes name it.
pub(in crate::drivers) fn host_of(delegate: &impl Delegate) -> HostId {
    let (driver, provider) = delegate.provider();
    HostId::new(format!("{driver} {provider}"))
}

impl<D: Delegate> Recovery for D {
    type Artifact = Artifact;

    fn host_id(&self) -> Result<HostId> {
        Ok(host_of(self))
    }

    fn remover<'a>(
        &'a self,
        _made: &[Artifact],
        _hurry: bool,
    ) -> impl FnMut(&Artifact) -> Result<Removal> + 'a {
        let mut stays = false;
        move |artifact| match artifact {
            Artifact::Server { name, ids } => {
                let removal = self.remove(name, ids);
                stays |= removal.is_err();
                removal
            }
            // else nobody would talk with it any more
            Artifact::MinionKey(_) if stays => {
                Err(Error::new(Kind::Conflict, "its server is still there"))
            }
            Artifact::MinionKey(key) => revocation::revoke(&self.cx().state_dir, key),
        }
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        self.has(&server.name)
    }
}

/// How long a creation with these `options` may take.
pub(in crate::drivers) fn time_of(options: CreateOptions) -> Duration {
    Duration::from_secs(options.timeout.unwrap_or(PATIENCE))
}

/// Creates the server that is `wanted`: it is the one that `existing` answers, or is made by `make`, which may
/// still find that it exists.
pub(in crate::drivers) fn create(
    delegate: &impl Delegate,
    wanted: Wanted<'_>,
    existing: impl FnOnce() -> Result<Option<Created>>,
    make: impl FnOnce(&mut Steps<'_, Artifact>) -> Result<Created>,
) -> Result<Created> {
    let (cx, name, options) = (delegate.cx(), &wanted.spec.server_name, wanted.options);
    let journal = sole_journal(delegate, name, time_of(options))?;
    if let Some(answer) = existing().transpose() {
        journal.close()?;
        return answer;
    }
    // before the guest starts, or it may be missed
    let mut started = minion::listener(cx, wanted.minion_id, options)?;
    let identity = ServerIdentity {
        name: name.clone(),
        uuid: Uuid::new_v4(),
    };
    let mut steps = Steps::within(journal, cx, wanted, host_of(delegate), identity);
    let made = steps
        .beside_keys(|_| Ok(()))
        .and_then(|()| steps.accept())
        .and_then(|()| make(&mut steps))
        .and_then(|created| {
            if created.created {
                steps.end()?;
            }
            Ok(created)
        });
    let mut created = match made {
        Ok(created) if created.created => created,
        Ok(existing) => {
            // it has the key that it was made with, and not this one
            let remover = delegate.remover(&[], false);
            steps.into_transaction().unmake(remover)?;
            return Ok(existing);
        }
        Err(cause) => {
            let remover = delegate.remover(&[], false);
            return Err(steps.into_transaction().roll_back(cause, remover));
        }
    };
    created.minion = steps.commit().minion;
    if options.wait == Some(WaitFor::Minion) && created.ready {
        let waited = minion::wait(cx, options, started.as_mut(), || Ok(true));
        let Ok(ready) = readiness(name, waited, options, &mut created.warnings) else {
            // the caller does not want it any more
            return Err(interrupted(delegate.delete(name), name));
        };
        created.ready = ready;
    }
    Ok(created)
}

/// Deletes the server `name` by `ask`; its minion's keys go with it. `look` sees that it may be deleted, and
/// answers its ids where it is there: nothing is written down of a server before.
pub(in crate::drivers) fn delete(
    delegate: &impl Delegate,
    name: &str,
    options: &DeleteOptions,
    look: impl FnOnce() -> Result<Option<Vec<String>>>,
    ask: impl FnOnce(&Transaction<Artifact>) -> Result<Deleted>,
) -> Result<Deleted> {
    let mut transaction = Transaction::begin(sole_journal(delegate, name, DELETION)?);
    let asked = (|| {
        let server = look()?.map(|ids| Artifact::Server {
            name: name.to_owned(),
            ids,
        });
        let keys = keys_of(delegate, name, options)?;
        let minion_id = keys.first().map(|key| key.id.clone());
        let keys = keys.into_iter().map(Artifact::MinionKey);
        transaction.record_all(keys.chain(server.clone()).collect())?;
        Ok((server, minion_id, ask(&transaction)?))
    })();
    let (server, minion_id, mut deleted) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            // what is still there keeps its key
            transaction.commit()?;
            return Err(error);
        }
    };
    if let Some(server) = &server {
        transaction.forget(server)?;
    }
    let mut keys = Removals::default();
    keys.add(transaction.unmake(delegate.remover(&[], false))?);
    if let Some(left) = keys.left_behind.first() {
        let why = &left.reason;
        let message = format!("{name} is deleted, its minion's key is not: {why}");
        return Err(Error::new(Kind::PartialFailure, message).with_left_behind(keys.left_behind));
    }
    deleted.minion_id = deleted.minion_id.or(minion_id);
    deleted.removed.extend(keys.removed);
    deleted.left.extend(keys.left);
    Ok(deleted)
}

/// What [`delete`] would do to the server `name`, which `exists` or does not.
pub(in crate::drivers) fn plan_deletion(
    delegate: &impl Delegate,
    name: &str,
    exists: bool,
    options: &DeleteOptions,
) -> Result<DryRun> {
    let message = if exists {
        format!("{name} would be deleted")
    } else {
        format!("there is no server {name}")
    };
    let mut plan = DryRun::new(message, false);
    if exists {
        plan.remove("server", name);
    }
    for key in keys_of(delegate, name, options)? {
        dry_run::plan_revocation::<Artifact>(&mut plan, delegate.cx(), key)?;
    }
    plan.would_change = !plan.would_remove.is_empty();
    Ok(plan)
}

/// The journal of the one call that is about the server `name`, once no other is; what was cut off of it is
/// removed before.
fn sole_journal(delegate: &impl Delegate, name: &str, limit: Duration) -> Result<Journal> {
    let cx = delegate.cx();
    let host = host_of(delegate);
    let what = format!("another call about {name}");
    let found = wait_until(Some(&cx.cancel), limit, LOOK_AGAIN, &what, |_| {
        recover_subject(cx, delegate, name)?;
        let journal = Journal::sole(&cx.state_dir, &host, name)?;
        Ok(journal.map_or(Look::NotYet(()), Look::There))
    })?;
    match found {
        Look::There(journal) => Ok(journal),
        Look::NotYet(()) => {
            let message = format!("{name} is being created or deleted by another call");
            let error = Error::new(Kind::Conflict, message).with_retryable(true);
            Err(error.with_field("/server/server_name"))
        }
    }
}

/// The keys that were accepted for the server `name`.
fn keys_of(
    delegate: &impl Delegate,
    name: &str,
    options: &DeleteOptions,
) -> Result<Vec<MinionKey>> {
    let noted = AcceptedKeys::below(&delegate.cx().state_dir).on(&host_of(delegate))?;
    let keys = noted.into_iter().map(|noted| MinionKey {
        pki_dir: options.pki_dir.clone().unwrap_or(noted.key.pki_dir),
        ..noted.key
    });
    let is_own = |key: &MinionKey| {
        key.server
            .as_ref()
            .is_some_and(|server| server.name == name)
    };
    Ok(keys.filter(is_own).collect())
}

#[cfg(test)]
mod tests;
