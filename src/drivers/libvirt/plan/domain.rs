//! The domain's definition.

use super::facts::PoolFacts;
use super::hypervisor::Hypervisor;
use super::parts::Plan;
use super::request::SeedBus;
use super::{Facts, Request};
use crate::driver::Flavour;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::domain::{
    Boot, Channel, ChannelTarget, Clock, Console, ConsoleTarget, Controller, Cpu, Devices, Disk,
    DiskDriver, DiskSource, DiskTarget, Domain, Empty, Features, FirmwareFeature, FirmwareFeatures,
    Graphics, Log, Metadata, Model, Os, OsType, Rng, RngBackend, Serial, Switch, Sysinfo,
    SysinfoEntry, Tpm, TpmBackend, Vcpu, Video,
};
use crate::drivers::libvirt::xml::pool::{Auth, Pool, Secret};
use crate::drivers::libvirt::xml::record::{Record, Reservation};
use crate::drivers::libvirt::xml::{Sized, overlay, to_xml};
use crate::drivers::minion::{Keys, RecordedMinion};
use crate::{Error, Result};

/// What is made before the domain.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Made<'a> {
    pub(crate) keys: Option<&'a Keys>,
    /// Of the volumes, the root disk's first, the seed's last.
    pub(crate) paths: &'a [String],
    pub(crate) reservations: &'a [Reservation],
}

impl Plan {
    /// The definition, once all that it names is made, with what the user lays over it.
    pub(crate) fn definition(
        &self,
        settings: &Settings,
        request: &Request,
        facts: &Facts,
        made: &Made<'_>,
    ) -> Result<String> {
        let (keys, paths) = (made.keys, made.paths);
        let mut record = self.record.clone();
        record.reservations = made.reservations.to_vec();
        record.minion = keys
            .zip(request.minion_id.as_ref())
            .map(|(keys, id)| RecordedMinion::of(&request.spec, id, keys));
        let xml = to_xml(&build(self, settings, request, facts, record, paths))?;
        let Some(fragment) = &request.spec.domain_xml else {
            return Ok(xml);
        };
        overlay::lay_over(&xml, fragment).map_err(|why| {
            Error::invalid(
                "/server/domain_xml",
                format!("domain_xml cannot be laid over: {why}"),
            )
        })
    }
}

fn build(
    plan: &Plan,
    settings: &Settings,
    request: &Request,
    facts: &Facts,
    record: Record,
    paths: &[String],
) -> Domain {
    let hypervisor = &facts.hypervisor;
    let is_pc = hypervisor.is_pc();
    Domain {
        domain_type: hypervisor.domain_type.clone(),
        name: plan.name.clone(),
        uuid: plan.uuid.to_string(),
        metadata: Metadata { record },
        memory: Sized::kib(request.flavour.max_memory()),
        current_memory: Sized::kib(request.flavour.memory),
        vcpu: vcpu(&request.flavour),
        os: os(hypervisor),
        sysinfo: request.ignition().and_then(|_| sysinfo(paths)),
        features: Features {
            acpi: Some(Empty {}),
            apic: is_pc.then_some(Empty {}),
            // by which the firmware keeps the guest from its variables
            smm: (hypervisor.secure_boot && is_pc).then_some(Switch { state: "on" }),
        },
        cpu: cpu(hypervisor),
        clock: Clock { offset: "utc" },
        on_poweroff: "destroy",
        on_reboot: "restart",
        on_crash: "destroy",
        devices: devices(plan, settings, request, facts, paths),
    }
}

fn vcpu(flavour: &Flavour) -> Vcpu {
    let most = flavour.max_cpus();
    Vcpu {
        current: (flavour.num_cpus < most).then_some(flavour.num_cpus),
        most,
    }
}

fn os(hypervisor: &Hypervisor) -> Os {
    Os {
        firmware: hypervisor.efi.then_some("efi"),
        os_type: OsType {
            arch: hypervisor.arch.clone(),
            machine: hypervisor.machine.clone(),
            value: "hvm",
        },
        firmware_features: hypervisor.efi.then(|| firmware_features(hypervisor)),
        boot: Boot { dev: "hd" },
    }
}

