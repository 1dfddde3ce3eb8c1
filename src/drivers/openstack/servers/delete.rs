//! Deletion of a server: exactly what its record says was made for it.
//!
//! The record goes with the server, so what is still to be removed then is in a journal: a deletion
//! that is cut off is ended by the next one, or by `server.recover`.

use super::recover::InCloud;
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::creation::{Removals, recorded_key, recover_subject};
use crate::drivers::minion::ServerIdentity;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::artifacts::{Artifact, Marked, Remover};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::ownership::{
    floating_ip_is_free, port_is_free, volume_is_free,
};
use crate::drivers::openstack::lookup::servers::find_server;
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::removal::{ask, await_end, remove};
use crate::transaction::{Journal, Transaction};
use crate::{Error, Kind, Result};

/// Deletes the server `name`, which may be its id. What is absent needs no deletion.
pub(crate) fn delete(
    cx: &Context,
    cloud: &Cloud,
    name: &str,
    options: &DeleteOptions,
) -> Result<Deleted> {
    let mut removals = recover_subject(cx, &InCloud::new(cx, cloud), name)?;
    let Some(server) = find_server(cloud, name)? else {
        let deleted = !removals.removed.is_empty();
        let message = if deleted {
            format!("{name} was never finished; what there was of it is removed")
        } else {
            format!("there is no server {name}; nothing to delete")
        };
        return Ok(answer(message, deleted, removals, None));
    };
    let Some(record) = Record::of(&server.metadata) else {
        if !options.force {
            return Err(not_ours(name));
        }
        remove(cloud, &server.id)?;
        removals.removed.push(Removed {
            resource: "server".into(),
            name: server.name,
        });
        let message =
            format!("{name} is deleted; nothing else is, for this program did not make it");
        return Ok(answer(message, true, removals, None));
    };

    let parts = parts(cloud, &server, &record, options)?;
    cx.cancel.check()?;
    let journal = Journal::create(&cx.state_dir, &cloud.host_id(), &server.name)?;
    let mut transaction = Transaction::begin(journal);
    // In one piece: a journal without the server would take an existing one apart.
    if let Err(error) = transaction.record_all(parts) {
        transaction.commit()?;
        return Err(error);
    }
    let asked = ask(cloud, &server.id);
    if let Err(error) = &asked
        && is_rejection(error)
    {
        // it is still there, and its record with it
        transaction.commit()?;
        return Err(error.clone());
    }
    // From here on its record may be gone; the journal knows the rest.
    asked
        .and_then(|_| await_end(cloud, &server.id))
        .map_err(|error| {
            let message = format!("{}; delete it again to remove the rest", error.message());
            error.with_message(message)
        })?;
    let remover = Remover::new(cx, cloud);
    removals.add(transaction.unmake(|artifact| remover.remove(artifact))?);
    if let Some(first) = removals.left_behind.first() {
        let message = format!(
            "{name} is deleted, but not all that was made for it: {}; delete it again",
            first.reason
        );
        return Err(
            Error::new(Kind::PartialFailure, message).with_left_behind(removals.left_behind)
        );
    }
    let minion = record.minion.map(|minion| minion.id);
    Ok(answer(format!("{name} is deleted"), true, removals, minion))
}

/// The refusal to delete what has no record.
pub(super) fn not_ours(name: &str) -> Error {
    let message = format!(
        "{name} was not made by this program, so it does not know what belongs to it; `force` deletes it and \
         leaves its volumes"
    );
    Error::new(Kind::Conflict, message).with_field("/server_name")
}

/// Whether `error` says that nothing was carried out.
fn is_rejection(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::AuthFailed | Kind::PermissionDenied | Kind::Conflict | Kind::InvalidField
    )
}

fn answer(
    message: String,
    deleted: bool,
    removals: Removals,
    minion_id: Option<String>,
) -> Deleted {
    Deleted {
        success: true,
        message,
        deleted,
        removed: removals.removed,
        left: removals.left,
        minion_id,
    }
}

/// What belongs to `server`, the last to go first.
pub(super) fn parts(
    cloud: &Cloud,
    server: &Server,
    record: &Record,
    options: &DeleteOptions,
) -> Result<Vec<Artifact>> {
    let mut parts = Vec::new();
    let identity = ServerIdentity {
        name: server.name.clone(),
        uuid: record.creation,
    };
    let minion = record.minion.as_ref();
    let key = minion.and_then(|minion| recorded_key(minion, &identity, options));
    parts.extend(key.map(Artifact::MinionKey));
    if let Some(name) = &record.key_pair {
        parts.push(Artifact::KeyPair { name: name.clone() });
    }
    for id in &record.volumes {
        if volume_is_free(cloud, id, &server.id)? {
            parts.push(Artifact::Volume(Marked::known(id)));
        }
    }
    if let Some(id) = &record.floating_ip
        && floating_ip_is_free(cloud, id, &server.id)?
    {
        parts.push(Artifact::FloatingIp(Marked::known(id)));
    }
    for id in &record.ports {
        if port_is_free(cloud, id, &server.id)? {
            parts.push(Artifact::Port(Marked::known(id)));
        }
    }
    parts.push(Artifact::Server {
        name: server.name.clone(),
        creation: record.creation,
        id: Some(server.id.clone()),
    });
    Ok(parts)
}
