//! The request, checked and with the provider's defaults filled in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::interfaces::WantedInterface;
use super::reference::{Reference, references};
use super::wanted_volume::WantedVolume;
use crate::decode::escape;
use crate::driver::ServerSpec;
use crate::driver::members::ServerMembers;
use crate::drivers::creation::{self, check_limits, check_server_name, or_default};
use crate::drivers::minion::{self, minion_id};
use crate::drivers::openstack::record::{PREFIX, VALUE_MAX};
use crate::drivers::openstack::settings::Settings;
use crate::salt::MinionId;
use crate::{Error, Result};

/// Why a cloud takes none of a hypervisor's settings.
const ITS_OWN_CHOICE: &str = "it is the cloud's own choice, by image and size; leave it out";
/// Why a cloud takes neither gateways nor name servers.
const THE_SUBNETS: &str = "the cloud's subnet says its gateway and name servers; leave them out";
/// Why a volume comes from no pool.
const NO_POOLS: &str = "a cloud has no pools; leave it out";
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
            "boot_volume/availability_zone",
            "boot_volume/volume",
            "boot_volume/snapshot",
            "boot_volume/delete_on_termination",
            "disks/volume_type",
            "disks/availability_zone",
            "disks/volume",
            "disks/snapshot",
            "disks/delete_on_termination",
            "networks/subnet",
            "networks/sec_groups",
            "networks/port_security",
            "networks/allowed_address_pairs",
            "networks/allowed_address_pairs/ip_address",
            "networks/allowed_address_pairs/mac_address",
            "networks/floating_ip",
            "floating_ip",
            "server_group",
            "scheduler_hints",
            "metadata",
            "tags",
            "description",
            "config_drive",
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
        ("disks/pool", NO_POOLS),
        ("boot_volume/pool", NO_POOLS),
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
    /// Empty where it boots from a volume that has its own already.
    pub(crate) image: String,
    pub(crate) size: String,
    pub(crate) interfaces: Vec<WantedInterface>,
    pub(crate) sec_groups: Vec<Reference>,
    pub(crate) zone: Option<Reference>,
    /// A key pair that the cloud has; else one is made of the first SSH key.
    pub(crate) key_name: Option<Reference>,
    /// The root disk first, where it is a volume.
    pub(crate) volumes: Vec<WantedVolume>,
    /// The server group by whose policy its host is chosen.
    pub(crate) server_group: Option<Reference>,
    /// Metadata of the user's own.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The network that a floating IP comes from, or the address of one; an empty text where any will do.
    pub(crate) floating_ip: Option<Reference>,
    /// The network whose interface it leads to, where several could have it and none is said to.
    pub(crate) nat_destination: Option<String>,
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
        let volumes = WantedVolume::all(spec)?;
        let interfaces = WantedInterface::all(settings, spec)?;
        let image = match volumes.iter().find(|volume| volume.is_root) {
            Some(root) if root.has_content() => String::new(),
            _ => or_default(spec.image.as_ref(), defaults.image.as_ref(), "image")?,
        };
        Ok(Self {
            image,
            size: or_default(spec.size.as_ref(), defaults.size.as_ref(), "size")?,
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
            floating_ip: floating_ip(settings, spec, &interfaces),
            nat_destination: settings.nat_destination.clone(),
            server_group: server_group(spec)?,
            metadata: metadata(spec)?,
            interfaces,
            volumes,
            minion_id: minion_id(spec)?,
            spec: spec.clone(),
        })
    }

    /// Whether its root disk is a volume.
    pub(crate) fn boots_from_volume(&self) -> bool {
        self.volumes.iter().any(|volume| volume.is_root)
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

/// The floating IP that is asked for: by the server, or by an interface alone.
fn floating_ip(
    settings: &Settings,
    spec: &ServerSpec,
    interfaces: &[WantedInterface],
) -> Option<Reference> {
    let by_interface = interfaces.iter().find(|one| one.has_floating_ip);
    if spec.floating_ip.is_none() && by_interface.is_none() {
        return None;
    }
    let default = settings.external_network.as_ref();
    Reference::given(spec.floating_ip.as_ref(), "/server/floating_ip")
        .or_else(|| Reference::given(default, "/provider/external_network"))
        .or_else(|| {
            Some(Reference {
                text: String::new(),
                field: "/server/floating_ip".to_owned(),
            })
        })
}

/// The server group, which a scheduler has as the hint `group`.
fn server_group(spec: &ServerSpec) -> Result<Option<Reference>> {
    let own = Reference::given(spec.server_group.as_ref(), "/server/server_group");
    let Some(hint) = spec.scheduler_hints.get("group") else {
        return Ok(own);
    };
    let field = "/server/scheduler_hints/group";
    if own.is_some() {
        return Err(Error::invalid(field, "server_group says it already"));
    }
    let text = hint.as_str().map(ToOwned::to_owned);
    Reference::given(text.as_ref(), field)
        .ok_or_else(|| Error::invalid(field, "name a server group"))
        .map(Some)
}

/// Metadata of the user's own, as Nova takes it.
fn metadata(spec: &ServerSpec) -> Result<BTreeMap<String, String>> {
    let all = spec.metadata.iter().map(|(name, value)| {
        let field = format!("/server/metadata/{}", escape(name));
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(Error::invalid(field, "metadata takes a text")),
        };
        if name.starts_with(PREFIX) {
            let message = "this program's own record is called so; choose another name";
            return Err(Error::invalid(field, message));
        }
        let too_long = |text: &str| text.chars().count() > VALUE_MAX;
        if name.is_empty() || too_long(name) || too_long(&text) {
            let message = format!("a name and a text have at most {VALUE_MAX} characters each");
            return Err(Error::invalid(field, message));
        }
        Ok((name.clone(), text))
    });
    all.collect()
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
        (spec.description.as_ref(), "/server/description"),
    ] {
        if text.is_some_and(|text| text.chars().count() > VALUE_MAX) {
            let message = format!("at most {VALUE_MAX} characters fit there");
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
    references(&spec.sec_groups, "/server/sec_groups")
}
