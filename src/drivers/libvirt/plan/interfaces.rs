//! Network interfaces: what was asked for, and what a server gets.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::texts::check_identifier;
use crate::config_drive::{Mac, Route};
use crate::decode::suggest;
use crate::driver::{InterfaceSpec, NetworkSpec, ServerSpec};
use crate::drivers::creation::{check_mac, name_in, wanted_networks};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::domain::{
    self, Interface, InterfaceDriver, InterfaceSource, Model, Mtu, VirtualPort, Vlan, VlanTag,
};
use crate::{Error, Result};

/// Where an interface goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attachment {
    /// A network of the host.
    Network(String),
    /// A bridge of the host.
    Bridge(String),
    /// A device of the host, by macvtap.
    Macvtap(String),
    /// QEMU's own network.
    User,
}

/// An interface that was asked for, checked.
#[derive(Debug, Clone)]
pub(crate) struct WantedInterface {
    pub(crate) attachment: Attachment,
    pub(crate) mac: Option<String>,
    pub(crate) model: String,
    pub(crate) vlan: Option<u16>,
    pub(crate) openvswitch: bool,
    pub(crate) portgroup: Option<String>,
    pub(crate) mtu: Option<u32>,
    pub(crate) queues: Option<u64>,
    pub(crate) reserve: bool,
    pub(crate) routes: Vec<Route>,
    pub(crate) addresses: Vec<IpNet>,
    pub(crate) gateways: Vec<IpAddr>,
    pub(crate) dns: Vec<IpAddr>,
    /// The member that asked for it.
    pub(crate) field: String,
}

/// An interface with its MAC address.
#[derive(Debug, Clone)]
pub(crate) struct PlannedInterface {
    pub(crate) wanted: WantedInterface,
    pub(crate) mac: String,
}

impl WantedInterface {
    /// The interfaces that `spec` asks for; the provider's default network where it names none, and
    /// where there is no default either, on a session daemon, QEMU's own.
    pub(super) fn all(settings: &Settings, spec: &ServerSpec) -> Result<Vec<Self>> {
        let default = settings.defaults.network.as_ref();
        let mut named = wanted_networks(spec, default, "/server/network");
        if named.is_empty() && spec.networks.is_none() {
            let field = "/server/network".to_owned();
            if !settings.uri.is_session() {
                let message = "no network is given, and the provider has no default for it; say \
                               networks: [] for a server without any network card";
                return Err(Error::invalid(field, message));
            }
            // all that a plain user's guests may have without the host's help
            named.push((field, NetworkSpec::Name("user".to_owned())));
        }
        let mut all = named
            .into_iter()
            .map(|(field, network)| Self::read(field, network))
            .collect::<Result<Vec<_>>>()?;
        check_reservations(&all)?;
        if !(spec.addresses.is_empty() && spec.gateways.is_empty() && spec.dns.is_empty()) {
            let first = all.first_mut().ok_or_else(|| {
                Error::invalid(
                    "/server/addresses",
                    "there are addresses, but no network to have them on",
                )
            })?;
            first.addresses.extend(&spec.addresses);
            first.gateways.extend(&spec.gateways);
            first.dns.extend(&spec.dns);
        }
        Ok(all)
    }

