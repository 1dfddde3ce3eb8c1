//! Deletion of a server: exactly what its record says was made for it, and is its own.
//!
//! What is to go is in a journal before anything goes, so that a deletion that is cut off is ended by
//! the next call, or by `server.recover`.

use super::disks::{Own, others};
use super::recover::OnHost;
use crate::concurrent::both;
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::creation::{Removals, recorded_key, recover_subject};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::domains::{self, Definition, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::pools;
use crate::drivers::libvirt::remover::Remover;
use crate::drivers::libvirt::xml::domain_view::{DomainView, OsView};
use crate::drivers::libvirt::xml::from_xml;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::minion::ServerIdentity;
use crate::transaction::{Journal, Removal, Transaction};
use crate::{Error, Kind, LeftBehind, Result};

/// What of a domain its deletion needs to know.
pub(super) struct Found {
    pub(super) domain: Domain,
    pub(super) owner: Ownership,
    /// What it runs with, and what it starts with next, as far as they can be read.
    definitions: Vec<DomainView>,
}

/// The refusal to delete what is not ours.
pub(super) fn not_ours(name: &str, owner: &Ownership) -> Error {
    let message = format!(
        "{name} {}, so it is not known what belongs to it; `force` deletes its definition and leaves \
         its disks",
        owner.why_not()
    );
    Error::new(Kind::Conflict, message).with_field("/server_name")
}

/// Deletes the server `name`, whose volumes are most likely in `pool`. What is absent needs no deletion.
pub(crate) fn delete(
    cx: &Context,
    host: &Host,
    (pool, name): (&str, &str),
    options: &DeleteOptions,
) -> Result<Deleted> {
    let on_host = OnHost::new(cx, host).leaving_lost(options.force);
    let mut removals = recover_subject(cx, &on_host, name)?;
    // which host it is goes into the journal
    let (id, found) = both(|| host.id(), || find(host, pool, name));
    let Some(found) = found? else {
        let deleted = !removals.removed.is_empty();
        let message = if deleted {
            format!("the creation or deletion of {name} was cut off; what it had left is removed")
        } else {
            format!("there is no server {name}; nothing to delete")
        };
        return Ok(removals.deleted(message, deleted, None));
    };
    let record = match &found.owner {
        Ownership::Ours(record) => record,
        _ if options.force => {
            forget(&found, &mut removals)?;
            let message = format!("the definition of {name} is deleted; its disks are left");
            return Ok(removals.deleted(message, true, None));
        }
        other => return Err(not_ours(name, other)),
    };

    removals.left.extend(besides(host, &found, record)?);
    cx.cancel.check()?;
    let parts = parts(&found.domain, record, options);
    let journal = Journal::create(&cx.state_dir, &id?, name)?;
    let mut transaction = Transaction::begin(journal);
    if let Err(error) = transaction.record_all(parts.clone()) {
        transaction.commit()?;
        return Err(error);
    }
    let remover = Remover::new(cx, host, &parts)
        .leaving_lost(options.force)
        .knowing(found.domain.clone());
    removals.add(transaction.unmake(|artifact| remover.remove(artifact))?);
    for (path, removal) in remover.variables() {
        add_variables(&mut removals, path, removal);
    }
    if let Some(first) = removals.left_behind.first() {
        let message = format!("{name} could not be deleted wholly: {}", first.reason);
        let error = Error::new(Kind::PartialFailure, message);
        return Err(error.with_left_behind(removals.left_behind));
    }
    let minion = record.minion.as_ref().map(|minion| minion.id.clone());
    Ok(removals.deleted(format!("{name} is deleted"), true, minion))
}

/// What the server has besides what was made for it.
pub(super) fn besides(host: &Host, found: &Found, record: &Record) -> Result<Vec<LeftBehind>> {
    let own = Own::of(host, found.domain.uuid, record)?;
    let why = "this program did not make it for the server";
    let others = |own: &Own| others(&found.definitions, own, why);
    // A pool of files has them where its definition says; elsewhere each volume is asked.
    if others(&own).is_empty() {
        return Ok(Vec::new());
    }
    Ok(others(&own.with_paths()?))
}

/// What belongs to the server, the last to go first: the domain keeps the record of the rest.
pub(super) fn parts(domain: &Domain, record: &Record, options: &DeleteOptions) -> Vec<Artifact> {
    let server = ServerIdentity {
        name: domain.name.clone(),
        uuid: domain.uuid,
    };
    let mut parts = vec![Artifact::Domain {
        uuid: domain.uuid,
        server: domain.name.clone(),
    }];
    let minion = record.minion.as_ref();
    let key = minion.and_then(|minion| recorded_key(minion, &server, options));
    parts.extend(key.map(Artifact::MinionKey));
    let kept = record.reservations.iter().cloned();
    parts.extend(kept.map(Artifact::Reservation));
    parts.extend(record.volumes.iter().map(|volume| Artifact::Volume {
        pool: volume.pool.clone(),
        volume: volume.name.clone(),
    }));
    parts
}

pub(super) fn find(host: &Host, pool: &str, name: &str) -> Result<Option<Found>> {
    // found beside the domain it is known once it is needed
    let (_, domain) = both(|| pools::find(host, pool), || domains::find(host, name));
    let Some(domain) = domain? else {
        return Ok(None);
    };
    let (now, next) = both(|| domain.describe(), || domain.definition(Definition::Next));
    let (Some(now), Some(next)) = (now?, next?) else {
        return Ok(None);
    };
    let read = |xml: &str| from_xml(name, xml).ok();
    Ok(Some(Found {
        owner: Ownership::of(name, domain.uuid, now.record.as_deref()),
        definitions: [read(&now.xml), read(&next)]
            .into_iter()
            .flatten()
            .collect(),
        domain,
    }))
}

/// Deletes the definition of a server that is not ours, and nothing else.
fn forget(found: &Found, removals: &mut Removals) -> Result<()> {
    let name = &found.domain.name;
    found.domain.switch_off()?;
    found.domain.undefine(false)?;
    removals.removed.push(Removed::new("domain", name.clone()));
    removals.left.extend(left_by_force(found));
    Ok(())
}

/// What stays of a server that is not ours when its definition is deleted.
pub(super) fn left_by_force(found: &Found) -> Vec<LeftBehind> {
    let why = format!("{} {}", found.domain.name, found.owner.why_not());
    let mut left = others(&found.definitions, &Own::default(), &why);
    let mut variables = found.definitions.iter().filter_map(|view| view.os.as_ref());
    left.extend(
        variables
            .find_map(OsView::variables)
            .map(|path| LeftBehind {
                resource: "nvram".to_owned(),
                name: path,
                reason: why,
            }),
    );
    left
}

fn add_variables(removals: &mut Removals, path: String, removal: Removal) {
    let resource = "nvram".to_owned();
    let name = path;
    match removal {
        Removal::Kept(reason) => removals.left.push(LeftBehind {
            resource,
            name,
            reason,
        }),
        Removal::Gone => removals.removed.push(Removed::new(resource, name)),
        Removal::Absent => {}
    }
}
