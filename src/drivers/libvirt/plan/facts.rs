//! What the host has of what the request names.

use super::Request;
use super::hypervisor::{self, Hypervisor};
use super::interfaces::Attachment;
use crate::drivers::image::header;
use crate::drivers::libvirt::domains::{self, Definition};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::{image_of, no_such_image};
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::{names, stream};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{from_xml, pool::Pool};
use crate::drivers::libvirt::{networks, pools, volumes};
use crate::{Error, Kind, Result};

/// What the host has of what the request names.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) hypervisor: Hypervisor,
    /// Whether the pool's volumes are files, so that overlays and qcow2 are possible.
    pub(crate) pool_holds_files: bool,
    /// Bytes free in the pool.
    pub(crate) pool_available: u64,
    pub(crate) image_path: String,
    pub(crate) image_format: String,
    /// Bytes that a guest sees of the image.
    pub(crate) image_size: u64,
    /// Bytes that the image takes.
    pub(crate) image_allocation: u64,
    pub(crate) warnings: Vec<String>,
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
        let (pool_holds_files, pool_available) = pool(host, &request.pool, "/server/pool")?;
        for disk in &request.disks {
            if disk.pool != request.pool {
                pool(host, &disk.pool, &format!("{}/pool", disk.field))?;
            }
        }
        check_networks(host, request)?;
        let hypervisor = hypervisor::choose(host, request, &mut warnings)?;
        let image = image(host, settings, request, hypervisor.is_test())?;
        Ok(Self {
            hypervisor,
            pool_holds_files,
            pool_available,
            warnings,
            ..image
        })
    }
}

/// Whether the pool holds files, and the bytes that it has free.
fn pool(host: &Host, name: &str, field: &str) -> Result<(bool, u64)> {
    let found = pools::named(host, name)
        .and_then(|pool| pool.describe())
        .map_err(|error| at(error, field))?;
    if !found.active {
        let message =
            format!("pool {name} is not started; start it with `virsh pool-start {name}`");
        return Err(Error::new(Kind::Conflict, message).with_field(field));
    }
    let view: Pool = from_xml(&format!("pool {name}"), &found.xml)?;
    Ok((view.holds_files(), found.available))
}

/// Sees that every network of the host that is asked for is up.
fn check_networks(host: &Host, request: &Request) -> Result<()> {
    for wanted in &request.interfaces {
        let name = match &wanted.attachment {
            Attachment::Network(name) => name,
            Attachment::Bridge(device) | Attachment::Macvtap(device) => {
                networks::check_device(host, device).map_err(|error| at(error, &wanted.field))?;
                continue;
            }
            Attachment::User => continue,
        };
        let active = networks::is_active(host, name).map_err(|error| at(error, &wanted.field))?;
        if !active {
            let message =
                format!("network {name} is not started; start it with `virsh net-start {name}`");
            return Err(Error::new(Kind::Conflict, message).with_field(&wanted.field));
        }
    }
    Ok(())
}

/// The image, once it is known to be plain. The other facts are filled in by the caller.
fn image(host: &Host, settings: &Settings, request: &Request, test: bool) -> Result<Facts> {
    let name = request.image.as_str();
    if names::is_ours(name) {
        let message = format!("{name} is a server's own volume, not an image");
        return Err(Error::invalid("/server/image", message));
    }
    let pool = pools::named(host, &settings.image_pool);
    let text = pool
        .and_then(|pool| volumes::find(&pool, name))
        .and_then(|volume| volume.map_or(Ok(None), |volume| volume.xml()))
        .map_err(|error| at(error, "/server/image"))?;
    let Some(text) = text else {
        return Err(no_such_image(&settings.image_pool, name));
    };
    let (image, view) = image_of(&settings.image_pool, &text)?;
    if let Some(backing) = view.backing_path() {
        let message = format!(
            "the image {name} is an overlay of {backing}; make it whole first (qemu-img convert -O qcow2)"
        );
        return Err(Error::invalid("/server/image", message));
    }
    let allocation = view.allocation.as_ref().map_or(0, |size| size.value);
    let doing = format!("read the header of the image {name}");
    let head = stream::download(
        host,
        &doing,
        (&settings.image_pool, name),
        header::WANTED.min(allocation.max(512)),
    );
    let size = match head {
        Ok(head) => header::check(name, view.format(), &head)?,
        // libvirt's test driver keeps no data
        Err(_) if test => None,
        Err(error) => return Err(error.with_field("/server/image")),
    };
    Ok(Facts {
        hypervisor: Hypervisor::test(),
        pool_holds_files: true,
        pool_available: 0,
        image_path: image.id,
        image_format: view.format().to_owned(),
        image_size: size.unwrap_or(view.capacity.value),
        image_allocation: allocation,
        warnings: Vec::new(),
    })
}

/// `error` about `field`, where it is about the thing that the field names.
fn at(error: Error, field: &str) -> Error {
    if error.kind() == Kind::NotFound {
        error.with_field(field)
    } else {
        error
    }
}
