//! A network card given to a server, or taken away from it. What the guest does with it is its own: the seed was written
//! before.

use std::time::Duration;

use super::data_disk::plug;
use super::owned::Owned;
use super::unplug::unplug;
use crate::driver::members::server_members;
use crate::driver::{ActionDone, Context, InterfaceSpec, NetworkSpec};
use crate::drivers::creation::check_mac;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan::{self, PlannedInterface, WantedInterface, derived_mac};
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::to_xml;
use crate::{Error, Kind, Result};

/// Gives the server `name` a card where `wanted` says.
pub(super) fn attach(host: &Host, name: &str, wanted: Option<&NetworkSpec>) -> Result<ActionDone> {
    let wanted = wanted.ok_or_else(|| Error::invalid("/interface", "say where the card goes"))?;
    if let NetworkSpec::Interface(spec) = wanted {
        check(spec)?;
    }
    let wanted = WantedInterface::read("/interface".to_owned(), wanted.clone())?;
    plan::check_networks(host, std::slice::from_ref(&wanted))?;
    let owned = Owned::find(host, name, "so no card is given to it")?;
    let macs = macs(&owned.view()?);
    if wanted.mac.as_ref().is_some_and(|mac| macs.contains(mac)) {
        let message = format!("{name} has a card with this address already");
        return Err(Error::new(Kind::AlreadyExists, message).with_field("/interface/mac"));
    }
    let derived = || {
        (0..=macs.len())
            .map(|index| derived_mac(owned.domain.uuid, index))
            .find(|mac| !macs.contains(mac))
    };
    let mac = wanted.mac.clone().or_else(derived).unwrap_or_default();
    let card = PlannedInterface { wanted, mac };
    plug(&owned, to_xml(&card.xml())?)?;
    let message = format!("{name} has a card with the address {}", card.mac);
    Ok(ActionDone::new(message, true, None))
}

/// Takes the card with the address `mac` away from the server `name`.
pub(super) fn detach(
    cx: &Context,
    host: &Host,
    name: &str,
    mac: Option<&str>,
    patience: Duration,
) -> Result<ActionDone> {
    let mac = check_mac(mac.unwrap_or_default(), "/mac")?;
    let owned = Owned::find(host, name, "so no card is taken away from it")?;
    let what = format!("its card {mac}");
    let changed = unplug(cx, &owned.domain, &what, patience, |device| {
        let own = device.child("mac").filter(|_| device.name == "interface");
        let own = own.and_then(|own| own.attribute("address"));
        own.is_some_and(|own| own.eq_ignore_ascii_case(&mac))
    })?;
    let how = if changed { "has no" } else { "had no" };
    let message = format!("{name} {how} card with the address {mac}");
    Ok(ActionDone::new(message, changed, None))
}

/// Refuses what is not libvirt's, and what only a seed tells the guest.
fn check(spec: &InterfaceSpec) -> Result<()> {
    let value = serde_json::to_value(spec)
        .map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    plan::MEMBERS.refuse_rest(server_members(), &value, "networks/", "/interface")?;
    let told = [
        ("reserve", !spec.reserve),
        ("addresses", spec.addresses.is_empty()),
        ("gateways", spec.gateways.is_empty()),
        ("routes", spec.routes.is_empty()),
        ("dns", spec.dns.is_empty()),
    ];
    let Some((member, _)) = told.iter().find(|(_, is_empty)| !is_empty) else {
        return Ok(());
    };
    let message =
        "only a server that is created has it: set the card up in the guest, or let it ask DHCP";
    Err(Error::invalid(format!("/interface/{member}"), message))
}

fn macs(view: &DomainView) -> Vec<String> {
    let cards = view.devices.interface.iter();
    cards
        .filter_map(|card| Some(card.mac.as_ref()?.address.to_lowercase()))
        .collect()
}
