//! One server, with all that is known of it.

use std::net::IpAddr;

use super::measures::Measures;
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
use crate::{Error, Result};

/// The server `name`.
pub(crate) fn show(host: &Host, settings: &Settings, name: &str) -> Result<Server> {
    let (leases, shown) = both(
        || Leases::of_host(host),
        || {
            let domain = domains::named(host, name)?;
            let look = Look::at(&domain, true)?;
            Ok::<_, Error>(look.map(|look| (domain, look)))
        },
    );
    let (domain, look) = shown?.ok_or_else(|| no_such_server(name))?;
    let (seen, measured, guest) = (&look.seen, &look.measured, &look.guest);
    show_seen(
        settings,
        &domain,
        (seen, &view(seen)?),
        measured,
        &leases,
        guest,
    )
}

/// The server `domain`, which was just started and has nothing yet that only its guest could tell.
pub(crate) fn show_new(settings: &Settings, domain: &Domain) -> Result<Server> {
    let look = Look::at(domain, false)?.ok_or_else(|| no_such_server(&domain.name))?;
    let (seen, measured, guest) = (&look.seen, &look.measured, &look.guest);
    let none = Leases::default();
    show_seen(
        settings,
        domain,
        (seen, &view(seen)?),
        measured,
        &none,
        guest,
    )
}

/// What is asked about one domain, side by side.
struct Look {
    seen: Description,
    measured: Measured,
    guest: Addresses,
}

impl Look {
    /// Asks, with the guest's `addresses` or without; none where the domain is gone.
    fn at(domain: &Domain, addresses: bool) -> Result<Option<Self>> {
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
        let by_agent = by_agent?;
        let guest = if by_agent.is_empty() {
            by_neighbours?
        } else {
            by_agent
        };
        let guest = if seen.active { guest } else { Addresses::new() };
        Ok(Some(Self {
            seen,
            measured,
            guest,
        }))
    }
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
    let view = view(&seen)?;
    let mut guest = Addresses::new();
    if seen.active && view.may_have_agent() {
        guest = domain.addresses_by_agent()?;
    }
    let is_leased = |mac: &str| !leases.of(mac).is_empty();
    if seen.active && guest.is_empty() && !view.macs().any(is_leased) {
        guest = domain.addresses_by_neighbours()?;
    }
    show_seen(settings, domain, (&seen, &view), measured, leases, &guest).map(Some)
}

fn view(seen: &Description) -> Result<DomainView> {
    from_xml("a server", &seen.xml)
}

/// `domain`, of which all the rest is known.
fn show_seen(
    settings: &Settings,
    domain: &Domain,
    (seen, view): (&Description, &DomainView),
    measured: &Measured,
    leases: &Leases,
    guest: &Addresses,
) -> Result<Server> {
    let owner = Ownership::of(&view.name, domain.uuid, seen.record.as_deref());
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
    let mut server = measures.server(settings, &view.name, domain.uuid, status, size, &all);
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
    Ok(server)
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
