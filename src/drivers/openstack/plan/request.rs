//! The request, checked and with the provider's defaults filled in.

use super::interfaces::WantedInterface;
use super::reference::Reference;
use crate::driver::members::ServerMembers;
use crate::driver::{BootVolumeSpec, ServerSpec};
use crate::drivers::creation::{self, check_limits, check_server_name, disks, or_default};
use crate::drivers::minion::{self, minion_id};
use crate::drivers::openstack::record::VALUE_MAX;
use crate::drivers::openstack::settings::Settings;
use crate::salt::MinionId;
use crate::{Error, Result};

/// Why a cloud takes none of a hypervisor's settings.
const ITS_OWN_CHOICE: &str = "it is the cloud's own choice, by image and size; leave it out";
/// Why a cloud takes neither gateways nor name servers.
const THE_SUBNETS: &str = "the cloud's subnet says its gateway and name servers; leave them out";
/// Why a cloud attaches a server to nothing else.
const A_NETWORK: &str = "name a network or a port";

/// What a cloud takes of a server: what is read here and in `interfaces`.
pub(crate) const MEMBERS: ServerMembers = ServerMembers {
    host: "a cloud",
    takes: &[
        creation::MEMBERS,
        minion::MEMBERS,
        &[
            "networks/port",
            "sec_group",
            "sec_groups",
            "availability_zone",
            "key_name",
            "boot_volume",
            "boot_volume/size",
            "boot_volume/volume_type",
            "floating_ip",
            "seed",
            "seed/format",
        ],
    ],
    passes_over: &[],
    refuses: &[
        ("virt_type", ITS_OWN_CHOICE),
        ("machine", ITS_OWN_CHOICE),
        ("firmware", ITS_OWN_CHOICE),
        ("graphics", ITS_OWN_CHOICE),
        ("pool", ITS_OWN_CHOICE),
        ("seed/bus", ITS_OWN_CHOICE),
        (
            "clone",
            "it decides how it clones an image; ask for a boot_volume where the root disk is to be a \
             volume of its own",
        ),
        ("disks/pool", "a cloud has no pools; leave it out"),
        ("gateways", THE_SUBNETS),
        ("dns", THE_SUBNETS),
        ("networks/gateways", THE_SUBNETS),
        ("networks/dns", THE_SUBNETS),
        ("networks/bridge", A_NETWORK),
        ("networks/macvtap", A_NETWORK),
        ("networks/user", A_NETWORK),
        ("networks/model", ITS_OWN_CHOICE),
    ],
};

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
        check_limits(spec)?;
        check_seed(spec)?;
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
            boot_volume: spec.boot_volume.clone(),
            disks: disks(spec).iter().map(|(_, disk)| disk.size).collect(),
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

/// What a cloud takes of the seed's format is one only.
fn check_seed(spec: &ServerSpec) -> Result<()> {
    let format = spec.seed.as_ref().and_then(|seed| seed.format.as_deref());
    if matches!(format, None | Some("" | "config-2")) {
        return Ok(());
    }
    let message = "a cloud makes config-2 drives only; leave the seed's format out";
    Err(Error::invalid("/server/seed/format", message))
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
    let groups = spec.sec_groups.iter().enumerate();
    groups
        .map(|(index, group)| {
            let field = format!("/server/sec_groups/{index}");
            Reference::given(Some(group), &field)
                .ok_or_else(|| Error::invalid(field, "a security group without a name"))
        })
        .collect()
}
