//! The request, checked and with the provider's defaults filled in.

use super::interfaces::WantedInterface;
use super::reference::Reference;
use crate::driver::{BootVolumeSpec, CloneMode, ServerSpec};
use crate::drivers::creation::{check_server_name, or_default};
use crate::drivers::minion::minion_id;
use crate::drivers::openstack::record::VALUE_MAX;
use crate::drivers::openstack::settings::Settings;
use crate::salt::MinionId;
use crate::{Error, Result};

/// The most extra disks.
const DISKS: usize = 24;
/// The largest disk, in GiB.
const DISK_GIB: u64 = 64 * 1024;

/// A request that can be planned.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) spec: ServerSpec,
    pub(crate) image: String,
    pub(crate) size: String,
    pub(crate) interfaces: Vec<WantedInterface>,
    pub(crate) sec_groups: Vec<Reference>,
    pub(crate) zone: Option<Reference>,
    /// A key pair that the cloud has; else one is made of the first SSH key.
    pub(crate) key_name: Option<Reference>,
    pub(crate) boot_volume: Option<BootVolumeSpec>,
    /// Extra disks, in GiB.
    pub(crate) disks: Vec<u64>,
    /// The network that a floating IP comes from; an empty text where any will do.
    pub(crate) floating_ip: Option<Reference>,
    pub(crate) minion_id: Option<MinionId>,
}

impl Request {
    /// Checks `spec`; every error is an `invalid_field` below `/server`.
    pub(crate) fn read(settings: &Settings, spec: &ServerSpec) -> Result<Self> {
        check_server_name(&spec.server_name)?;
        refuse_foreign(spec)?;
        check_recorded(spec)?;
        let defaults = &settings.defaults;
        Ok(Self {
            image: or_default(spec.image.as_ref(), defaults.image.as_ref(), "image")?,
            size: or_default(spec.size.as_ref(), defaults.size.as_ref(), "size")?,
            interfaces: WantedInterface::all(settings, spec)?,
            sec_groups: sec_groups(settings, spec)?,
            zone: Reference::given(spec.availability_zone.as_ref(), "/server/availability_zone")
                .or_else(|| {
                    Reference::given(
                        settings.availability_zone.as_ref(),
                        "/provider/availability_zone",
                    )
                }),
            key_name: Reference::given(spec.key_name.as_ref(), "/server/key_name")
                .or_else(|| Reference::given(settings.key_name.as_ref(), "/provider/key_name")),
            boot_volume: boot_volume(spec)?,
            disks: disks(spec)?,
            floating_ip: spec.floating_ip.as_ref().map(|network| {
                let default = || {
                    Reference::given(
                        settings.external_network.as_ref(),
                        "/provider/external_network",
                    )
                };
                Reference::given(Some(network), "/server/floating_ip")
                    .or_else(default)
                    .unwrap_or_else(|| Reference {
                        text: String::new(),
                        field: "/server/floating_ip".to_owned(),
                    })
            }),
            minion_id: minion_id(spec)?,
            spec: spec.clone(),
        })
    }

    /// Whether the first SSH key is handed over as a key pair that is made for this server.
    pub(crate) fn makes_key_pair(&self) -> bool {
        self.key_name.is_none() && !self.spec.ssh_keys.is_empty()
    }
}

