//! The request, checked and with the provider's defaults filled in.

use std::fmt;

use super::interfaces::WantedInterface;
use super::texts::{check_identifier, check_texts};
use crate::config_drive::Format as SeedFormat;
use crate::driver::{Flavour, ServerSpec};
use crate::drivers::creation::{check_server_name, or_default};
use crate::drivers::libvirt::inventory::size_named;
use crate::drivers::libvirt::settings::{Firmware, Settings, VirtType, graphics};
use crate::drivers::libvirt::xml::check_xml_text;
use crate::drivers::minion::minion_id;
use crate::salt::MinionId;
use crate::{Error, Result};

/// The most extra disks: `vdb` to `vdy`, with a letter to spare for the seed.
const DISKS: usize = 24;
/// The largest extra disk, in GiB.
const DISK_GIB: u64 = 64 * 1024;

/// A request that can be planned.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) spec: ServerSpec,
    pub(crate) image: String,
    pub(crate) size: String,
    pub(crate) flavour: Flavour,
    pub(crate) pool: String,
    /// Extra disks: pool and GiB.
    pub(crate) disks: Vec<(String, u64)>,
    pub(crate) interfaces: Vec<WantedInterface>,
    pub(crate) minion_id: Option<MinionId>,
    pub(crate) virt_type: VirtType,
    pub(crate) firmware: Firmware,
    pub(crate) machine: Option<String>,
    pub(crate) graphics: bool,
    pub(crate) seed_format: SeedFormat,
    pub(crate) seed_bus: SeedBus,
}

/// What the seed is attached to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SeedBus {
    /// A CD-ROM on virtio-scsi: stock cloud kernels have the driver, and no AHCI.
    #[default]
    Scsi,
    /// A CD-ROM on AHCI.
    Sata,
    /// A CD-ROM on IDE, on machine type `pc` only.
    Ide,
    /// A read-only virtio disk.
    Virtio,
}

impl fmt::Display for SeedBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scsi => "scsi",
            Self::Sata => "sata",
            Self::Ide => "ide",
            Self::Virtio => "virtio",
        })
    }
}

impl Request {
    /// Checks `spec`; every error is an `invalid_field` (or `not_found`) below `/server`.
    pub(crate) fn read(settings: &Settings, spec: &ServerSpec) -> Result<Self> {
        check_server_name(&spec.server_name)?;
        check_texts(spec)?;
        refuse_foreign(spec)?;
        let defaults = &settings.defaults;
        let image = or_default(spec.image.as_ref(), defaults.image.as_ref(), "image")?;
        let size = or_default(spec.size.as_ref(), defaults.size.as_ref(), "size")?;
        let flavour = check_flavour(&size, size_named(settings, &size)?)?;
        let pool = spec.pool.clone().unwrap_or_else(|| settings.pool.clone());
        let virt_type = match (&spec.virt_type, &flavour.virt_type) {
            (Some(own), _) => VirtType::parse(own, "/server/virt_type")?,
            (None, Some(flavours)) => VirtType::parse(flavours, "/provider/flavours")?,
            (None, None) => settings.virt_type,
        };
        let seed = spec.seed.clone().unwrap_or_default();
        let machine = spec.machine.clone().or_else(|| settings.machine.clone());
        if let Some(machine) = &machine {
            check_identifier(machine, 64, "/server/machine", "a machine type")?;
        }
        if let Some(dir) = spec.minion.as_ref().and_then(|m| m.pki_dir.as_deref()) {
            check_xml_text(dir, "/server/minion/pki_dir")?;
        }
        Ok(Self {
            disks: disks(spec, &pool)?,
            interfaces: WantedInterface::all(settings, spec)?,
            minion_id: minion_id(spec)?,
            firmware: match &spec.firmware {
                Some(firmware) => Firmware::parse(firmware, "/server/firmware")?,
                None => settings.firmware,
            },
            graphics: match &spec.graphics {
                Some(text) => graphics(text, "/server/graphics")?,
                None => settings.graphics,
            },
            seed_format: match seed.format.as_deref() {
                None | Some("" | "config-2") => SeedFormat::Config2,
                Some("cidata") => SeedFormat::Cidata,
                Some(other) => {
                    let message = format!("seed format {other:?} is none of: config-2, cidata");
                    return Err(Error::invalid("/server/seed/format", message));
                }
            },
            seed_bus: match seed.bus.as_deref() {
                None | Some("" | "scsi") => SeedBus::Scsi,
                Some("sata") => SeedBus::Sata,
                Some("ide") => SeedBus::Ide,
                Some("virtio") => SeedBus::Virtio,
                Some(other) => {
                    let message = format!("seed bus {other:?} is none of: scsi, sata, ide, virtio");
                    return Err(Error::invalid("/server/seed/bus", message));
                }
            },
            spec: spec.clone(),
            image,
            size,
            flavour,
            pool,
            virt_type,
            machine,
        })
    }
}

/// Refuses what libvirt has nothing for, instead of passing it over. `sec_group` is passed over, because
/// dashboards send it for every driver.
fn refuse_foreign(spec: &ServerSpec) -> Result<()> {
    let foreign = [
        ("sec_groups", !spec.sec_groups.is_empty()),
        ("availability_zone", spec.availability_zone.is_some()),
        ("key_name", spec.key_name.is_some()),
        ("boot_volume", spec.boot_volume.is_some()),
        ("floating_ip", spec.floating_ip.is_some()),
    ];
    match foreign.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Error::invalid(
            format!("/server/{name}"),
            format!("a libvirt host has no {name}; leave it out"),
        )),
    }
}

fn check_flavour(size: &str, flavour: &Flavour) -> Result<Flavour> {
    let field = |member: &str| format!("/provider/flavours/{size}/{member}");
    if flavour.num_cpus == 0 || flavour.num_cpus > 4096 {
        return Err(Error::invalid(
            field("num_cpus"),
            format!("size {size}: num_cpus takes 1 to 4096"),
        ));
    }
    // libvirt counts in KiB; less than a MiB is a sign that another unit was meant
    if flavour.memory < 1024 || flavour.max_memory() > 1 << 40 {
        let message = format!("size {size}: memory takes KiB, at least 1024 of them");
        return Err(Error::invalid(field("memory"), message));
    }
    if flavour.vol_capacity == 0 || flavour.vol_capacity > DISK_GIB {
        let message = format!("size {size}: vol_capacity takes 1 to {DISK_GIB} GiB");
        return Err(Error::invalid(field("vol_capacity"), message));
    }
    Ok(flavour.clone())
}

fn disks(spec: &ServerSpec, pool: &str) -> Result<Vec<(String, u64)>> {
    let own = spec
        .storage_disk
        .filter(|size| *size > 0)
        .map(|size| (pool.to_owned(), size));
    let listed = spec.disks.iter().map(|disk| {
        (
            disk.pool.clone().unwrap_or_else(|| pool.to_owned()),
            disk.size,
        )
    });
    let all: Vec<_> = own.into_iter().chain(listed).collect();
    if all.len() > DISKS {
        return Err(Error::invalid(
            "/server/disks",
            format!("{} extra disks; {DISKS} are allowed", all.len()),
        ));
    }
    if let Some((_, size)) = all.iter().find(|(_, size)| *size == 0 || *size > DISK_GIB) {
        let message = format!("a disk of {size} GiB; 1 to {DISK_GIB} are allowed");
        return Err(Error::invalid("/server/disks", message));
    }
    Ok(all)
}
