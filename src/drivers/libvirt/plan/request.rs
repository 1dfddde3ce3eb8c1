//! The request, checked and with the provider's defaults filled in.

use std::fmt;

use super::interfaces::WantedInterface;
use super::texts::{check_identifier, check_texts};
use crate::config_drive::{self, Format as SeedFormat};
use crate::decode::escape;
use crate::driver::members::ServerMembers;
use crate::driver::{Flavour, ServerSpec};
use crate::drivers::creation::{self, DISK_GIB, check_limits, check_server_name, or_default};
use crate::drivers::libvirt::inventory::size_named;
use crate::drivers::libvirt::settings::{Firmware, Settings, VirtType, graphics};
use crate::drivers::libvirt::xml::check_xml_text;
use crate::drivers::minion::{self, minion_id};
use crate::salt::MinionId;
use crate::units::KIB_PER_MIB;
use crate::{Error, Result};

/// What a libvirt host takes of a server: what is read here, in `interfaces` and in `domain`.
pub(crate) const MEMBERS: ServerMembers = ServerMembers {
    host: "a libvirt host",
    takes: &[
        creation::MEMBERS,
        minion::MEMBERS,
        &[
            "networks/bridge",
            "networks/macvtap",
            "networks/user",
            "networks/model",
            "networks/vlan",
            "networks/openvswitch",
            "networks/portgroup",
            "networks/mtu",
            "networks/reserve",
            "networks/queues",
            "networks/gateways",
            "networks/routes",
            "networks/routes/to",
            "networks/routes/via",
            "networks/dns",
            "gateways",
            "dns",
            "disks/pool",
            "clone",
            "virt_type",
            "machine",
            "firmware",
            "pool",
            "graphics",
            "cpu",
            "arch",
            "disk_bus",
            "secure_boot",
            "tpm",
            "autostart",
            "domain_xml",
            "network_config",
            "seed",
            "seed/format",
            "seed/bus",
        ],
    ],
    passes_over: &[("sec_group", "dashboards send it for every driver")],
    refuses: &[("networks/port", "name a network or a bridge")],
};

/// The least memory of a server, in KiB: no kernel boots with less, so another unit was meant.
const MEMORY_KIB: u64 = 32 * KIB_PER_MIB;

/// A request that can be planned.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) spec: ServerSpec,
    pub(crate) image: String,
    pub(crate) size: String,
    pub(crate) flavour: Flavour,
    pub(crate) pool: String,
    pub(crate) disks: Vec<WantedDisk>,
    pub(crate) interfaces: Vec<WantedInterface>,
    pub(crate) minion_id: Option<MinionId>,
    pub(crate) virt_type: VirtType,
    pub(crate) firmware: Firmware,
    pub(crate) machine: Option<String>,
    pub(crate) cpu: Option<WantedCpu>,
    pub(crate) disk_bus: &'static str,
    pub(crate) graphics: bool,
    pub(crate) seed_format: SeedFormat,
    pub(crate) seed_bus: SeedBus,
}

/// An extra disk that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct WantedDisk {
    pub(crate) pool: String,
    pub(crate) gib: u64,
    /// The member that asks for it.
    pub(crate) field: String,
}

