//! A device taken away from a server, for which a guest that runs is asked.

use std::time::Duration;

use super::action::ASK_AGAIN;
use super::owned::{conflict, read};
use crate::Result;
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::Context;
use crate::drivers::libvirt::domains::{Affected, Definition, Domain, no_such_server};
use crate::drivers::libvirt::xml::tree::Element;

const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(1),
};

/// Takes `what`, the device that `is_meant`, away from what `domain` runs with and then from what it starts with next;
/// answers whether it was in either.
pub(super) fn unplug(
    cx: &Context,
    domain: &Domain,
    what: &str,
    patience: Duration,
    is_meant: impl Fn(&Element) -> bool,
) -> Result<bool> {
    let mut was_there = false;
    let mut ask_at = Duration::ZERO;
    let seen = wait_until(Some(&cx.cancel), patience, LOOK_AGAIN, what, |waited| {
        let seen = domain.described()?;
        let device = device_in(&seen.xml, &is_meant)?;
        let Some(device) = device.filter(|_| seen.active) else {
            return Ok(Look::There(()));
        };
        was_there = true;
        if waited >= ask_at {
            ask_at = waited + ASK_AGAIN;
            domain.detach(device, Affected::Live)?;
        }
        Ok(Look::NotYet(()))
    })?;
    if seen == Look::NotYet(()) {
        return Err(conflict(format!(
            "the guest of {} has not let go of {what} in time; stop it, and try again",
            domain.name
        )));
    }
    let next = domain.definition(Definition::Next)?;
    let next = next.ok_or_else(|| no_such_server(&domain.name))?;
    if let Some(device) = device_in(&next, &is_meant)? {
        was_there = true;
        domain.detach(device, Affected::Next)?;
    }
    Ok(was_there)
}

/// The device that `is_meant` in a definition.
fn device_in(definition: &str, is_meant: impl Fn(&Element) -> bool) -> Result<Option<String>> {
    let tree = read(definition)?;
    let devices = tree.child("devices").map(|devices| &devices.children);
    let mut devices = devices.into_iter().flatten();
    Ok(devices.find(|device| is_meant(device)).map(Element::write))
}

/// Whether `device` is a disk that is the volume `name` itself.
pub(super) fn is_disk(device: &Element, name: &str) -> bool {
    let source = device.child("source").filter(|_| device.name == "disk");
    let is_it = |place: &str| place.rsplit('/').next() == Some(name);
    source.is_some_and(|source| {
        PLACES
            .iter()
            .any(|member| source.attribute(member).is_some_and(is_it))
    })
}

/// The attributes by which a disk's source says where it is.
pub(super) const PLACES: [&str; 4] = ["file", "dev", "volume", "name"];
