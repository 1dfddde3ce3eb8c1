//! What the host has of what the request names.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Request;
use super::hypervisor::{self, Hypervisor};
use super::interfaces::{Attachment, WantedInterface};
use crate::drivers::image::header;
use crate::drivers::libvirt::domains::{self, Definition};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::no_such_image;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::{names, stream};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{from_xml, network::Network, pool::Pool, volume::Volume};
use crate::drivers::libvirt::{networks, pools, reservations, volumes};
use crate::{Error, Kind, Result};

/// What the host has of what the request names.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) hypervisor: Hypervisor,
    /// The pools that are named, by their names.
    pub(crate) pools: BTreeMap<String, PoolFacts>,
    /// The pool that takes the seed.
    pub(crate) seed_pool: String,
    pub(crate) image_path: String,
    pub(crate) image_format: String,
    /// Bytes that a guest sees of the image.
    pub(crate) image_size: u64,
    /// Bytes that the image takes.
    pub(crate) image_allocation: u64,
    pub(crate) warnings: Vec<String>,
}

/// What a pool is.
#[derive(Debug, Clone)]
pub(crate) struct PoolFacts {
    pub(crate) view: Pool,
    /// Bytes that are free.
    pub(crate) available: u64,
}

impl PoolFacts {
    /// The format of the disks in it.
    pub(crate) fn format(&self) -> &'static str {
        if self.view.holds_files() {
            "qcow2"
        } else {
            "raw"
        }
    }
}

/// A domain that has the server's name already.
#[derive(Debug, Clone)]
pub(crate) enum Existing {
    /// One that this program made.
    Ours(Box<Record>),
    /// Someone else's, and why it counts as such.
    Foreign(&'static str),
}

/// Looks for a domain of that name.
pub(crate) fn existing(host: &Host, name: &str) -> Result<Option<Existing>> {
    let Some(domain) = domains::find(host, name)? else {
        return Ok(None);
    };
    let Some(seen) = domain.describe(Definition::Next)? else {
        return Ok(None);
    };
    Ok(Some(
        match Ownership::of(name, domain.uuid, seen.record.as_deref()) {
            Ownership::Ours(record) => Existing::Ours(record),
            other => Existing::Foreign(other.why_not()),
        },
    ))
}

impl Facts {
    /// Asks `host` about everything that `request` names.
    pub(crate) fn gather(host: &Host, settings: &Settings, request: &Request) -> Result<Self> {
        let mut warnings = Vec::new();
        let mut pools = BTreeMap::new();
        pools.insert(
            request.pool.clone(),
            pool(host, &request.pool, "/server/pool")?,
        );
        for disk in &request.disks {
            if let Entry::Vacant(place) = pools.entry(disk.pool.clone()) {
                place.insert(pool(host, &disk.pool, &format!("{}/pool", disk.field))?);
            }
        }
        let seed_pool = seed_pool(host, settings, request, &mut pools)?;
        check_networks(host, &request.interfaces)?;
        let hypervisor = hypervisor::choose(host, request, &mut warnings)?;
        let name = request.image.as_str();
        let image = image(
            host,
            settings,
            (name, "/server/image"),
            hypervisor.is_test(),
        )?;
        Ok(Self {
            hypervisor,
            pools,
            seed_pool,
            warnings,
            ..image
        })
    }