/// A CPU that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct WantedCpu {
    /// Its mode, or its model's name.
    pub(crate) name: String,
    /// The member that asks for it.
    pub(crate) field: &'static str,
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
    /// The guest's config for Ignition, which is what it reads then at its first boot.
    pub(crate) fn ignition(&self) -> Option<&str> {
        ignition(&self.spec)
    }

    /// Checks `spec`; every error is an `invalid_field` (or `not_found`) below `/server`.
    pub(crate) fn read(settings: &Settings, spec: &ServerSpec) -> Result<Self> {
        check_server_name(&spec.server_name)?;
        check_texts(spec)?;
        check_limits(spec)?;
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
        let firmware = firmware(settings, spec)?;
        let cpu = cpu(settings, spec)?;
        let interfaces = WantedInterface::all(settings, spec)?;
        check_ignition(spec, &interfaces)?;
        if let Some(arch) = &spec.arch {
            check_identifier(arch, 16, "/server/arch", "an architecture")?;
        }
        if let Some(dir) = spec.minion.as_ref().and_then(|m| m.pki_dir.as_deref()) {
            check_xml_text(dir, "/server/minion/pki_dir")?;
        }
        Ok(Self {
            disks: creation::disks(spec)
                .into_iter()
                .map(|(field, disk)| WantedDisk {
                    pool: disk.pool.unwrap_or_else(|| pool.clone()),
                    gib: disk.size.unwrap_or_default(),
                    field,
                })
                .collect(),
            interfaces,
            minion_id: minion_id(spec)?,
            firmware,
            cpu,
            disk_bus: disk_bus(spec)?,
            graphics: match &spec.graphics {
                Some(text) => graphics(text, "/server/graphics")?,
                None => settings.graphics,
            },
            seed_format: match seed.format.as_deref() {
                // what one's own network-config is read of
                None | Some("") if !spec.network_config.is_empty() => SeedFormat::Cidata,
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

fn ignition(spec: &ServerSpec) -> Option<&str> {
    spec.user_data.as_deref().and_then(config_drive::ignition)
}

/// Refuses what a guest's Ignition would not find: it reads its config and nothing beside it.
fn check_ignition(spec: &ServerSpec, interfaces: &[WantedInterface]) -> Result<()> {
    if ignition(spec).is_none() {
        return Ok(());
    }
    let is_told =
        |card: &&WantedInterface| !(card.dhcp() && card.routes.is_empty() && card.dns.is_empty());
    let beside = [
        (!spec.ssh_keys.is_empty()).then_some("/server/ssh_keys"),
        (!spec.network_config.is_empty()).then_some("/server/network_config"),
        interfaces.iter().find(is_told).map(|card| &*card.field),
    ];
    let Some(field) = beside.into_iter().flatten().next() else {
        return Ok(());
    };
    let message = "Ignition takes keys and addresses out of its config only: say them there, and leave this out";
    Err(Error::invalid(field, message))
}

/// The firmware, which is UEFI where that alone can do what is asked for.
fn firmware(settings: &Settings, spec: &ServerSpec) -> Result<Firmware> {
    let asked = spec.firmware.as_deref();
    let asked = asked.map(|firmware| Firmware::parse(firmware, "/server/firmware"));
    match asked.transpose()? {
        Some(Firmware::Bios) if spec.secure_boot => {
            let message = "a BIOS has no Secure Boot: ask for firmware uefi, or leave it out";
            Err(Error::invalid("/server/firmware", message))
        }
        Some(firmware) => Ok(firmware),
        // machines of other architectures have no BIOS
        None if spec.secure_boot || spec.arch.as_deref().is_some_and(|arch| !is_pc(arch)) => {
            Ok(Firmware::Uefi)
        }
        None => Ok(settings.firmware),
    }
}

/// The CPU; none where nobody asks for one.
fn cpu(settings: &Settings, spec: &ServerSpec) -> Result<Option<WantedCpu>> {
    let (name, field) = match (&spec.cpu, &settings.cpu) {
        (Some(own), _) => (own.clone(), "/server/cpu"),
        (None, Some(providers)) => (providers.clone(), "/provider/cpu"),
        (None, None) => return Ok(None),
    };
    check_identifier(&name, 64, field, "a CPU")?;
    Ok(Some(WantedCpu { name, field }))
}

/// Whether guests of the architecture `arch` are PCs.
pub(super) fn is_pc(arch: &str) -> bool {
    matches!(arch, "x86_64" | "i686")
}

fn disk_bus(spec: &ServerSpec) -> Result<&'static str> {
    let asked = spec.disk_bus.as_deref().unwrap_or_default();
    let known = ["virtio", "scsi", "sata"];
    match known.into_iter().find(|bus| *bus == asked) {
        Some(bus) => Ok(bus),
        None if asked.is_empty() => Ok("virtio"),
        None => {
            let message = format!("disk bus {asked:?} is none of: {}", known.join(", "));
            Err(Error::invalid("/server/disk_bus", message))
        }
    }
}

/// Refuses a size that no guest can have.
pub(crate) fn check_flavour(size: &str, flavour: &Flavour) -> Result<Flavour> {
    let field = |member: &str| format!("/provider/flavours/{}/{member}", escape(size));
    if flavour.num_cpus == 0 || flavour.max_cpus() > 4096 {
        return Err(Error::invalid(
            field("num_cpus"),
            format!("size {size}: num_cpus takes 1 to 4096"),
        ));
    }
    if flavour.memory < MEMORY_KIB || flavour.max_memory() > 1 << 40 {
        let message = format!("size {size}: memory takes KiB{}", meant(flavour.memory));
        return Err(Error::invalid(field("memory"), message));
    }
    if flavour.vol_capacity == 0 || flavour.vol_capacity > DISK_GIB {
        let message = format!("size {size}: vol_capacity takes 1 to {DISK_GIB} GiB");
        return Err(Error::invalid(field("vol_capacity"), message));
    }
    Ok(flavour.clone())
}

/// What somebody meant who said so little `memory`, as far as it can be told.
fn meant(memory: u64) -> String {
    let least = format!(", at least {MEMORY_KIB} of them");
    let said = match memory {
        0 | MEMORY_KIB.. => return least,
        1..KIB_PER_MIB => format!("{memory} KiB are less than a MiB"),
        _ => format!("{memory} KiB are {} MiB", memory / KIB_PER_MIB),
    };
    // a number as people give gigabytes, or else megabytes
    let mib = if memory < 32 { memory * 1024 } else { memory };
    let much = if mib % 1024 == 0 {
        format!("{} GiB", mib / 1024)
    } else {
        format!("{mib} MiB")
    };
    format!("{least}: {said}; for {much} write {}", mib * KIB_PER_MIB)
}
