//! Deletion of a server: exactly what was made for it.
//!
//! The record goes with the server, so what is still to be removed then is in a journal: a deletion
//! that is cut off is ended by the next one, or by `server.recover`. What the record names is looked at
//! right before it goes, for who may write metadata may write anything there.

use serde_json::Value;

use super::recover::InCloud;
use crate::concurrent::{AT_ONCE, both, each};
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::creation::{recorded_key, recover_subject};
use crate::drivers::minion::ServerIdentity;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::artifacts::{Artifact, Marked};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::{Recorded, find_server};
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::removal::{
    Collection, FLOATING_IPS, PATIENCE, PORTS, Remover, VOLUMES, ask, association, await_end,
    remove,
};
use crate::transaction::{Journal, Transaction, named};
use crate::{Error, Kind, LeftBehind, Result};

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
        return Ok(removals.deleted(message, deleted, None));
    };
    cloud.seen(&server.id);
    let recorded = Recorded::of(cloud);
    let (record, parts) = match own(&recorded, &server, options)? {
        Ok(own) => own,
        Err(why) if !options.force => return Err(not_ours(name, &why)),
        Err(why) => {
            remove(cloud, &server.id, PATIENCE)?;
            removals.removed.push(Removed::new("server", server.name));
            let message = format!("{name} is deleted; nothing else is, for it {why}");
            return Ok(removals.deleted(message, true, None));
        }
    };

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
        .and_then(|_| await_end(cloud, &server.id, PATIENCE))
        .map_err(|error| {
            let message = format!("{}; delete it again to remove the rest", error.message());
            let made = transaction.made();
            let left = made
                .iter()
                .map(|one| named(one, "the end of the server was not seen"));
            let left = left.collect();
            error.with_message(message).with_left_behind(left)
        })?;
    let remover = Remover::deleted(cx, recorded, transaction.made(), &server.id);
    removals.add(transaction.unmake(|artifact| remover.remove(artifact))?);
    if let Some(first) = removals.left_behind.first() {
        let message = format!(
            "{name} is deleted, but not all that was made for it: the {} {}: {}; delete it again",
            first.resource, first.name, first.reason
        );
        let left = std::mem::take(&mut removals.left_behind);
        return Err(Error::new(Kind::PartialFailure, message).with_left_behind(left));
    }
    removals.left.extend(kept(&record));
    // a key that stays is not this server's, whatever its record says
    let keeps_key = removals
        .left
        .iter()
        .any(|left| left.resource == "minion_key");
    let minion = record.minion.filter(|_| !keeps_key).map(|minion| minion.id);
    let message = match removals.left.len() {
        0 => format!("{name} is deleted"),
        left => format!("{name} is deleted; {left} of what its record names stays"),
    };
    Ok(removals.deleted(message, true, minion))
}

/// The refusal to delete what has no record that counts; `why`.
pub(super) fn not_ours(name: &str, why: &str) -> Error {
    let message = format!(
        "{name} {why}, so this program does not know what belongs to it; `force` deletes it and leaves its \
         volumes"
    );
    Error::new(Kind::Conflict, message).with_field("/server_name")
}

/// What a server has of its own: its record, and the parts of it that are there; or why no record counts.
pub(super) type Own = std::result::Result<(Record, Vec<Artifact>), String>;

/// What `server` has of its own, as the record says that counts.
pub(super) fn own(
    recorded: &Recorded<'_>,
    server: &Server,
    options: &DeleteOptions,
) -> Result<Own> {
    let Some(record) = Record::of(&server.metadata) else {
        return Ok(Err("was not made by this program".to_owned()));
    };
    let cloud = recorded.cloud;
    let (parts, carriers) = both(
        || parts(cloud, server, &record, options),
        || recorded.carriers(record.creation),
    );
    Ok(match carriers?.first() {
        Some(first) if first.id != server.id => Err(format!(
            "carries the record of the server {} ({})",
            first.name, first.id
        )),
        _ => Ok((record, parts?)),
    })
}

/// The volumes of a server that were made with it and are to stay.
pub(super) fn kept(record: &Record) -> impl Iterator<Item = LeftBehind> {
    record.kept.iter().map(|id| LeftBehind {
        resource: "volume".to_owned(),
        name: id.clone(),
        reason: "it was asked for with delete_on_termination: false".to_owned(),
    })
}

/// Whether `error` says that nothing was carried out.
fn is_rejection(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::AuthFailed | Kind::PermissionDenied | Kind::Conflict | Kind::InvalidField
    )
}

/// Where something is, what it is in a journal, and the ids that a record has of it.
type Part<'a> = (&'a Collection, fn(Marked) -> Artifact, &'a [String]);

/// What the record of `server` names and is there, the last to go first.
fn parts(
    cloud: &Cloud,
    server: &Server,
    record: &Record,
    options: &DeleteOptions,
) -> Result<Vec<Artifact>> {
    let identity = ServerIdentity {
        name: server.name.clone(),
        uuid: record.creation,
    };
    let minion = record.minion.as_ref();
    let key = minion.and_then(|minion| recorded_key(minion, &identity, options));
    let mut parts: Vec<Artifact> = key.map(Artifact::MinionKey).into_iter().collect();
    if let Some(name) = &record.key_pair {
        parts.push(Artifact::KeyPair { name: name.clone() });
    }
    let of_cloud: [Part<'_>; 3] = [
        (&VOLUMES, Artifact::Volume, &record.volumes),
        (
            &FLOATING_IPS,
            Artifact::FloatingIp,
            record.floating_ip.as_slice(),
        ),
        (&PORTS, Artifact::Port, &record.ports),
    ];
    let named: Vec<_> = of_cloud
        .iter()
        .flat_map(|(kind, artifact, ids)| ids.iter().map(move |id| (*kind, artifact, id)))
        .collect();
    // what is not found is not removed, so that this is believed only where it stays
    let look = |(kind, _, id): &(&Collection, _, &String)| {
        cloud.seen(id);
        kind.look(cloud, id)
    };
    let (seen, given_back) = both(
        || each(&named, AT_ONCE, look),
        || match &record.associated {
            Some(id) => association(cloud, &server.id, id),
            None => Ok(None),
        },
    );
    for ((kind, artifact, id), seen) in named.into_iter().zip(seen) {
        parts.extend(seen?.map(|seen| artifact(marked(kind, &seen, id))));
    }
    parts.extend(given_back?);
    parts.push(Artifact::Server {
        name: server.name.clone(),
        creation: record.creation,
        id: Some(server.id.clone()),
    });
    Ok(parts)
}

fn marked(kind: &Collection, seen: &Value, id: &str) -> Marked {
    match kind.marker(seen) {
        "" => Marked::known(id, id),
        name => Marked::known(name, id),
    }
}