    /// The pool `name`, which the request names.
    pub(crate) fn pool(&self, name: &str) -> Result<&PoolFacts> {
        self.pools
            .get(name)
            .ok_or_else(|| Error::new(Kind::Internal, format!("pool {name} was not looked at")))
    }
}

/// What the pool `name` is, which is started.
pub(crate) fn pool(host: &Host, name: &str, field: &str) -> Result<PoolFacts> {
    let found = pools::named(host, name)
        .and_then(|pool| pool.describe())
        .map_err(|error| at(error, field))?;
    if !found.active {
        let message = format!("pool {name} is not started; `pool.start` starts it");
        return Err(Error::new(Kind::Conflict, message).with_field(field));
    }
    let view: Pool = from_xml(&format!("pool {name}"), &found.xml)?;
    if !view.makes_volumes() {
        return Err(Error::new(Kind::Unsupported, view.makes_no_volumes()).with_field(field));
    }
    Ok(PoolFacts {
        view,
        available: found.available,
    })
}

/// The pool that takes the seed: the root disk's, unless libvirt brings no data into that; else one of the
/// provider's.
fn seed_pool(
    host: &Host,
    settings: &Settings,
    request: &Request,
    pools: &mut BTreeMap<String, PoolFacts>,
) -> Result<String> {
    for name in [&request.pool, &settings.pool, &settings.image_pool] {
        if let Entry::Vacant(place) = pools.entry(name.clone()) {
            let missing = [Kind::NotFound, Kind::Conflict, Kind::Unsupported];
            match pool(host, name, "/provider/pool") {
                Ok(seen) => _ = place.insert(seen),
                Err(error) if missing.contains(&error.kind()) => continue,
                Err(error) => return Err(error),
            }
        }
        if pools.get(name).is_some_and(|seen| seen.view.takes_data()) {
            return Ok(name.clone());
        }
    }
    let message = format!(
        "libvirt brings no data into pool {}, so the seed needs another one: let the provider's pool or \
         image_pool be one that holds files",
        request.pool
    );
    Err(Error::new(Kind::Unsupported, message).with_field("/server/pool"))
}

/// Sees that every network of the host that `interfaces` ask for is up.
pub(crate) fn check_networks(host: &Host, interfaces: &[WantedInterface]) -> Result<()> {
    for wanted in interfaces {
        let name = match &wanted.attachment {
            Attachment::Network(name) => name,
            Attachment::Bridge(device) | Attachment::Macvtap(device) => {
                networks::check_device(host, device).map_err(|error| at(error, &wanted.field))?;
                continue;
            }
            Attachment::User => continue,
        };
        let (active, xml) =
            networks::named(host, name).map_err(|error| at(error, &wanted.field))?;
        if !active {
            let message =
                format!("network {name} is not started; start it with `virsh net-start {name}`");
            return Err(Error::new(Kind::Conflict, message).with_field(&wanted.field));
        }
        if let Some(portgroup) = &wanted.portgroup {
            check_portgroup(name, &xml, portgroup, &wanted.field)?;
        }
        if wanted.reserve {
            let view: Network = from_xml(&format!("network {name}"), &xml)?;
            reservations::check(name, &view, wanted.reserved(), &wanted.field)?;
        }
    }
    Ok(())
}

/// Refuses a port group that the network does not have: libvirt takes the card without one then.
fn check_portgroup(network: &str, xml: &str, wanted: &str, field: &str) -> Result<()> {
    let view: Network = from_xml(&format!("network {network}"), xml)?;
    let groups: Vec<_> = view
        .portgroup
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    if groups.contains(&wanted) {
        return Ok(());
    }
    let message = if groups.is_empty() {
        format!("network {network} has no port groups")
    } else {
        format!(
            "network {network} has no port group {wanted}; it has: {}",
            groups.join(", ")
        )
    };
    Err(Error::new(Kind::NotFound, message).with_field(format!("{field}/portgroup")))
}

/// The image `name`, which stands at `field`, once it is known to be plain. The other facts are filled in by the
/// caller.
pub(crate) fn image(
    host: &Host,
    settings: &Settings,
    (name, field): (&str, &str),
    test: bool,
) -> Result<Facts> {
    if names::is_ours(name) {
        let message = format!("{name} is a server's own volume, not an image");
        return Err(Error::invalid(field, message));
    }
    let (view, head) = look(host, settings, (name, field), test)?;
    let stale = view.format() == "raw" && head.as_deref().is_some_and(header::is_qcow2);
    let (view, head) = if stale {
        // it was brought just now, and its pool may not have noticed yet what it is
        pools::named(host, &settings.image_pool)?.refresh()?;
        look(host, settings, (name, field), test)?
    } else {
        (view, head)
    };
    if let Some(backing) = view.backing_path() {
        let message = format!(
            "the image {name} is an overlay of {backing}; make it whole first (qemu-img convert -O qcow2)"
        );
        return Err(Error::invalid(field, message));
    }
    let size = match head {
        Some(head) => header::check(name, view.format(), &head)?,
        None => None,
    };
    Ok(Facts {
        hypervisor: Hypervisor::test(),
        pools: BTreeMap::new(),
        seed_pool: String::new(),
        image_path: view.id().to_owned(),
        image_format: view.format().to_owned(),
        image_size: size.unwrap_or(view.capacity.value),
        image_allocation: view.allocation(),
        warnings: Vec::new(),
    })
}

/// The image's volume, and its beginning where libvirt reads it.
fn look(
    host: &Host,
    settings: &Settings,
    (name, field): (&str, &str),
    test: bool,
) -> Result<(Volume, Option<Vec<u8>>)> {
    let text = pools::named(host, &settings.image_pool)
        .and_then(|pool| volumes::describe(&pool, name))
        .map_err(|error| at(error, field))?;
    let Some(text) = text else {
        return Err(no_such_image(&settings.image_pool, name).with_field(field));
    };
    let view: Volume = from_xml("an image", &text)?;
    if view.is_of_network() {
        // raw whatever it begins with, and libvirt does not read it
        return Ok((view, None));
    }
    let doing = format!("read the header of the image {name}");
    let wanted = header::WANTED.min(view.allocation().max(512));
    let head = stream::download(host, &doing, (&settings.image_pool, name), wanted);
    match head {
        Ok(head) => Ok((view, Some(head))),
        // libvirt's test driver keeps no data
        Err(_) if test => Ok((view, None)),
        Err(error) => Err(error.with_field(field)),
    }
}

/// `error` about `field`, where it is about the thing that the field names.
fn at(error: Error, field: &str) -> Error {
    if error.kind() == Kind::NotFound {
        error.with_field(field)
    } else {
        error
    }
}