/// Refuses what a cloud has nothing for, instead of passing it over.
fn refuse_foreign(spec: &ServerSpec) -> Result<()> {
    let seed = spec.seed.clone().unwrap_or_default();
    let foreign = [
        ("virt_type", spec.virt_type.is_some()),
        ("machine", spec.machine.is_some()),
        ("firmware", spec.firmware.is_some()),
        ("graphics", spec.graphics.is_some()),
        ("pool", spec.pool.is_some()),
        ("seed/bus", seed.bus.is_some_and(|bus| !bus.is_empty())),
    ];
    if let Some((name, _)) = foreign.into_iter().find(|(_, given)| *given) {
        let message = format!(
            "{} is the cloud's own choice (by image and size); leave it out",
            name.replace('/', "'s ")
        );
        return Err(Error::invalid(format!("/server/{name}"), message));
    }
    if !matches!(seed.format.as_deref(), None | Some("" | "config-2")) {
        let message = "a cloud makes config-2 drives only; leave the seed's format out";
        return Err(Error::invalid("/server/seed/format", message));
    }
    if spec.clone == CloneMode::Full {
        let message = "the cloud decides how it clones an image; ask for a boot_volume where the \
                       root disk is to be a volume of its own";
        return Err(Error::invalid("/server/clone", message));
    }
    if let Some(index) = spec.disks.iter().position(|disk| disk.pool.is_some()) {
        let message = "a cloud has no pools; leave the disk's pool out";
        return Err(Error::invalid(
            format!("/server/disks/{index}/pool"),
            message,
        ));
    }
    Ok(())
}

/// What goes into the server's metadata must fit there.
fn check_recorded(spec: &ServerSpec) -> Result<()> {
    let pki_dir = spec
        .minion
        .as_ref()
        .and_then(|minion| minion.pki_dir.as_ref());
    for (text, field) in [
        (spec.role.as_ref(), "/server/role"),
        (pki_dir, "/server/minion/pki_dir"),
    ] {
        if text.is_some_and(|text| text.chars().count() > VALUE_MAX) {
            let message = format!("at most {VALUE_MAX} characters fit in a server's metadata");
            return Err(Error::invalid(field, message));
        }
        if text.is_some_and(|text| text.contains(char::is_control)) {
            let message = "a server's metadata takes no control characters";
            return Err(Error::invalid(field, message));
        }
    }
    Ok(())
}

fn sec_groups(settings: &Settings, spec: &ServerSpec) -> Result<Vec<Reference>> {
    let single = Reference::given(spec.sec_group.as_ref(), "/server/sec_group");
    if spec.sec_groups.is_empty() {
        let default = || {
            Reference::given(
                settings.defaults.sec_group.as_ref(),
                "/provider/defaults/sec_group",
            )
        };
        return Ok(single.or_else(default).into_iter().collect());
    }
    if single.is_some() {
        let message = "give sec_group or sec_groups, not both";
        return Err(Error::invalid("/server/sec_group", message));
    }
    let groups = spec.sec_groups.iter().enumerate();
    groups
        .map(|(index, group)| {
            let field = format!("/server/sec_groups/{index}");
            Reference::given(Some(group), &field)
                .ok_or_else(|| Error::invalid(field, "a security group without a name"))
        })
        .collect()
}

fn boot_volume(spec: &ServerSpec) -> Result<Option<BootVolumeSpec>> {
    let Some(volume) = &spec.boot_volume else {
        return Ok(None);
    };
    if volume.size.is_some_and(|size| size == 0 || size > DISK_GIB) {
        let message = format!("a boot volume takes 1 to {DISK_GIB} GiB");
        return Err(Error::invalid("/server/boot_volume/size", message));
    }
    Ok(Some(volume.clone()))
}

fn disks(spec: &ServerSpec) -> Result<Vec<u64>> {
    let own = spec.storage_disk.filter(|size| *size > 0);
    let all: Vec<u64> = own
        .into_iter()
        .chain(spec.disks.iter().map(|disk| disk.size))
        .collect();
    if all.len() > DISKS {
        let message = format!("{} extra disks; {DISKS} are allowed", all.len());
        return Err(Error::invalid("/server/disks", message));
    }
    if let Some(size) = all.iter().find(|size| **size == 0 || **size > DISK_GIB) {
        let message = format!("a disk of {size} GiB; 1 to {DISK_GIB} are allowed");
        return Err(Error::invalid("/server/disks", message));
    }
    Ok(all)
}
