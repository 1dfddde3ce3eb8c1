//! What the host has of what the request names.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Request;
use super::hypervisor::{self, Hypervisor};
use super::interfaces::{Attachment, WantedInterface};
use crate::concurrent::{both, each};
use crate::drivers::image::header;
use crate::drivers::libvirt::domains;
use crate::drivers::libvirt::host::{Host, at_once};
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
    /// Whether a cluster has it, which libvirt reads nothing of.
    pub(crate) image_in_cluster: bool,
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
    let Some(seen) = domain.describe()? else {
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
    /// Asks `host` about everything that `request` names, side by side.
    pub(crate) fn gather(host: &Host, settings: &Settings, request: &Request) -> Result<Self> {
        let ((pools, networks), (hypervisor, image)) = both(
            || {
                both(
                    || pools(host, settings, request),
                    || check_networks(host, &request.interfaces),
                )
            },
            || {
                both(
                    || hypervisor::choose(host, request),
                    || image(host, settings, (&request.image, "/server/image")),
                )
            },
        );
        let (pools, seed_pool) = pools?;
        networks?;
        let (hypervisor, warnings) = hypervisor?;
        Ok(Self {
            hypervisor,
            pools,
            seed_pool,
            warnings,
            ..image?
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

/// The pools that are named, by their names, and which of them takes the seed.
fn pools(
    host: &Host,
    settings: &Settings,
    request: &Request,
) -> Result<(BTreeMap<String, PoolFacts>, String)> {
    let mut named = vec![(&request.pool, "/server/pool".to_owned())];
    for disk in &request.disks {
        if named.iter().all(|(name, _)| *name != &disk.pool) {
            named.push((&disk.pool, format!("{}/pool", disk.field)));
        }
    }
    let seen = each(&named, at_once(), |(name, field)| {
        pool(host, name, field).map(|seen| ((*name).clone(), seen))
    });
    let mut pools = seen.into_iter().collect::<Result<_>>()?;
    let seed_pool = seed_pool(host, settings, request, &mut pools)?;
    Ok((pools, seed_pool))
}

/// The pool that takes the seed: the one that the provider names for that; else the root disk's, unless libvirt
/// brings no data into that; else one of the provider's.
fn seed_pool(
    host: &Host,
    settings: &Settings,
    request: &Request,
    pools: &mut BTreeMap<String, PoolFacts>,
) -> Result<String> {
    if let Some(name) = &settings.seed_pool {
        let seen = pool(host, name, "/provider/seed_pool")?;
        if !seen.view.takes_data() {
            let message = format!("libvirt brings no data into pool {name}; name a pool of files");
            return Err(Error::new(Kind::Unsupported, message).with_field("/provider/seed_pool"));
        }
        pools.insert(name.clone(), seen);
        return Ok(name.clone());
    }
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
    let checked = each(interfaces, at_once(), |wanted| check_network(host, wanted));
    checked.into_iter().collect()
}

fn check_network(host: &Host, wanted: &WantedInterface) -> Result<()> {
    let name = match &wanted.attachment {
        Attachment::Network(name) => name,
        Attachment::Bridge(device) | Attachment::Macvtap(device) => {
            return networks::check_device(host, device).map_err(|error| at(error, &wanted.field));
        }
        Attachment::User => return Ok(()),
    };
    let (active, xml) = networks::named(host, name).map_err(|error| at(error, &wanted.field))?;
    if !active {
        let message =
            format!("network {name} is not started; start it with `virsh net-start {name}`");
        return Err(Error::new(Kind::Conflict, message).with_field(&wanted.field));
    }
    if wanted.reserve {
        let view: Network = from_xml(&format!("network {name}"), &xml)?;
        reservations::check(name, &view, wanted.reserved(), &wanted.field)?;
    }
    match &wanted.portgroup {
        Some(portgroup) => check_portgroup(name, &xml, portgroup, &wanted.field),
        None => Ok(()),
    }
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
) -> Result<Facts> {
    if names::is_ours(name) {
        let message = format!("{name} is a server's own volume, not an image");
        return Err(Error::invalid(field, message));
    }
    let (view, head) = look(host, settings, (name, field))?;
    let stale = view.format() == "raw" && head.as_deref().is_some_and(header::is_qcow2);
    let (view, head) = if stale {
        // it was brought just now, and its pool may not have noticed yet what it is
        pools::named(host, &settings.image_pool)?.refresh()?;
        look(host, settings, (name, field))?
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
        image_in_cluster: view.is_of_network(),
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
) -> Result<(Volume, Option<Vec<u8>>)> {
    let volume = pools::named(host, &settings.image_pool)
        .and_then(|pool| volumes::find(&pool, name))
        .map_err(|error| at(error, field))?;
    let missing = || no_such_image(&settings.image_pool, name).with_field(field);
    let volume = volume.ok_or_else(missing)?;
    // side by side: what is not to be read is known only afterwards
    let doing = format!("read the header of the image {name}");
    let (head, text) = both(
        || stream::download(&volume, &doing, header::WANTED),
        || volume.xml(),
    );
    let view: Volume = from_xml("an image", &text?.ok_or_else(missing)?)?;
    if view.is_of_network() {
        // raw whatever it begins with, and libvirt does not read it
        return Ok((view, None));
    }
    match head {
        Ok(head) => Ok((view, Some(head))),
        // libvirt's test driver keeps no data
        Err(_) if hypervisor::is_test(&host.kind()?) => Ok((view, None)),
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
