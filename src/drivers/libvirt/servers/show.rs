//! One server, with all that is known of it.

use std::net::IpAddr;

use uuid::Uuid;

use super::measures::Measures;
use crate::Result;
use crate::concurrent::both;
use crate::driver::{Server, ServerInterface, Status};
use crate::drivers::libvirt::domains::{
    self, Addresses, Description, Domain, Measured, no_such_server, status,
};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::size_of;
use crate::drivers::libvirt::networks::Leases;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::domain_view::{DomainView, GraphicsView};
use crate::drivers::libvirt::xml::from_xml;

/// The server `name`.
pub(crate) fn show(host: &Host, settings: &Settings, name: &str) -> Result<Server> {
    let (leases, looked) = both(
        || Leases::of_host(host),
        || {
            let domain = domains::named(host, name)?;
            Seen::of(&domain, true)
        },
    );
    let (seen, measured) = looked?.ok_or_else(|| no_such_server(name))?;
    Ok(seen.server(settings, &measured, &leases))
}

/// The server `domain`, which was just started and has nothing yet that only its guest could tell.
pub(crate) fn show_new(settings: &Settings, domain: &Domain) -> Result<Server> {
    let looked = Seen::of(domain, false)?;
    let (seen, measured) = looked.ok_or_else(|| no_such_server(&domain.name))?;
    Ok(seen.server(settings, &measured, &Leases::default()))
}

/// A domain of a listing, of which `measured` is known; none where it is gone. It is asked for its definition,
/// and for addresses only where it has an agent, or else nothing that the host has leased.
pub(super) fn show_listed(
    settings: &Settings,
    domain: &Domain,
    measured: &Measured,
    leases: &Leases,
) -> Result<Option<Server>> {
    let Some(seen) = domain.describe()? else {
        return Ok(None);
    };
    let mut seen = Seen::new(domain, seen, Addresses::new())?;
    if seen.description.active && seen.view.may_have_agent() {
        seen.guest = domain.addresses_by_agent()?;
    }
    let is_leased = |mac: &str| !leases.of(mac).is_empty();
    if seen.description.active && seen.guest.is_empty() && !seen.view.macs().any(is_leased) {
        seen.guest = domain.addresses_by_neighbours()?;
    }
    Ok(Some(seen.server(settings, measured, leases)))
}

/// What was seen of a domain.
struct Seen {
    uuid: Uuid,
    description: Description,
    view: DomainView,
    /// Addresses that the host has not leased.
    guest: Addresses,
}

impl Seen {
    fn new(domain: &Domain, description: Description, guest: Addresses) -> Result<Self> {
        let view = from_xml("a server", &description.xml)?;
        Ok(Self {
            uuid: domain.uuid,
            description,
            view,
            guest,
        })
    }

    /// Asks side by side for all there is to say of `domain`, with the guest's `addresses` or without; none where
    /// it is gone.
    fn of(domain: &Domain, addresses: bool) -> Result<Option<(Self, Measured)>> {
        let ((seen, measured), (by_agent, by_neighbours)) = both(
            || both(|| domain.describe(), || domain.stats()),
            || {
                if !addresses {
                    return (Ok(Addresses::new()), Ok(Addresses::new()));
                }
                both(
                    || domain.addresses_by_agent(),
                    || domain.addresses_by_neighbours(),
                )
            },
        );
        let (Some(seen), Some(measured)) = (seen?, measured?) else {
            return Ok(None);
        };
        let guest = match by_agent? {
            _ if !seen.active => Addresses::new(),
            by_agent if by_agent.is_empty() => by_neighbours?,
            by_agent => by_agent,
        };
        Ok(Some((Self::new(domain, seen, guest)?, measured)))
    }

    /// The server that it is, of which the rest is known.
    fn server(&self, settings: &Settings, measured: &Measured, leases: &Leases) -> Server {
        let Self {
            uuid,
            description,
            view,
            guest,
        } = self;
        let owner = Ownership::of(&view.name, *uuid, description.record.as_deref());
        let record = owner.record();
        let stats = &measured.stats;
        let status = status(stats.number("state.state").unwrap_or(0));
        let measures = Measures::of_stats(stats);
        let on = matches!(status, Status::Active | Status::Paused);

        let mut interfaces = interfaces(view, |mac| {
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
        let size = match record {
            Some(record) => record.size.clone(),
            None => size_of(
                settings,
                measures.cpus,
                measures.memory,
                measures.max_memory,
            ),
        };
        let mut server = measures.server(settings, &view.name, *uuid, status, size, &all);
        server.image = match record {
            Some(record) => Some(record.image.clone()),
            None => base_image(view),
        };
        server.interfaces = interfaces
            .into_iter()
            .map(|(interface, _)| interface)
            .collect();
        server.role = record.and_then(|record| record.role.clone());
        server.minion_id = record
            .as_ref()
            .and_then(|record| record.minion.as_ref())
            .map(|m| m.id.clone());
        server.managed = Some(record.is_some());
        server.made_by = record.and_then(|record| record.provider.clone());
        server.warnings = measured.warnings();
        if let Ownership::Unreadable(why) = &owner {
            server.warnings.push(format!(
                "its record cannot be read, so what was made for it is not known: {why}"
            ));
        }
        server.console = view.devices.graphics.iter().find_map(GraphicsView::address);
        server
    }
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
