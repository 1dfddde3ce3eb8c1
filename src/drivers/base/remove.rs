//! Deletion, recovery, and the undoing of a creation.

use std::path::PathBuf;
use std::time::Duration;

use super::Host;
use super::host::Call;
use super::note::{Made, Note};
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::{
    Context, DeleteOptions, Deleted, DryRun, RecoverOptions, Recovered, Removed, Server,
    check_server_name,
};
use crate::salt::{ExpectedKey, MinionId, revoke};
use crate::transaction::Cancel;
use crate::{Error, Kind, LeftBehind, Result};

/// How long a deletion may take.
const DELETION: Duration = Duration::from_secs(300);
/// How long a host may list what was destroyed.
const VANISHING: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(5),
};

/// Whether `server` is the one that was `made`; one whose id nobody has told is known by its name.
pub(super) fn is(made: &Made, server: &Server) -> bool {
    made.ids.is_empty() || server.id.is_empty() || made.ids.contains(&server.id)
}

/// The server `name`, where it is there, whether or not the call is to end.
pub(super) fn stands(host: &Host<'_>, name: &str) -> Result<Option<Server>> {
    let cx = host.cx.undisturbed();
    host.with(&cx).find(name)
}

/// Deletes the server `name`, and takes its minion's key off the master.
pub(super) fn delete(host: &Host<'_>, name: &str, options: &DeleteOptions) -> Result<Deleted> {
    check_server_name(name).map_err(|error| error.with_field("/server_name"))?;
    let mut note = Note::of(host, name, DELETION)?;
    let there = found(host, &note, name, options)?;
    let mut removed = Vec::new();
    if there.is_some() {
        destroy(
            host,
            name,
            note.made.is_some().then(|| note.lock()).transpose()?,
        )?;
        removed.push(Removed::new("server", name));
    }
    let minion_id = note.made.as_ref().and_then(|made| made.minion_id.clone());
    let mut left = Vec::new();
    match take_key(&note, options.pki_dir.as_ref()) {
        Ok(key) => removed.extend(key),
        Err(error) if error.kind() == Kind::Conflict => left.push(key_left(&note, &error)),
        Err(error) => return Err(error),
    }
    note.forget();
    let deleted = !removed.is_empty();
    let message = if deleted {
        format!("{name} was deleted")
    } else {
        format!("there is no server {name}")
    };
    Ok(Deleted {
        success: true,
        message,
        deleted,
        removed,
        left,
        minion_id,
    })
}

/// What [`delete`] would do.
pub(super) fn plan_deletion(
    host: &Host<'_>,
    name: &str,
    options: &DeleteOptions,
) -> Result<DryRun> {
    check_server_name(name).map_err(|error| error.with_field("/server_name"))?;
    let note = Note::of(host, name, Duration::ZERO)?;
    let there = found(host, &note, name, options)?;
    let mut plan = DryRun::new(format!("there is no server {name}"), false);
    if there.is_some() {
        plan = DryRun::new(format!("{name} would be deleted"), true);
        plan.remove("server", name);
    }
    if let Some(key) = note.made.as_ref().and_then(|made| made.key.as_ref()) {
        plan.would_change = true;
        plan.remove("minion_key", &key.id);
    }
    Ok(plan)
}