    /// What `network`, the member at `field`, asks for.
    pub(crate) fn read(field: String, network: NetworkSpec) -> Result<Self> {
        let spec = match network {
            NetworkSpec::Interface(spec) => *spec,
            NetworkSpec::Name(name) => named(&name),
        };
        let places = [
            spec.network
                .as_ref()
                .map(|name| Attachment::Network(name_in(name).to_owned())),
            spec.bridge.clone().map(Attachment::Bridge),
            spec.macvtap.clone().map(Attachment::Macvtap),
            spec.user.then_some(Attachment::User),
        ];
        let mut places = places.into_iter().flatten();
        let (Some(attachment), None) = (places.next(), places.next()) else {
            return Err(Error::invalid(
                field,
                "give exactly one of network, bridge, macvtap and user",
            ));
        };
        if let Attachment::Bridge(device) | Attachment::Macvtap(device) = &attachment {
            // IFNAMSIZ, without the byte that ends it
            check_identifier(device, 15, &field, "a network device")?;
        }
        let model = spec.model.clone().unwrap_or_else(|| "virtio".to_owned());
        check_model(&model, &format!("{field}/model"))?;
        check_fit(&spec, &attachment, &model, &field)?;
        Ok(Self {
            attachment,
            mac: spec
                .mac
                .map(|mac| check_mac(&mac, &format!("{field}/mac")))
                .transpose()?,
            model,
            vlan: number(spec.vlan, 1..=4094, &field, "vlan")?,
            openvswitch: spec.openvswitch,
            portgroup: spec.portgroup,
            mtu: number(spec.mtu, 68..=65535, &field, "mtu")?,
            queues: number(spec.queues, 1..=256, &field, "queues")?,
            reserve: spec.reserve,
            routes: spec.routes,
            addresses: spec.addresses,
            gateways: spec.gateways,
            dns: spec.dns,
            field,
        })
    }

    /// The address that its network is to keep, where one is asked for.
    pub(crate) fn reserved(&self) -> Option<IpAddr> {
        self.addresses.first().map(IpNet::addr)
    }

    /// Whether the guest gets its addresses by DHCP.
    pub(crate) fn dhcp(&self) -> bool {
        self.addresses.is_empty()
    }
}

/// Refuses two reservations in a network, which has the server's name once.
fn check_reservations(all: &[WantedInterface]) -> Result<()> {
    for (index, card) in all.iter().enumerate().filter(|(_, card)| card.reserve) {
        let twice = |other: &&WantedInterface| other.reserve && other.attachment == card.attachment;
        if all[..index].iter().any(|other| twice(&other)) {
            let message = "another card of the server has an address kept in this network";
            return Err(Error::invalid(format!("{}/reserve", card.field), message));
        }
    }
    Ok(())
}

/// A network given by name alone: `default`, `default|id`, `bridge:br0`, `macvtap:eth0`, `user`.
fn named(name: &str) -> InterfaceSpec {
    let mut spec = InterfaceSpec::default();
    match name.split_once(':') {
        Some(("bridge", device)) => spec.bridge = Some(device.to_owned()),
        Some(("macvtap", device)) => spec.macvtap = Some(device.to_owned()),
        _ if name == "user" => spec.user = true,
        _ => spec.network = Some(name.to_owned()),
    }
    spec
}

/// Network cards that QEMU emulates, as libvirt names them: `qemu-system-x86_64 -device help`.
const MODELS: &[&str] = &[
    "virtio",
    "virtio-transitional",
    "virtio-non-transitional",
    "e1000",
    "e1000e",
    "e1000-82544gc",
    "e1000-82545em",
    "igb",
    "rtl8139",
    "ne2k_pci",
    "pcnet",
    "vmxnet3",
    "usb-net",
    "i82550",
    "i82551",
    "i82557b",
    "i82559er",
    "i82562",
    "i82801",
    "lan9118",
    "smc91c111",
    "spapr-vlan",
    "sungem",
    "tulip",
];

/// libvirt finds out that a host's QEMU has no such card when all volumes are made.
fn check_model(model: &str, field: &str) -> Result<()> {
    if MODELS.contains(&model) {
        return Ok(());
    }
    let way_out = suggest::way_out(model, MODELS);
    let message = format!("{model:?} is not the model of a network card; {way_out}");
    Err(Error::invalid(field, message))
}

