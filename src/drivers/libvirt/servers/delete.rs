//! Deletion of a server: exactly what its record says was made for it.

use virt::error::ErrorNumber;
use virt::sys;

use super::recover::recover_subject;
use crate::driver::{Context, DeleteOptions, Deleted, Removed};
use crate::drivers::libvirt::domains::{remove, switch_off};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::volume;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{domain_view::DomainView, from_xml};
use crate::drivers::minion::revoke_with_server;
use crate::{Error, Kind, LeftBehind, Result};

/// What of a domain its deletion needs to know.
struct Found {
    uuid: uuid::Uuid,
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
    let mut removed = recover_subject(cx, host, settings, name)?;
    let Some(found) = find(host, settings, name)? else {
        let deleted = !removed.is_empty();
        let message = if deleted {
            format!("the creation of {name} was cut off; what it had made is removed")
        } else {
            format!("there is no server {name}; nothing to delete")
        };
        return Ok(Deleted {
            success: true,
            message,
            deleted,
            removed,
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
        forget(host, settings, &found, false)?;
        removed.push(Removed {
            resource: "domain".into(),
            name: name.into(),
        });
        let message = format!("the definition of {name} is deleted; its disks are left");
        return Ok(Deleted {
            success: true,
            message,
            deleted: true,
            removed,
            minion_id: None,
        });
    };

    power_off(host, settings, &found, name)?;
    remove_parts(host, settings, record, options, name, &mut removed)?;
    // Where the definition names no file, libvirt has put the variables into one of its own choice.
    let nvram = found.nvram.is_none() || found.nvram == record.nvram;
    forget(host, settings, &found, nvram)?;
    if let Some(path) = record.nvram.clone().filter(|_| nvram) {
        removed.push(Removed {
            resource: "nvram".into(),
            name: path,
        });
    }
    removed.push(Removed {
        resource: "domain".into(),
        name: name.into(),
    });
    Ok(Deleted {
        success: true,
        message: format!("{name} is deleted"),
        deleted: true,
        removed,
        minion_id: record.minion.as_ref().map(|minion| minion.id.clone()),
    })
}

/// Removes the volumes of `record` and revokes its minion's key; all that can be is, and the rest is
/// in the error.
fn remove_parts(
    host: &Host,
    settings: &Settings,
    record: &Record,
    options: &DeleteOptions,
    name: &str,
    removed: &mut Vec<Removed>,
) -> Result<()> {
    let mut left = Vec::new();
    for recorded in record.volumes.iter().rev() {
        let place = format!("{}/{}", recorded.pool, recorded.name);
        match volume::delete(host, &recorded.pool, &recorded.name, settings.call_limit) {
            Ok(true) => removed.push(Removed {
                resource: "volume".into(),
                name: place,
            }),
            Ok(false) => {}
            Err(error) => left.push(LeftBehind {
                resource: "volume".into(),
                name: place,
                reason: error.message().to_owned(),
            }),
        }
    }
    match revoke_key(record, options) {
        Ok(Some(gone)) => removed.push(gone),
        Ok(None) => {}
        Err(error) => left.push(LeftBehind {
            resource: "minion_key".into(),
            name: record
                .minion
                .as_ref()
                .map(|minion| minion.id.clone())
                .unwrap_or_default(),
            reason: error.message().to_owned(),
        }),
    }
    if left.is_empty() {
        return Ok(());
    }
    // The definition stays, because it holds the record of what is still to be removed.
    left.push(LeftBehind {
        resource: "domain".into(),
        name: name.into(),
        reason: "it keeps the record of the rest; delete it again".into(),
    });
    let message = format!("{name} could not be deleted wholly: {}", left[0].reason);
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(left))
}

fn find(host: &Host, settings: &Settings, name: &str) -> Result<Option<Found>> {
    let wanted = name.to_owned();
    let found = host.call(
        &format!("look for the server {name}"),
        settings.call_limit,
        move |conn| match conn.lookup_domain_by_name(&wanted) {
            Ok(domain) => {
                let text = domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE)?;
                Ok(Some((domain.uuid()?, Record::text_of(&domain)?, text)))
            }
            Err(error) if is(&error, ErrorNumber::NoDomain) => Ok(None),
            Err(error) => Err(error),
        },
    )?;
    let Some((uuid, record, text)) = found else {
        return Ok(None);
    };
    let view: DomainView = from_xml(&format!("the server {name}"), &text)?;
    Ok(Some(Found {
        uuid,
        record: record.map(|text| Record::read(name, &text)).transpose()?,
        nvram: view.os.and_then(|os| os.nvram).and_then(|nvram| nvram.path),
    }))
}

fn power_off(host: &Host, settings: &Settings, found: &Found, name: &str) -> Result<()> {
    let uuid = found.uuid;
    host.call(
        &format!("switch off {name}"),
        settings.call_limit,
        move |conn| switch_off(&conn.lookup_domain_by_uuid(uuid)?),
    )
}

fn forget(host: &Host, settings: &Settings, found: &Found, nvram: bool) -> Result<()> {
    let uuid = found.uuid;
    host.call("undefine the domain", settings.call_limit, move |conn| {
        remove(conn, uuid, nvram).map(|_| ())
    })
}

/// Revokes the minion's key where it is this server's own and its master is here.
fn revoke_key(record: &Record, options: &DeleteOptions) -> Result<Option<Removed>> {
    let Some(minion) = &record.minion else {
        return Ok(None);
    };
    let recorded = minion.pki_dir.as_deref();
    let revoked = revoke_with_server(&minion.id, &minion.fingerprint, recorded, options)?;
    Ok(revoked.then(|| Removed {
        resource: "minion_key".into(),
        name: minion.id.clone(),
    }))
}
