//! Deletion of a server: exactly what its record says was made for it.
//!
//! The record goes with the server, so what is still to be removed then is in a journal: a deletion
//! that is cut off is ended by the next one, or by `server.recover`.

use std::path::Path;

use serde_json::Value;

use super::find::find_server;
use super::recover::{recover_subject, removed};
use super::remove::remove;
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::minion::MinionKey;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::made::{Made, Marked, Undoer};
use crate::drivers::openstack::record::Record;
use crate::transaction::{Journal, Transaction};
use crate::{Error, Kind, Result};

/// Deletes the server `name`, which may be its id. What is absent needs no deletion.
pub(crate) fn delete(
    cx: &Context,
    cloud: &Cloud,
    name: &str,
    options: &DeleteOptions,
) -> Result<Deleted> {
    let mut gone = recover_subject(cx, cloud, name)?;
    let Some(server) = find_server(cloud, name)? else {
        let deleted = !gone.is_empty();
        let message = if deleted {
            format!("{name} was never finished; what there was of it is removed")
        } else {
            format!("there is no server {name}; nothing to delete")
        };
        return Ok(answer(message, deleted, gone, None));
    };
    let Some(record) = Record::of(&server.metadata) else {
        if !options.force {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "{name} was not made by this program, so it does not know what belongs to it; \
                     force deletes it and leaves its volumes"
                ),
            )
            .with_field("/server_name"));
        }
        remove(cloud, &server.id)?;
        gone.push(Removed {
            resource: "server".into(),
            name: server.name,
        });
        let message = format!("{name} is deleted; what it leaves to others is left");
        return Ok(answer(message, true, gone, None));
    };

    let journal = Journal::create(&cx.state_dir, &cloud.host_id(), &server.name)?;
    let mut transaction = Transaction::begin(journal);
    for made in parts(cloud, &server, &record, options)? {
        transaction.record(made)?;
    }
    if let Err(error) = remove(cloud, &server.id) {
        if error.kind() == Kind::Timeout {
            // its record will be gone; the journal knows the rest
            let message = format!("{}; delete it again to remove the rest", error.message());
            return Err(error.with_message(message));
        }
        // it stands, and its record with it
        transaction.commit()?;
        return Err(error);
    }
    let undoer = Undoer::new(cloud);
    let (parts, left) = transaction.unmake(|made| undoer.undo(made))?;
    if let Some(first) = left.first() {
        let message = format!(
            "{name} is deleted, but not all that was made for it: {}; delete it again",
            first.reason
        );
        return Err(Error::new(Kind::PartialFailure, message).with_left_behind(left));
    }
    gone.extend(parts.iter().rev().map(removed));
    let minion = record.minion.map(|minion| minion.id);
    Ok(answer(format!("{name} is deleted"), true, gone, minion))
}

fn answer(
    message: String,
    deleted: bool,
    removed: Vec<Removed>,
    minion_id: Option<String>,
) -> Deleted {
    Deleted {
        success: true,
        message,
        deleted,
        removed,
        minion_id,
    }
}

/// What belongs to `server`, the last to go first.
fn parts(
    cloud: &Cloud,
    server: &Server,
    record: &Record,
    options: &DeleteOptions,
) -> Result<Vec<Made>> {
    let mut parts = Vec::new();
    parts.extend(minion_key(record, options).map(Made::MinionKey));
    if let Some(name) = &record.key_pair {
        parts.push(Made::KeyPair { name: name.clone() });
    }
    for id in &record.volumes {
        if volume_is_free(cloud, id, &server.id)? {
            parts.push(Made::Volume(Marked::known(id)));
        }
    }
    if let Some(id) = &record.floating_ip
        && floating_ip_is_free(cloud, id, &server.id)?
    {
        parts.push(Made::FloatingIp(Marked::known(id)));
    }
    for id in &record.ports {
        if port_is_free(cloud, id, &server.id)? {
            parts.push(Made::Port(Marked::known(id)));
        }
    }
    parts.push(Made::Server {
        name: server.name.clone(),
        creation: record.creation,
        id: Some(server.id.clone()),
    });
    Ok(parts)
}

/// The minion's key, where its master is here.
fn minion_key(record: &Record, options: &DeleteOptions) -> Option<MinionKey> {
    let minion = record.minion.as_ref()?;
    let here = |dir: &&String| Path::new(dir).is_dir();
    let recorded = minion.pki_dir.as_ref().filter(here);
    Some(MinionKey {
        pki_dir: options.pki_dir.as_ref().or(recorded)?.clone(),
        id: minion.id.clone(),
        fingerprint: minion.fingerprint.clone(),
    })
}

/// What the service has at `path`, by its member `member`; none where it is gone.
fn look(cloud: &Cloud, service: Service, path: &str, member: &str) -> Result<Option<Value>> {
    match cloud.get::<Value>(service, path) {
        Ok(mut answer) => Ok(Some(answer[member].take())),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the port `id` is there and belongs to no server but `server`.
fn port_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = format!("/v2.0/ports/{id}");
    let Some(port) = look(cloud, Service::Network, &path, "port")? else {
        return Ok(false);
    };
    let device = port["device_id"].as_str().unwrap_or_default();
    Ok(stays(device.is_empty() || device == server, "port", id))
}

/// Whether the floating IP `id` is there and leads to no server but `server`.
fn floating_ip_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = format!("/v2.0/floatingips/{id}");
    let Some(floating) = look(cloud, Service::Network, &path, "floatingip")? else {
        return Ok(false);
    };
    match floating["port_id"].as_str() {
        None => Ok(true),
        Some(port) => port_is_free(cloud, port, server),
    }
}

/// Whether the volume `id` is there and attached to no server but `server`.
fn volume_is_free(cloud: &Cloud, id: &str, server: &str) -> Result<bool> {
    let path = format!("/volumes/{id}");
    let Some(volume) = look(cloud, Service::Volume, &path, "volume")? else {
        return Ok(false);
    };
    let attachments = volume["attachments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let ours = |attachment: &Value| attachment["server_id"] == server;
    Ok(stays(attachments.iter().all(ours), "volume", id))
}

/// `free` back; what is not is told, because it stays.
fn stays(free: bool, kind: &str, id: &str) -> bool {
    if !free {
        tracing::warn!(id, "the {kind} is another server's now; it stays");
    }
    free
}
