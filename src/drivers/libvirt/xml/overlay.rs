//! A user's own `<domain>` laid over the definition that follows from a request: for what a server has no
//! member for.
//!
//! An element is laid over the one of its name at the same place, and of the same `type` where both say
//! one; a disk over that of its `<target dev>`, a network card over that of its `<mac address>`. What it
//! says counts over what stands there. Where there is none, it is added.
//!
//! What is known of a server by other means, or is to be removed with it, cannot be said here: its names,
//! memory and record, where its disks are, and firmware's files.

use super::tree::Element;
use crate::units::{KIB, length};

/// The longest text.
const LONGEST: usize = length(64 * KIB);
/// What cannot be said here, by path, and where it is said instead.
const REFUSED: &[(&str, &str)] = &[
    ("domain/name", "the server's name is server_name"),
    ("domain/uuid", "a server's UUID is its own"),
    ("domain/metadata", "the record of the server stands there"),
    ("domain/memory", "a size says the memory"),
    ("domain/currentMemory", "a size says the memory"),
    ("domain/maxMemory", "a size says the memory"),
    ("domain/os/loader", "ask for firmware and secure_boot"),
    ("domain/os/nvram", "ask for firmware and secure_boot"),
    ("domain/os/kernel", "a server starts from its image"),
    ("domain/os/initrd", "a server starts from its image"),
    (
        "domain/devices/disk/source",
        "image, disks and pool say where disks are",
    ),
    (
        "domain/devices/disk/backingStore",
        "image, disks and pool say where disks are",
    ),
    (
        "domain/devices/disk/mirror",
        "image, disks and pool say where disks are",
    ),
];

/// `domain`, with `fragment` laid over it.
///
/// # Errors
/// Why that cannot be, for people.
pub(crate) fn lay_over(domain: &str, fragment: &str) -> Result<String, String> {
    if fragment.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let fragment = Element::parse(fragment).map_err(|why| format!("it is not XML: {why}"))?;
    if fragment.name != "domain" || !fragment.attributes.is_empty() {
        return Err("it is not one <domain> without attributes".to_owned());
    }
    check(&fragment, "domain")?;
    let mut whole = Element::parse(domain)?;
    merge(&mut whole, fragment, "domain")?;
    let orders_devices = whole.child("devices").is_some_and(|devices| {
        let mut devices = devices.children.iter();
        devices.any(|device| device.child("boot").is_some())
    });
    if orders_devices && let Some(os) = whole.children.iter_mut().find(|child| child.name == "os") {
        // libvirt takes one order or the other
        os.children.retain(|child| child.name != "boot");
    }
    Ok(whole.write())
}

/// Refuses what `element`, which stands at `path`, may not say.
fn check(element: &Element, path: &str) -> Result<(), String> {
    if let Some((_, instead)) = REFUSED.iter().find(|(refused, _)| *refused == path) {
        return Err(format!("it has <{}>: {instead}", element.name));
    }
    let has_prefix = |name: &str| name.contains(':') || name == "xmlns";
    if has_prefix(&element.name) || element.attributes.iter().any(|(name, _)| has_prefix(name)) {
        let name = &element.name;
        return Err(format!(
            "<{name}> is not of libvirt's own namespace, which QEMU's is not either"
        ));
    }
    if path == "domain/vcpu" && !element.text.is_empty() {
        return Err("it has a number in <vcpu>: a size says it".to_owned());
    }
    let mut children = element.children.iter();
    children.try_for_each(|child| check(child, &format!("{path}/{}", child.name)))
}

fn merge(ours: &mut Element, theirs: Element, path: &str) -> Result<(), String> {
    for (name, value) in theirs.attributes {
        match ours.attributes.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => ours.attributes.push((name, value)),
        }
    }
    if !theirs.text.is_empty() {
        ours.text = theirs.text;
    }
    let there = ours.children.len();
    let mut laid_over = vec![false; there];
    for child in theirs.children {
        let path = format!("{path}/{}", child.name);
        let place = (0..there).find(|&at| !laid_over[at] && is_same(&ours.children[at], &child));
        match place {
            Some(at) => {
                laid_over[at] = true;
                merge(&mut ours.children[at], child, &path)?;
            }
            None if path == "domain/devices/disk" => {
                return Err(
                    "it has a <disk> whose <target dev> is none of the server's: ask for it by disks".to_owned(),
                );
            }
            None => ours.children.push(child),
        }
    }
    Ok(())
}

/// Whether `theirs` is laid over `ours`.
fn is_same(ours: &Element, theirs: &Element) -> bool {
    let agree =
        |one: Option<&str>, other: Option<&str>| one == other || one.is_none() || other.is_none();
    let of = |element: &'_ Element, child: &str, name: &str| {
        element
            .child(child)
            .and_then(|child| child.attribute(name))
            .map(str::to_lowercase)
    };
    let same = |child, name| of(ours, child, name) == of(theirs, child, name);
    if ours.name != theirs.name {
        return false;
    }
    match ours.name.as_str() {
        "disk" => same("target", "dev"),
        "interface" => {
            agree(ours.attribute("type"), theirs.attribute("type"))
                && (theirs.child("mac").is_none() || same("mac", "address"))
        }
        _ => agree(ours.attribute("type"), theirs.attribute("type")),
    }
}

#[cfg(test)]
mod tests;