/// Refuses what a card does not have where it is attached.
fn check_fit(spec: &InterfaceSpec, to: &Attachment, model: &str, field: &str) -> Result<()> {
    use Attachment::{Bridge, Network, User};
    let misplaced = [
        (
            "vlan",
            spec.vlan.is_some() && *to == User,
            "QEMU's own network has no VLANs",
        ),
        (
            "openvswitch",
            spec.openvswitch && !matches!(to, Bridge(_)),
            "name its bridge by bridge",
        ),
        (
            "portgroup",
            spec.portgroup.is_some() && !matches!(to, Network(_)),
            "a network has port groups: name it by network",
        ),
        (
            "reserve",
            spec.reserve && !matches!(to, Network(_)),
            "only a network of the host keeps addresses",
        ),
        (
            "reserve",
            spec.reserve && spec.addresses.len() > 1,
            "one address is kept, so give one or none",
        ),
        (
            "mtu",
            spec.mtu.is_some() && !matches!(to, Network(_) | Bridge(_)),
            "only networks and bridges of the host are told it",
        ),
        (
            "queues",
            spec.queues.is_some() && (*to == User || !model.starts_with("virtio")),
            "only virtio cards on a network of the host have several",
        ),
    ];
    match misplaced.iter().find(|(_, is, _)| *is) {
        Some((member, _, why)) => Err(Error::invalid(format!("{field}/{member}"), *why)),
        None => Ok(()),
    }
}

/// The number of `member`, where it is one that libvirt takes.
fn number<T: TryFrom<u64>>(
    given: Option<u64>,
    takes: RangeInclusive<u64>,
    field: &str,
    member: &str,
) -> Result<Option<T>> {
    let Some(given) = given else { return Ok(None) };
    match T::try_from(given) {
        Ok(number) if takes.contains(&given) => Ok(Some(number)),
        _ => {
            let message = format!("{member} takes {} to {}", takes.start(), takes.end());
            Err(Error::invalid(format!("{field}/{member}"), message))
        }
    }
}

/// Gives each interface a MAC address.
pub(super) fn plan(wanted: &[WantedInterface], uuid: Uuid) -> Vec<PlannedInterface> {
    wanted
        .iter()
        .enumerate()
        .map(|(index, wanted)| PlannedInterface {
            mac: wanted
                .mac
                .clone()
                .unwrap_or_else(|| derived_mac(uuid, index)),
            wanted: wanted.clone(),
        })
        .collect()
}

/// The MAC address of interface `index` of the server `uuid`, in QEMU's range. It follows from the
/// UUID, so that a listing finds a server's lease without asking for its definition.
pub(crate) fn derived_mac(uuid: Uuid, index: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(uuid.as_bytes());
    hash.update((index as u64).to_be_bytes());
    let digest = hash.finalize();
    Mac::from([0x52, 0x54, 0x00, digest[0], digest[1], digest[2]]).to_string()
}

impl PlannedInterface {
    /// As libvirt defines it.
    pub(crate) fn xml(&self) -> Interface {
        let source = |fill: fn(&mut InterfaceSource, String), name: &str| {
            let mut source = InterfaceSource::default();
            fill(&mut source, name.to_owned());
            Some(source)
        };
        let (interface_type, source) = match &self.wanted.attachment {
            Attachment::Network(name) => ("network", source(|s, n| s.network = Some(n), name)),
            Attachment::Bridge(name) => ("bridge", source(|s, n| s.bridge = Some(n), name)),
            Attachment::Macvtap(name) => (
                "direct",
                source(
                    |s, n| {
                        s.dev = Some(n);
                        s.mode = Some("bridge");
                    },
                    name,
                ),
            ),
            Attachment::User => ("user", None),
        };
        let portgroup = self.wanted.portgroup.clone();
        let source = source.map(|source| InterfaceSource {
            portgroup,
            ..source
        });
        Interface {
            interface_type,
            mac: domain::Mac {
                address: self.mac.clone(),
            },
            source,
            model: Model {
                name: self.wanted.model.clone(),
            },
            driver: self.wanted.queues.map(|queues| InterfaceDriver { queues }),
            vlan: self.wanted.vlan.map(|id| Vlan {
                tag: VlanTag { id },
            }),
            virtualport: self.wanted.openvswitch.then_some(VirtualPort {
                port_type: "openvswitch",
            }),
            mtu: self.wanted.mtu.map(|size| Mtu { size }),
        }
    }
}

#[cfg(test)]
mod tests;
