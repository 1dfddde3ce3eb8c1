//! Deletion of a server: exactly what its record says was made for it.

use super::recover::OnHost;
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::creation::{Removals, recorded_key, recover_subject};
use crate::drivers::libvirt::artifacts::{Artifact, Remover};
use crate::drivers::libvirt::domains::{self, Definition, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{domain_view::DomainView, from_xml};
use crate::drivers::minion::ServerIdentity;
use crate::{Error, Kind, LeftBehind, Result};

/// What of a domain its deletion needs to know.
struct Found {
    domain: Domain,
    record: Option<Record>,
    nvram: Option<String>,
}

/// Deletes the server `name`. What is absent needs no deletion.
pub(crate) fn delete(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    options: &DeleteOptions,
) -> Result<Deleted> {
    let mut removals = recover_subject(cx, &OnHost::new(cx, host, settings), name)?;
    let Some(found) = find(host, name)? else {
        let deleted = !removals.removed.is_empty();
        let message = if deleted {
            format!("the creation of {name} was cut off; what it had made is removed")
        } else {
            format!("there is no server {name}; nothing to delete")
        };
        return Ok(Deleted {
            success: true,
            message,
            deleted,
            removed: removals.removed,
            left: removals.left,
            minion_id: None,
        });
    };
    let Some(record) = &found.record else {
        if !options.force {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "{name} was not made by this program, so it does not know what belongs to it; \
                     force deletes its definition and leaves its disks"
                ),
            )
            .with_field("/server_name"));
        }
        forget(&found, false)?;
        removals.removed.push(Removed {
            resource: "domain".into(),
            name: name.into(),
        });
        let message = format!("the definition of {name} is deleted; its disks are left");
        return Ok(Deleted {
            success: true,
            message,
            deleted: true,
            removed: removals.removed,
            left: removals.left,
            minion_id: None,
        });
    };

    found.domain.switch_off()?;
    let server = ServerIdentity {
        name: name.to_owned(),
        uuid: found.domain.uuid,
    };
    let remover = Remover::new(cx, host);
    remove_parts(&remover, record, &server, options, &mut removals)?;
    // Where the definition names no file, libvirt has put the variables into one of its own choice.
    let nvram = found.nvram.is_none() || found.nvram == record.nvram;
    forget(&found, nvram)?;
    if let Some(path) = record.nvram.clone().filter(|_| nvram) {
        removals.removed.push(Removed {
            resource: "nvram".into(),
            name: path,
        });
    }
    removals.removed.push(Removed {
        resource: "domain".into(),
        name: name.into(),
    });
    Ok(Deleted {
        success: true,
        message: format!("{name} is deleted"),
        deleted: true,
        removed: removals.removed,
        left: removals.left,
        minion_id: record.minion.as_ref().map(|minion| minion.id.clone()),
    })
}

/// Removes the volumes of `record` and revokes its minion's key; all that can be is, and the rest is
/// in the error.
fn remove_parts(
    remover: &Remover<'_>,
    record: &Record,
    server: &ServerIdentity,
    options: &DeleteOptions,
    removals: &mut Removals,
) -> Result<()> {
    let volumes = record.volumes.iter().rev().map(|volume| Artifact::Volume {
        pool: volume.pool.clone(),
        volume: volume.name.clone(),
    });
    let minion = record.minion.as_ref();
    let key = minion.and_then(|minion| recorded_key(minion, server, options));
    for artifact in volumes.chain(key.map(Artifact::MinionKey)) {
        removals.take(&artifact, remover.remove(&artifact));
    }
    let left = &mut removals.left_behind;
    if left.is_empty() {
        return Ok(());
    }
    // The definition stays, because it holds the record of what is still to be removed.
    let name = &server.name;
    left.push(LeftBehind {
        resource: "domain".into(),
        name: name.clone(),
        reason: "it keeps the record of the rest; delete it again".into(),
    });
    let message = format!("{name} could not be deleted wholly: {}", left[0].reason);
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(left.clone()))
}

fn find(host: &Host, name: &str) -> Result<Option<Found>> {
    let Some(domain) = domains::find(host, name)? else {
        return Ok(None);
    };
    let Some(seen) = domain.describe(Definition::Next)? else {
        return Ok(None);
    };
    let view: DomainView = from_xml(&format!("the server {name}"), &seen.xml)?;
    let record = seen.record.map(|text| Record::read(name, &text));
    Ok(Some(Found {
        domain,
        record: record.transpose()?,
        nvram: view.os.and_then(|os| os.nvram).and_then(|nvram| nvram.path),
    }))
}

fn forget(found: &Found, nvram: bool) -> Result<()> {
    found.domain.switch_off()?;
    found.domain.undefine(nvram)
}