/// Where Ignition on QEMU finds its config, which is in place of a seed: Fedora's by the first name,
/// Flatcar by the second. As a file: libvirt spoils a text that has commas or quotes.
fn sysinfo(paths: &[String]) -> Option<Sysinfo> {
    let file = paths.last()?;
    let names = ["opt/com.coreos/config", "opt/org.flatcar-linux/config"];
    let entry = names.map(|name| SysinfoEntry {
        name,
        file: file.clone(),
    });
    Some(Sysinfo {
        sysinfo_type: "fwcfg",
        entry: entry.into(),
    })
}

/// Images of one's own are not signed, and those that are start without Secure Boot as well. It needs the
/// keys of those who sign.
fn firmware_features(hypervisor: &Hypervisor) -> FirmwareFeatures {
    let enabled = if hypervisor.secure_boot { "yes" } else { "no" };
    let mut feature = vec![FirmwareFeature {
        enabled,
        name: "secure-boot",
    }];
    if hypervisor.secure_boot {
        feature.push(FirmwareFeature {
            enabled,
            name: "enrolled-keys",
        });
    }
    FirmwareFeatures { feature }
}

fn cpu(hypervisor: &Hypervisor) -> Option<Cpu> {
    let name = hypervisor.cpu.clone()?;
    Some(match name.as_str() {
        "host-passthrough" | "host-model" | "maximum" => Cpu {
            mode: name,
            model: None,
        },
        _ => Cpu {
            mode: "custom".to_owned(),
            model: Some(name),
        },
    })
}

fn devices(
    plan: &Plan,
    settings: &Settings,
    request: &Request,
    facts: &Facts,
    paths: &[String],
) -> Devices {
    let test = facts.hypervisor.is_test();
    let log = settings
        .console_log
        .as_ref()
        .filter(|_| !test)
        .map(|dir| Log {
            file: format!("{}/{}.log", dir.trim_end_matches('/'), plan.name),
            append: "on",
        });
    Devices {
        disk: disks(plan, request, facts, paths),
        controller: controllers(plan, request, facts),
        interface: plan
            .interfaces
            .iter()
            .map(super::interfaces::PlannedInterface::xml)
            .collect(),
        serial: Serial {
            serial_type: "pty",
            log,
        },
        console: Console {
            console_type: "pty",
            target: ConsoleTarget {
                target_type: "serial",
            },
        },
        channel: (!test).then_some(Channel {
            channel_type: "unix",
            target: ChannelTarget {
                target_type: "virtio",
                name: "org.qemu.guest_agent.0",
            },
        }),
        graphics: request.graphics.then_some(Graphics {
            graphics_type: "vnc",
            autoport: "yes",
            listen: "127.0.0.1",
        }),
        video: (request.graphics && !test).then(|| Video {
            model: Model {
                name: "virtio".to_owned(),
            },
        }),
        rng: (!test).then_some(Rng {
            model: "virtio",
            backend: RngBackend {
                model: "random",
                source: "/dev/urandom",
            },
        }),
        tpm: (request.spec.tpm && !test).then(|| Tpm {
            model: if facts.hypervisor.is_pc() {
                "tpm-crb"
            } else {
                "tpm-tis"
            },
            backend: TpmBackend {
                backend_type: "emulator",
                version: "2.0",
            },
        }),
    }
}

/// How many devices beside disks and cards have a slot of PCI Express, and some slots for those that are added while
/// the guest runs.
const SLOTS: usize = 10;

fn controllers(plan: &Plan, request: &Request, facts: &Facts) -> Vec<Controller> {
    let machine = facts.hypervisor.machine.as_deref().unwrap_or_default();
    let (mut all, test) = (Vec::new(), facts.hypervisor.is_test());
    if (request.seed_bus == SeedBus::Scsi || request.disk_bus == "scsi") && !test {
        all.push(Controller {
            controller_type: "scsi",
            model: "virtio-scsi",
        });
    }
    if machine.contains("q35") || machine.starts_with("virt") {
        let slots = SLOTS + plan.data.len() + plan.interfaces.len();
        let of = |model| Controller {
            controller_type: "pci",
            model,
        };
        all.push(of("pcie-root"));
        all.extend(vec![of("pcie-root-port"); slots]);
    }
    all
}

