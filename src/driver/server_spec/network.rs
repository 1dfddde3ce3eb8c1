//! A server's networks.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::super::numeric;
pub use crate::config_drive::Route;

/// A network to attach to: its name, or more about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum NetworkSpec {
    /// A network's name, or `name|id`.
    Name(String),
    /// The whole.
    Interface(Box<InterfaceSpec>),
}

/// serde's own way with two forms says of a wrong one that neither fits; this names the wrong member.
impl<'de> Deserialize<'de> for NetworkSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = NetworkSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a network's name or an object")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<NetworkSpec, E> {
                Ok(NetworkSpec::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<NetworkSpec, A::Error> {
                InterfaceSpec::deserialize(MapAccessDeserializer::new(members))
                    .map(|interface| NetworkSpec::Interface(Box::new(interface)))
            }
        }

        deserializer.deserialize_any(Forms)
    }
}

/// A network interface; exactly one of `network`, `port`, `bridge`, `macvtap` and `user` says where it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
// each is a member of its own on the wire
#[allow(clippy::struct_excessive_bools)]
pub struct InterfaceSpec {
    /// A network of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "name", alias = "net-id", alias = "net-name")]
    #[schemars(extend("x-synonyms" = ["name", "net-id", "net-name"]))]
    pub network: Option<String>,
    /// A port that is there already, by name or id, for drivers that have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "port-id")]
    #[schemars(extend("x-synonyms" = ["port-id"], "x-option" = "--port"))]
    pub port: Option<String>,
    /// A bridge of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// A device of the host, by macvtap in bridge mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macvtap: Option<String>,
    /// QEMU's user-mode network, which needs no rights on the host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user: bool,
    /// Its MAC address; one derived from the server's id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "mac_address")]
    #[schemars(extend("x-synonyms" = ["mac_address"]))]
    pub mac: Option<String>,
    /// The device model, `virtio` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The VLAN that its packets are tagged with, where the host's network can: 1 to 4094.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "VLAN id"))]
    pub vlan: Option<u64>,
    /// Whether its bridge is one of Open vSwitch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub openvswitch: bool,
    /// The port group of its network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portgroup: Option<String>,
    /// Whether its network keeps an address for it, the one of `addresses` or a free one, and has the server's name in
    /// its DNS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reserve: bool,
    /// Its largest packet, which the guest is told, too.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "bytes"))]
    pub mtu: Option<u64>,
    /// How many queues a virtio card has, at most one for each CPU that is to handle packets: 1 to 256.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "queues"))]
    pub queues: Option<u64>,
    /// Static addresses, as CIDR; DHCP when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>", extend("examples" = [["192.0.2.7/24"]]))]
    pub addresses: Vec<IpNet>,
    /// Default gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["192.0.2.1"]]))]
    pub gateways: Vec<IpAddr>,
    /// Static routes besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "dns_nameservers")]
    #[schemars(extend("x-synonyms" = ["dns_nameservers"], "examples" = [["192.0.2.53"]]))]
    pub dns: Vec<IpAddr>,
    /// The subnet of the network that its address comes from, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "subnet_id")]
    #[schemars(extend("x-synonyms" = ["subnet_id"]))]
    pub subnet: Option<String>,
    /// Its security groups, by name or id, instead of the server's; an empty list is none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "security_groups")]
    #[schemars(extend("x-synonyms" = ["security_groups"]))]
    pub sec_groups: Option<Vec<String>>,
    /// Whether security groups and the protection against foreign addresses apply to it; the network's
    /// own default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "port_security_enabled")]
    #[schemars(extend("x-synonyms" = ["port_security_enabled"]))]
    pub port_security: Option<bool>,
    /// Further addresses that it may use, such as one that moves between servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_address_pairs: Vec<AddressPairSpec>,
    /// Whether the server's floating IP leads here; else it is the first with a way to its network.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floating_ip: bool,
}

/// An address that an interface may use beside its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AddressPairSpec {
    /// An address, or a range as CIDR.
    #[schemars(extend("examples" = ["192.0.2.100"]))]
    pub ip_address: String,
    /// The MAC address that goes with it; the interface's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
}
