//! Another size for a server that is off: CPUs and memory in its definition, room on its root disk.

use super::show::show;
use crate::concurrent::both;
use crate::driver::{ActionDone, Flavour};
use crate::drivers::libvirt::domains::{self, Definition, no_such_server};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::size_named;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::plan::check_flavour;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::xml::record::{Record, VolumeUse};
use crate::drivers::libvirt::xml::{from_xml, to_xml, tree::Element, volume};
use crate::drivers::libvirt::{pools, volumes};
use crate::units::GIB;
use crate::{Error, Kind, Result};

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
    let domain = domains::named(host, name)?;
    let (seen, whole) = both(
        || domain.describe(),
        || domain.definition(Definition::Whole),
    );
    let seen = seen?.ok_or_else(|| no_such_server(name))?;
    let whole = whole?.ok_or_else(|| no_such_server(name))?;
    let mut record = match Ownership::of(name, domain.uuid, seen.record.as_deref()) {
        Ownership::Ours(record) => record,
        other => {
            let message = format!("{name} {}, so its size is not changed", other.why_not());
            return Err(Error::new(Kind::Conflict, message).with_field("/server_name"));
        }
    };
    let definition = with_size(&whole, &flavour)?;
    let grows = root_that_grows(host, &record, &domain, size, &flavour)?;
    if record.size == size && grows.is_none() && definition.is_none() {
        let message = format!("{name} has the size {size} already");
        return Ok(ActionDone::new(
            message,
            false,
            Some(show(host, settings, name)?),
        ));
    }
    if seen.active {
        let message = format!("{name} is running: stop it, then resize it");
        return Err(Error::new(Kind::Conflict, message).with_field("/server_name"));
    }
    if let Some(root) = grows {
        root.grow(flavour.vol_capacity * GIB)?;
    }
    if let Some(definition) = definition {
        domains::define(host, name, domain.uuid, definition)?;
    }
    size.clone_into(&mut record.size);
    domain.set_record(to_xml(&record)?)?;
    let message = format!("{name} has the size {size}");
    Ok(ActionDone::new(
        message,
        true,
        Some(show(host, settings, name)?),
    ))
}

/// The root disk, where the size has a larger one.
fn root_that_grows(
    host: &Host,
    record: &Record,
    domain: &domains::Domain,
    size: &str,
    flavour: &Flavour,
) -> Result<Option<volumes::Volume>> {
    let root = record
        .volumes
        .iter()
        .find(|volume| volume.purpose == VolumeUse::Root);
    let Some(root) = root.filter(|root| names::is_of(&root.name, domain.uuid)) else {
        let message = format!(
            "the record of {} names no root disk of its own",
            domain.name
        );
        return Err(Error::new(Kind::Conflict, message).with_field("/server_name"));
    };
    let pool = pools::named(host, &root.pool)?;
    let gone = || {
        Error::new(
            Kind::NotFound,
            format!("{} is not in pool {}", root.name, root.pool),
        )
    };
    let found = volumes::find(&pool, &root.name)?.ok_or_else(gone)?;
    let xml = found.xml()?.ok_or_else(gone)?;
    let has = from_xml::<volume::Volume>(&root.name, &xml)?.capacity.value;
    if has > flavour.vol_capacity * GIB {
        let message = format!(
            "{} has a root disk of {} GiB, which cannot shrink to the {} of {size}",
            domain.name,
            has.div_ceil(GIB),
            flavour.vol_capacity
        );
        return Err(Error::invalid("/size", message));
    }
    Ok((has < flavour.vol_capacity * GIB).then_some(found))
}

/// `definition` with the CPUs and memory of `flavour`; none where it has them.
fn with_size(definition: &str, flavour: &Flavour) -> Result<Option<String>> {
    let unread =
        |why: String| Error::new(Kind::Internal, format!("cannot read a definition: {why}"));
    let mut domain = Element::parse(definition).map_err(unread)?;
    let before = domain.clone();
    for (name, value) in [
        ("memory", flavour.max_memory()),
        ("currentMemory", flavour.memory),
        ("vcpu", flavour.num_cpus),
    ] {
        let found = domain.children.iter_mut().find(|child| child.name == name);
        let element = found.ok_or_else(|| unread(format!("it has no <{name}>")))?;
        element.text = value.to_string();
        // libvirt writes KiB; how many of the CPUs are there at the start is all of them
        element.attributes.retain(|(name, _)| name != "current");
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