fn disks(plan: &Plan, request: &Request, facts: &Facts, paths: &[String]) -> Vec<Disk> {
    let seed_index = 1 + plan.data.len();
    plan.volumes()
        .enumerate()
        .filter(|(index, _)| *index != seed_index || request.ignition().is_none())
        .map(|(index, (pool, name))| {
            let seed = index == seed_index;
            let (device, target) = match (seed, request.seed_bus) {
                (false, _) => ("disk", target(request.disk_bus, index)),
                (true, SeedBus::Virtio) => ("disk", target("virtio", index)),
                (true, SeedBus::Ide) => (
                    "cdrom",
                    DiskTarget {
                        dev: "hdc".to_owned(),
                        bus: "ide".to_owned(),
                    },
                ),
                // behind the disks, where they have their names from the same letters
                (true, bus) if request.disk_bus == "virtio" => {
                    ("cdrom", target(&bus.to_string(), 0))
                }
                (true, bus) => ("cdrom", target(&bus.to_string(), index)),
            };
            let path = paths.get(index).map(String::as_str);
            let disk = extra_disk(facts.pools.get(pool), (pool, name, path), target);
            if !seed {
                return disk;
            }
            Disk {
                device,
                driver: DiskDriver {
                    format: "raw".to_owned(),
                    discard: None,
                    ..disk.driver
                },
                readonly: Some(Empty {}),
                ..disk
            }
        })
        .collect()
}

/// The volume `name` of `pool`, of which `facts` tell, at `path` there, as a disk.
pub(crate) fn extra_disk(
    facts: Option<&PoolFacts>,
    (pool, name, path): (&str, &str, Option<&str>),
    target: DiskTarget,
) -> Disk {
    let (source_type, source) = match facts.and_then(|facts| of_cluster(&facts.view, name)) {
        Some(source) => ("network", source),
        None => source(pool, name, path),
    };
    Disk {
        source_type,
        device: "disk",
        driver: DiskDriver {
            name: "qemu",
            format: facts.map_or("raw", PoolFacts::format).to_owned(),
            discard: Some("unmap"),
        },
        source,
        target,
        readonly: None,
    }
}

/// The first target on `bus` that is none of those `taken`.
pub(crate) fn free_target(bus: &str, taken: &[String]) -> Option<DiskTarget> {
    (0..26)
        .map(|index| target(bus, index))
        .find(|target| !taken.contains(&target.dev))
}

/// Where a volume is: its file, its device, or for pools on a network the volume itself.
fn source(pool: &str, name: &str, path: Option<&str>) -> (&'static str, DiskSource) {
    let owned = |text: &str| Some(text.to_owned());
    match path {
        Some(path) if path.starts_with("/dev/") => (
            "block",
            DiskSource {
                dev: owned(path),
                ..DiskSource::default()
            },
        ),
        Some(path) if path.starts_with('/') => (
            "file",
            DiskSource {
                file: owned(path),
                ..DiskSource::default()
            },
        ),
        _ => (
            "volume",
            DiskSource {
                pool: owned(pool),
                volume: owned(name),
                ..DiskSource::default()
            },
        ),
    }
}

/// Where the volume `name` of `pool` is, where that is on a cluster which guests ask themselves.
fn of_cluster(pool: &Pool, name: &str) -> Option<DiskSource> {
    if !pool.clones() {
        return None;
    }
    let source = pool.source.clone().unwrap_or_default();
    Some(DiskSource {
        protocol: Some(pool.kind.clone()),
        name: Some(format!("{}/{name}", source.name.unwrap_or_default())),
        host: source.host,
        auth: source.auth.map(|auth| Auth {
            kind: None,
            secret: Secret {
                kind: auth.kind,
                ..auth.secret
            },
            ..auth
        }),
        ..DiskSource::default()
    })
}

/// `vda`, `vdb` … on virtio, `sda` … elsewhere.
fn target(bus: &str, index: usize) -> DiskTarget {
    let letter = char::from(b'a' + u8::try_from(index.min(25)).unwrap_or(25));
    let kind = if bus == "virtio" { "vd" } else { "sd" };
    DiskTarget {
        dev: format!("{kind}{letter}"),
        bus: bus.to_owned(),
    }
}