/// The server that is to be deleted; not one that somebody else made.
fn found(
    host: &Host<'_>,
    note: &Note,
    name: &str,
    options: &DeleteOptions,
) -> Result<Option<Server>> {
    let there = host.find(name)?;
    let is_ours = |server: &Server| note.made.as_ref().is_some_and(|made| is(made, server));
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

/// Takes what was cut off of the server of `note` away, where it was.
pub(super) fn clear_up(host: &Host<'_>, note: &mut Note) -> Result<()> {
    let Some(made) = note.made.clone().filter(|made| !made.whole) else {
        return Ok(());
    };
    tracing::warn!(server = %made.name, "its creation was cut off; removing what there is of it");
    let cause = Error::new(
        Kind::Cancelled,
        format!("the creation of {} was cut off", made.name),
    );
    let error = undo(host, note, cause);
    match error.kind() {
        Kind::PartialFailure => Err(error),
        _ => Ok(()),
    }
}

/// Takes away what a creation that failed with `cause` has made; `cause`, with what is still there.
pub(super) fn undo(host: &Host<'_>, note: &mut Note, cause: Error) -> Error {
    let Some(made) = note.made.clone() else {
        return cause;
    };
    let cx = host.cx.undisturbed();
    let host = host.with(&cx);
    let mut left = Vec::new();
    // salt-cloud has found another's of that name
    if cause.kind() != Kind::AlreadyExists {
        let gone = host.find(&made.name).and_then(|there| match there {
            Some(_) => destroy(&host, &made.name, Some(note.lock()?)),
            None => Ok(()),
        });
        if let Err(error) = gone {
            left.push(LeftBehind {
                resource: "server".to_owned(),
                name: made.name.clone(),
                reason: error.message().to_owned(),
            });
        }
    }
    match take_key(note, None) {
        Err(error) if error.kind() != Kind::Conflict => left.push(key_left(note, &error)),
        _ => {}
    }
    if left.is_empty() {
        note.forget();
        return match cause.kind() {
            Kind::Cancelled => {
                cause.with_message("interrupted; what was made has been removed again")
            }
            _ => cause,
        };
    }
    let message = format!(
        "{cause}; what was made of {} could not be removed: recover does it later",
        made.name
    );
    Error::new(Kind::PartialFailure, message)
        .with_source(format!("{}: {cause}", cause.kind()))
        .with_left_behind(left)
}

/// Takes up what was cut off at this provider.
pub(super) fn recover(host: &Host<'_>, _: RecoverOptions) -> Result<Recovered> {
    let mut recovered = Recovered::default();
    for mut note in Note::all(host)? {
        let Some(made) = note.made.clone().filter(|made| !made.whole) else {
            continue;
        };
        let there = host.find(&made.name)?;
        let cause = Error::new(Kind::Cancelled, "it was cut off");
        let error = undo(host, &mut note, cause);
        if error.kind() == Kind::PartialFailure {
            recovered.left_behind.extend(error.left_behind().to_vec());
            continue;
        }
        recovered
            .removed
            .extend(there.map(|_| Removed::new("server", &made.name)));
        recovered
            .removed
            .extend(made.key.map(|key| Removed::new("minion_key", &key.id)));
    }
    Ok(recovered)
}

/// What [`recover`] would do.
pub(super) fn plan_recovery(host: &Host<'_>, _: RecoverOptions) -> Result<DryRun> {
    let mut plan = DryRun::new("nothing was cut off at this provider", false);
    for note in Note::all(host)? {
        if let Some(made) = note.made.as_ref().filter(|made| !made.whole) {
            plan.message =
                String::from("what was cut off would be removed where it is still there");
            plan.would_change = true;
            plan.remove("server", &made.name);
        }
    }
    Ok(plan)
}

/// Has salt-cloud destroy the server `name`; it is gone only when the host does not list it any more, for
/// drivers answer anything.
fn destroy(host: &Host<'_>, name: &str, lock: Option<std::fs::File>) -> Result<()> {
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
        lock,
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
        |_| Ok(stands(host, name)?.map_or(Look::There(()), |_| Look::NotYet(()))),
    )?;
    if gone == Look::There(()) {
        return Ok(());
    }
    if reply.stderr.is_empty() {
        let message = format!("salt-cloud deleted {name}, and it is still there");
        return Err(Error::new(Kind::Conflict, message).with_retryable(true));
    }
    Err(super::fault::fault(&doing, &reply.stderr))
}

/// Takes the minion's key off the master, where it is the one that was accepted.
fn take_key(note: &Note, pki_dir: Option<&String>) -> Result<Option<Removed>> {
    let Some(key) = note.made.as_ref().and_then(|made| made.key.as_ref()) else {
        return Ok(None);
    };
    let dir = pki_dir.map_or_else(|| key.pki_dir.clone(), PathBuf::from);
    let expected = ExpectedKey::from_fingerprint(&key.fingerprint)?;
    let outcome = revoke(&dir, &MinionId::new(key.id.as_str())?, &expected)?;
    let removed = outcome.revoked.then(|| Removed::new("minion_key", &key.id));
    Ok(removed)
}

fn key_left(note: &Note, error: &Error) -> LeftBehind {
    let key = note.made.as_ref().and_then(|made| made.key.as_ref());
    LeftBehind {
        resource: "minion_key".to_owned(),
        name: key.map_or_else(String::new, |key| key.id.clone()),
        reason: error.message().to_owned(),
    }
}

impl Host<'_> {
    /// The same under another context.
    pub(super) fn with<'b>(&'b self, cx: &'b Context) -> Host<'b> {
        Host { cx, ..self.clone() }
    }
}
