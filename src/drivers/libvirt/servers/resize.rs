//! Another size: CPUs and memory in the definition, and of a guest that runs as far as it was started for; room on the
//! root disk.

use super::owned::{Owned, conflict, read, seen_volume_of, unread};
use super::snapshots::check_none;
use crate::driver::{ActionDone, Flavour};
use crate::drivers::libvirt::domains::{self, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::size_named;
use crate::drivers::libvirt::plan::check_flavour;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::volumes;
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::{from_xml, to_xml, volume};
use crate::units::{GIB, KIB_PER_MIB};
use crate::{Error, Result};

/// Gives the server `name` the size `size`. The disk grows first: a larger one does no harm where the
/// rest fails.
pub(crate) fn resize(
    host: &Host,
    settings: &Settings,
    name: &str,
    size: Option<&str>,
) -> Result<ActionDone> {
    let size = size.filter(|size| !size.is_empty());
    let size = size.ok_or_else(|| Error::invalid("/size", "say the new size"))?;
    let flavour = size_named(settings, size).map_err(|error| error.with_field("/size"))?;
    let flavour = check_flavour(size, flavour)?;
    let owned = Owned::find(host, name, "so its size is not changed")?;
    let definition = with_size(&owned.xml, &flavour)?;
    let grows = root_that_grows(host, &owned, size, &flavour)?;
    let Owned {
        domain,
        mut record,
        active,
        ..
    } = owned;
    if record.size == size && grows.is_none() && definition.is_none() {
        let message = format!("{name} has the size {size} already");
        return Ok(ActionDone::new(message, false, None));
    }
    if grows.is_some() {
        check_none(&domain, "a larger disk")?;
    }
    if active {
        check_live(&domain, &flavour)?;
    }
    if let Some(root) = grows {
        let capacity = flavour.vol_capacity * GIB;
        let target = active.then(|| target_of(&domain, &root.name)).transpose()?;
        match target {
            Some(target) => grow_in_use(&domain, &root, &target, capacity)?,
            None => root.grow(capacity)?,
        }
    }
    if active {
        domain.set_live(flavour.num_cpus, flavour.memory)?;
    }
    if let Some(definition) = definition {
        domains::define(host, name, domain.uuid, definition)?;
    }
    size.clone_into(&mut record.size);
    domain.set_record(to_xml(&record)?)?;
    let message = format!("{name} has the size {size}");
    Ok(ActionDone::new(message, true, None))
}

/// Refuses what only another start gives a guest.
fn check_live(domain: &Domain, flavour: &Flavour) -> Result<()> {
    let live = domain.live_size()?;
    let within = (live.cpus..=live.most_cpus).contains(&flavour.num_cpus);
    if within && flavour.memory <= live.most_memory {
        return Ok(());
    }
    Err(conflict(format!(
        "{} is running, and can be given up to {} MiB and {} to {} CPUs until it is off: stop it, then resize it",
        domain.name,
        live.most_memory / KIB_PER_MIB,
        live.cpus,
        live.most_cpus
    )))
}

/// Enlarges `volume`, which the guest that runs has as `target`.
fn grow_in_use(
    domain: &Domain,
    volume: &volumes::Volume,
    target: &str,
    capacity: u64,
) -> Result<()> {
    let view = volume.xml()?.map(|text| from_xml(&volume.name, &text));
    if view
        .transpose()?
        .is_some_and(|view: volume::Volume| view.is_device())
    {
        volume.grow(capacity)?; // QEMU does not enlarge a device
    }
    domain.grow_disk(target, capacity)
}

/// What the guest that runs has the volume `name` as.
fn target_of(domain: &Domain, name: &str) -> Result<String> {
    let view: DomainView = from_xml(&domain.name, &domain.described()?.xml)?;
    let disk = view.devices.disk.iter().find(|disk| disk.is_of(name));
    let target = disk.and_then(|disk| disk.target.as_ref());
    let target = target.ok_or_else(|| {
        conflict(format!(
            "{} does not run from its own disk {name}; stop it, then resize it",
            domain.name
        ))
    })?;
    Ok(target.dev.clone())
}

/// The root disk, where the size has a larger one.
fn root_that_grows(
    host: &Host,
    owned: &Owned,
    size: &str,
    flavour: &Flavour,
) -> Result<Option<volumes::Volume>> {
    let (found, view) = seen_volume_of(host, owned.root()?)?;
    let has = view.capacity.value;
    if has > flavour.vol_capacity * GIB {
        let message = format!(
            "{} has a root disk of {} GiB, which cannot shrink to the {} of {size}",
            owned.domain.name,
            has.div_ceil(GIB),
            flavour.vol_capacity
        );
        return Err(Error::invalid("/size", message));
    }
    Ok((has < flavour.vol_capacity * GIB).then_some(found))
}

/// `definition` with the CPUs and memory of `flavour`; none where it has them.
fn with_size(definition: &str, flavour: &Flavour) -> Result<Option<String>> {
    let mut domain = read(definition)?;
    // which of them are there libvirt says besides, and finds anew
    domain.children.retain(|child| child.name != "vcpus");
    let before = domain.clone();
    let current = (flavour.num_cpus < flavour.max_cpus()).then_some(flavour.num_cpus);
    for (name, value) in [
        ("memory", flavour.max_memory()),
        ("currentMemory", flavour.memory),
        ("vcpu", flavour.max_cpus()),
    ] {
        let found = domain.children.iter_mut().find(|child| child.name == name);
        let element = found.ok_or_else(|| unread(format!("it has no <{name}>")))?;
        // libvirt writes KiB
        element.text = value.to_string();
        element.attributes.retain(|(name, _)| name != "current");
        if let Some(current) = current.filter(|_| name == "vcpu") {
            element
                .attributes
                .push(("current".to_owned(), current.to_string()));
        }
    }
    Ok((domain != before).then(|| domain.write()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_changes_cpus_and_memory_and_nothing_else() {
        let xml = "<domain><memory unit=\"KiB\">1024</memory><currentMemory unit=\"KiB\">512</currentMemory>\
            <vcpu placement=\"static\" current=\"1\">2</vcpu><devices/></domain>";
        let flavour: Flavour =
            serde_json::from_str(r#"{"num_cpus": 4, "memory": "4GiB", "vol_capacity": 9}"#)
                .unwrap();
        let changed = with_size(xml, &flavour).unwrap().unwrap();
        assert_eq!(
            changed,
            "<domain><memory unit=\"KiB\">4194304</memory><currentMemory unit=\"KiB\">4194304</currentMemory>\
             <vcpu placement=\"static\">4</vcpu><devices/></domain>"
        );
        assert_eq!(with_size(&changed, &flavour).unwrap(), None);
        assert!(with_size("<domain/>", &flavour).is_err());
    }
}
