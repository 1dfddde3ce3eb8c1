//! Deletion and recovery.

use std::time::Duration;

use super::fault::fault;
use super::host::{Call, Host};
use super::made::is;
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::{Context, DeleteOptions, Deleted, DryRun, Removed, Server};
use crate::drivers::creation::check_server_name;
use crate::drivers::creation::delegated::{self, Artifact, Delegate};
use crate::transaction::{Cancel, Removal};
use crate::{Error, Kind, Result};

/// How long a deletion may take.
const DELETION: Duration = Duration::from_secs(300);
/// How long a host may list what was destroyed.
const VANISHING: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(5),
};

impl Delegate for Host<'_> {
    fn cx(&self) -> &Context {
        self.cx
    }

    fn provider(&self) -> (&str, &str) {
        (self.driver.driver_id(), &self.provider.provider_name)
    }

    fn has(&self, name: &str) -> Result<bool> {
        Ok(self.seen()?.iter().any(|seen| seen == name))
    }

    fn remove(&self, name: &str, ids: &[String]) -> Result<Removal> {
        let cx = self.cx.undisturbed();
        let host = self.with(&cx);
        let removal = match host.find(name)? {
            Some(server) if !is(ids, &server) => {
                return Ok(Removal::Kept(format!(
                    "another server is called {name} now"
                )));
            }
            Some(_) => {
                destroy(&host, name)?;
                Removal::Gone
            }
            None => Removal::Absent,
        };
        self.forget(name)?;
        Ok(removal)
    }

    fn delete(&self, name: &str) -> Result<Deleted> {
        let cx = self.cx.undisturbed();
        delete(&self.with(&cx), name, &DeleteOptions::default())
    }
}

/// Deletes the server `name`, and takes its minion's key off the master.
pub(super) fn delete(host: &Host<'_>, name: &str, options: &DeleteOptions) -> Result<Deleted> {
    check_server_name(name).map_err(|error| error.with_field("/server_name"))?;
    let look = || {
        let there = found(host, name, options)?;
        Ok(there.map(|server| Vec::from_iter(Some(server.id).filter(|id| !id.is_empty()))))
    };
    delegated::delete(host, name, options, look, |transaction| {
        let made = host.made(name)?;
        let mut deleted = Deleted::new(format!("there is no server {name}"), false);
        let is_server = |one: &Artifact| matches!(one, Artifact::Server { .. });
        if transaction.made().iter().any(is_server) {
            host.hold(transaction.lock()?);
            destroy(host, name)?;
            deleted = Deleted::new(format!("{name} was deleted"), true);
            deleted.removed.push(Removed::new("server", name));
        }
        host.forget(name)?;
        deleted.minion_id = made.and_then(|made| made.minion_id);
        Ok(deleted)
    })
}

/// What [`delete`] would do.
pub(super) fn plan_deletion(
    host: &Host<'_>,
    name: &str,
    options: &DeleteOptions,
) -> Result<DryRun> {
    check_server_name(name).map_err(|error| error.with_field("/server_name"))?;
    let there = found(host, name, options)?;
    delegated::plan_deletion(host, name, there.is_some(), options)
}

/// The server that is to be deleted; not one that somebody else made.
fn found(host: &Host<'_>, name: &str, options: &DeleteOptions) -> Result<Option<Server>> {
    let there = host.find(name)?;
    let made = host.made(name)?;
    let is_ours = |server: &Server| made.as_ref().is_some_and(|made| is(&made.ids, server));
    match there {
        Some(server) if !options.force && !is_ours(&server) => {
            let message = format!(
                "{name} was not made by this program; `force` deletes it all the same, by salt-cloud"
            );
            Err(Error::new(Kind::Conflict, message).with_field("/server_name"))
        }
        there => Ok(there),
    }
}

/// Has salt-cloud destroy the server `name`; it is gone only when the host does not list it any more, for
/// drivers answer anything.
fn destroy(host: &Host<'_>, name: &str) -> Result<()> {
    let is_listed = || {
        host.listed()
            .map(|all| all.iter().any(|server| server.name == name))
    };
    if host.is_of_machines() && !is_listed().unwrap_or_default() {
        // its minion does not answer, and there is nothing else to tell to the machine
        return Ok(());
    }
    let call = Call {
        args: &["--destroy", "--", name],
        profile: None,
        time: DELETION,
        // begun, it goes to its end
        cancel: &Cancel::default(),
    };
    let doing = format!("delete {name}");
    let reply = host.run(&doing, call)?;
    let gone = wait_until(
        None,
        VANISHING,
        LOOK_AGAIN,
        &format!("the end of {name}"),
        |_| {
            Ok(host
                .look(name)?
                .map_or(Look::There(()), |_| Look::NotYet(())))
        },
    )?;
    if gone == Look::There(()) {
        return Ok(());
    }
    if reply.stderr.is_empty() {
        let message = format!("salt-cloud deleted {name}, and it is still there");
        return Err(Error::new(Kind::Conflict, message).with_retryable(true));
    }
    Err(fault(&doing, &reply.stderr))
}
