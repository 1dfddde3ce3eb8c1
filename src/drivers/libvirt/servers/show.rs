//! One server, with all that is known of it.

use std::collections::HashMap;
use std::net::IpAddr;

use uuid::Uuid;
use virt::error::ErrorNumber;

use super::addresses::{self, Leases};
use super::measures::{Measures, stats_of};
use crate::driver::{Server, ServerInterface, Status};
use crate::drivers::libvirt::domains::status;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::inventory::size_of;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::domain_view::{DomainView, GraphicsView};
use crate::drivers::libvirt::xml::from_xml;
use crate::drivers::libvirt::xml::record::Record;
use crate::{Error, Kind, Result};

/// The server `name`.
pub(crate) fn show(host: &Host, settings: &Settings, name: &str) -> Result<Server> {
    let wanted = name.to_owned();
    let found = host.call(
        &format!("look for the server {name}"),
        settings.call_limit,
        move |conn| match conn.lookup_domain_by_name(&wanted) {
            Ok(domain) => Ok(Some((
                domain.uuid()?,
                Leases::of_host(conn).unwrap_or_default(),
            ))),
            Err(error) if is(&error, ErrorNumber::NoDomain) => Ok(None),
            Err(error) => Err(error),
        },
    )?;
    let shown = match found {
        None => None,
        Some((uuid, leases)) => show_domain(host, settings, uuid, &leases)?,
    };
    shown.ok_or_else(|| no_such_server(name))
}

/// The error for a server that is not there.
pub(super) fn no_such_server(name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("there is no server {name:?}; `server.list` tells those there are"),
    )
    .with_field("/server_name")
}

/// The domain `uuid`; none where it is gone.
pub(crate) fn show_domain(
    host: &Host,
    settings: &Settings,
    uuid: Uuid,
    leases: &Leases,
) -> Result<Option<Server>> {
    let found = host.call("look at a server", settings.call_limit, move |conn| {
        let gone = |error: virt::error::Error| {
            if is(&error, ErrorNumber::NoDomain) {
                Ok(None)
            } else {
                Err(error)
            }
        };
        let domain = match conn.lookup_domain_by_uuid(uuid) {
            Ok(domain) => domain,
            Err(error) => return gone(error),
        };
        let text = match domain.xml_desc(0) {
            Ok(text) => text,
            Err(error) => return gone(error),
        };
        let record = Record::text_of(&domain)?;
        let stats = stats_of(conn, uuid)?;
        let running = domain.is_active()?;
        let guest = if running {
            addresses::of_guest(&domain)
        } else {
            HashMap::new()
        };
        Ok(stats.map(|stats| (text, record, stats, guest)))
    })?;
    let Some((text, record, stats, guest)) = found else {
        return Ok(None);
    };
    let view: DomainView = from_xml("a server", &text)?;
    let record = record
        .map(|text| Record::read(&view.name, &text))
        .transpose()?;
    let status = status(stats.number("state.state").unwrap_or(0));
    let measures = Measures::of_stats(&stats);
    let on = matches!(status, Status::Active | Status::Paused);

    let mut interfaces = interfaces(&view, |mac| {
        let mut addresses = if on { leases.of(mac) } else { Vec::new() };
        for ip in guest.get(mac).into_iter().flatten() {
            if !addresses.contains(ip) {
                addresses.push(*ip);
            }
        }
        addresses
    });
    let mut all: Vec<IpAddr> = interfaces
        .iter()
        .flat_map(|(_, addresses)| addresses.clone())
        .collect();
    for ip in record
        .iter()
        .flat_map(|record| &record.addresses)
        .filter_map(|ip| ip.parse().ok())
    {
        if !all.contains(&ip) {
            all.push(ip);
            if let Some((first, _)) = interfaces.first_mut() {
                first.addresses.push(ip.to_string());
            }
        }
    }
    let size = match &record {
        Some(record) => record.size.clone(),
        None => size_of(
            settings,
            measures.cpus,
            measures.memory,
            measures.max_memory,
        ),
    };
    let mut server = measures.server(settings, &view.name, uuid, status, size, &all);
    server.image = match &record {
        Some(record) => Some(record.image.clone()),
        None => base_image(&view),
    };
    server.interfaces = interfaces
        .into_iter()
        .map(|(interface, _)| interface)
        .collect();
    server.role = record.as_ref().and_then(|record| record.role.clone());
    server.minion_id = record
        .as_ref()
        .and_then(|record| record.minion.as_ref())
        .map(|m| m.id.clone());
    server.managed = Some(record.is_some());
    server.console = view.devices.graphics.iter().find_map(GraphicsView::address);
    Ok(Some(server))
}

fn interfaces(
    view: &DomainView,
    addresses: impl Fn(&str) -> Vec<IpAddr>,
) -> Vec<(ServerInterface, Vec<IpAddr>)> {
    view.devices
        .interface
        .iter()
        .filter_map(|interface| {
            let mac = interface.mac.as_ref()?.address.to_lowercase();
            let source = interface.source.as_ref();
            let network =
                source.and_then(|s| s.network.clone().or(s.bridge.clone()).or(s.dev.clone()));
            let found = addresses(&mac);
            let shown = found.iter().map(ToString::to_string).collect();
            Some((
                ServerInterface {
                    mac,
                    network,
                    addresses: shown,
                },
                found,
            ))
        })
        .collect()
}

/// What the first disk of a server that is not ours is an overlay of.
fn base_image(view: &DomainView) -> Option<String> {
    let disk = view
        .devices
        .disk
        .iter()
        .find(|disk| disk.device.as_deref() != Some("cdrom"))?;
    let base = disk.backing_store.as_ref()?.source.as_ref()?;
    base.base_name().map(ToOwned::to_owned)
}
