//! What the host has of what the request names.

use virt::error::{Error as VirtError, ErrorNumber};

use super::Request;
use super::hypervisor::{self, Hypervisor};
use super::interfaces::Attachment;
use crate::drivers::image::header;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::{from_virt, is};
use crate::drivers::libvirt::inventory::{find_volume, image_of, no_such_image};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::{names, stream};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{from_xml, pool::Pool};
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
    /// Someone else's.
    Foreign,
}

/// Looks for a domain of that name.
pub(crate) fn existing(host: &Host, settings: &Settings, name: &str) -> Result<Option<Existing>> {
    let wanted = name.to_owned();
    let found = host.call(
        &format!("look for the server {name}"),
        settings.call_limit,
        move |conn| match conn.lookup_domain_by_name(&wanted) {
            Ok(domain) => Record::text_of(&domain).map(Some),
            Err(error) if is(&error, ErrorNumber::NoDomain) => Ok(None),
            Err(error) => Err(error),
        },
    )?;
    match found {
        None => Ok(None),
        Some(None) => Ok(Some(Existing::Foreign)),
        Some(Some(text)) => Ok(Some(Existing::Ours(Box::new(Record::read(name, &text)?)))),
    }
}

impl Facts {
    /// Asks `host` about everything that `request` names.
    pub(crate) fn gather(host: &Host, settings: &Settings, request: &Request) -> Result<Self> {
        let mut warnings = Vec::new();
        let (pool_holds_files, pool_available) =
            pool(host, settings, &request.pool, "/server/pool")?;
        for disk in &request.disks {
            if disk.pool != request.pool {
                pool(host, settings, &disk.pool, &format!("{}/pool", disk.field))?;
            }
        }
        networks(host, settings, request)?;
        let hypervisor = hypervisor::choose(host, settings, request, &mut warnings)?;
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
fn pool(host: &Host, settings: &Settings, name: &str, field: &str) -> Result<(bool, u64)> {
    let wanted = name.to_owned();
    let (text, active, available) = host
        .call(
            &format!("look at pool {name}"),
            settings.call_limit,
            move |conn| {
                let pool = conn.lookup_storage_pool_by_name(&wanted)?;
                Ok((pool.xml_desc(0)?, pool.is_active()?, pool.info()?.available))
            },
        )
        .map_err(|error| at(error, field))?;
    if !active {
        let message =
            format!("pool {name} is not started; start it with `virsh pool-start {name}`");
        return Err(Error::new(Kind::Conflict, message).with_field(field));
    }
    let view: Pool = from_xml(&format!("pool {name}"), &text)?;
    Ok((view.holds_files(), available))
}

/// Sees that every network of the host that is asked for is up.
fn networks(host: &Host, settings: &Settings, request: &Request) -> Result<()> {
    for wanted in &request.interfaces {
        let Attachment::Network(name) = &wanted.attachment else {
            continue;
        };
        let network = name.clone();
        let active = host
            .call(
                &format!("look at network {name}"),
                settings.call_limit,
                move |conn| conn.lookup_network_by_name(&network)?.is_active(),
            )
            .map_err(|error| at(error, &wanted.field))?;
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
    let (pool, volume) = (settings.image_pool.clone(), request.image.clone());
    let (text, head) = host
        .call(
            &format!("look at the image {name}"),
            settings.call_limit,
            move |conn| {
                let found = match find_volume(conn, &pool, &volume) {
                    Ok(found) => found,
                    Err(error) if is(&error, ErrorNumber::NoStorageVolume) => {
                        return Ok((None, Ok(Vec::new())));
                    }
                    Err(error) => return Err(error),
                };
                let text = found.xml_desc(0)?;
                Ok((Some(text), head(conn, &pool, &volume, &found)))
            },
        )
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
    let size = match head {
        Ok(head) => header::check(name, view.format(), &head)?,
        // libvirt's test driver keeps no data
        Err(_) if test => None,
        Err(error) => {
            let doing = format!("read the header of the image {name}");
            return Err(from_virt(&doing, &error).with_field("/server/image"));
        }
    };
    Ok(Facts {
        hypervisor: Hypervisor::test(),
        pool_holds_files: true,
        pool_available: 0,
        image_path: image.id,
        image_format: view.format().to_owned(),
        image_size: size.unwrap_or(view.capacity.value),
        image_allocation: view.allocation.as_ref().map_or(0, |size| size.value),
        warnings: Vec::new(),
    })
}

fn head(
    conn: &virt::connect::Connect,
    pool: &str,
    name: &str,
    volume: &virt::storage_vol::StorageVol,
) -> std::result::Result<Vec<u8>, VirtError> {
    let wanted = header::WANTED.min(volume.info()?.allocation.max(512));
    stream::download(conn, pool, name, wanted)
}

/// `error` about `field`, where it is about the thing that the field names.
fn at(error: Error, field: &str) -> Error {
    if error.kind() == Kind::NotFound {
        error.with_field(field)
    } else {
        error
    }
}
