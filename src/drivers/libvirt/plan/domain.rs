//! The domain's definition.

use super::facts::PoolFacts;
use super::hypervisor::Hypervisor;
use super::parts::Plan;
use super::request::SeedBus;
use super::{Facts, Request};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::Sized;
use crate::drivers::libvirt::xml::domain::{
    Boot, Channel, ChannelTarget, Clock, Console, ConsoleTarget, Controller, Cpu, Devices, Disk,
    DiskDriver, DiskSource, DiskTarget, Domain, Empty, Features, FirmwareFeature, FirmwareFeatures,
    Graphics, Log, Metadata, Model, Os, OsType, Rng, RngBackend, Serial, Video,
};
use crate::drivers::libvirt::xml::pool::{Auth, Pool, Secret};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::minion::{Keys, RecordedMinion};

impl Plan {
    /// The domain, once the volumes are made: `paths` are theirs, the root disk's first, the seed's
    /// last.
    pub(crate) fn domain(
        &self,
        settings: &Settings,
        request: &Request,
        facts: &Facts,
        keys: Option<&Keys>,
        paths: &[String],
    ) -> Domain {
        let mut record = self.record.clone();
        record.minion = keys
            .zip(request.minion_id.as_ref())
            .map(|(keys, id)| RecordedMinion::of(&request.spec, id, keys));
        build(self, settings, request, facts, record, paths)
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
    let x86 = hypervisor
        .arch
        .as_deref()
        .is_none_or(|arch| arch == "x86_64" || arch == "i686");
    Domain {
        domain_type: hypervisor.domain_type.clone(),
        name: plan.name.clone(),
        uuid: plan.uuid.to_string(),
        metadata: Metadata { record },
        memory: Sized::kib(request.flavour.max_memory()),
        current_memory: Sized::kib(request.flavour.memory),
        vcpu: request.flavour.num_cpus,
        os: os(hypervisor),
        features: Features {
            acpi: Some(Empty {}),
            apic: x86.then_some(Empty {}),
        },
        cpu: cpu(hypervisor),
        clock: Clock { offset: "utc" },
        on_poweroff: "destroy",
        on_reboot: "restart",
        on_crash: "destroy",
        devices: devices(plan, settings, request, facts, paths),
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
        // Images of one's own are not signed; those that are start without secure boot as well.
        firmware_features: hypervisor.efi.then(|| FirmwareFeatures {
            feature: vec![FirmwareFeature {
                enabled: "no",
                name: "secure-boot",
            }],
        }),
        boot: Boot { dev: "hd" },
    }
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
        controller: match request.seed_bus {
            SeedBus::Scsi if !test => vec![Controller {
                controller_type: "scsi",
                model: "virtio-scsi",
            }],
            _ => Vec::new(),
        },
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
    }
}

fn disks(plan: &Plan, request: &Request, facts: &Facts, paths: &[String]) -> Vec<Disk> {
    let seed_index = 1 + plan.data.len();
    plan.volumes()
        .enumerate()
        .map(|(index, (pool, name))| {
            let seed = index == seed_index;
            let (device, target) = match (seed, request.seed_bus) {
                (false, _) | (true, SeedBus::Virtio) => (
                    "disk",
                    DiskTarget {
                        dev: disk_name(index),
                        bus: "virtio".to_owned(),
                    },
                ),
                (true, SeedBus::Ide) => (
                    "cdrom",
                    DiskTarget {
                        dev: "hdc".to_owned(),
                        bus: "ide".to_owned(),
                    },
                ),
                (true, bus) => (
                    "cdrom",
                    DiskTarget {
                        dev: "sda".to_owned(),
                        bus: bus.to_string(),
                    },
                ),
            };
            let facts = facts.pools.get(pool);
            let format = facts.map_or("raw", PoolFacts::format);
            let (source_type, source) = match facts.and_then(|facts| of_cluster(&facts.view, name))
            {
                Some(source) => ("network", source),
                None => source(pool, name, paths.get(index).map(String::as_str)),
            };
            Disk {
                source_type,
                device,
                driver: DiskDriver {
                    name: "qemu",
                    format: if seed { "raw" } else { format }.to_owned(),
                    discard: (!seed).then_some("unmap"),
                },
                source,
                target,
                readonly: seed.then_some(Empty {}),
            }
        })
        .collect()
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

/// `vda`, `vdb` …
fn disk_name(index: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(index.min(25)).unwrap_or(25));
    format!("vd{letter}")
}
