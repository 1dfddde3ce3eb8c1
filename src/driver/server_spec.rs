//! The server that a caller asks for: the one declaration of each of its members.
//!
//! Beside what serde and schemars read, a member says here its synonyms (once for either), its unit and
//! the shell's option. From that follow the schemas, `va-driver explain` and `docs/members.md`; which
//! drivers take it, they say themselves (see `members`).

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::numeric;
use crate::Secret;

/// What `server.create` and `server.plan` take as `server`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ServerSpec {
    /// Its name: letters, digits, `.`, `-` and `_`, at most 63.
    #[serde(alias = "hostname", alias = "name")]
    #[schemars(extend("x-synonyms" = ["hostname", "name"], "x-option" = "NAME"))]
    pub server_name: String,
    /// The role that its minion gets as the grain `role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--role"))]
    pub role: Option<String>,
    /// The image; the provider's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--image"))]
    pub image: Option<String>,
    /// The size (flavour); the provider's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "flavor", alias = "flavour")]
    #[schemars(extend("x-synonyms" = ["flavor", "flavour"], "x-option" = "--size"))]
    pub size: Option<String>,
    /// The network, when there is one; the provider's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Several networks, in the order of the guest's interfaces; instead of `network`. An empty list is
    /// a server without any network card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "nics")]
    #[schemars(extend("x-synonyms" = ["nics"], "x-option" = "--network"))]
    pub networks: Option<Vec<NetworkSpec>>,
    /// Static addresses of the first interface, as CIDR; DHCP when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>", extend("examples" = [["192.0.2.7/24"]], "x-option" = "--address"))]
    pub addresses: Vec<IpNet>,
    /// Its default gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["192.0.2.1"]], "x-option" = "--gateway"))]
    pub gateways: Vec<IpAddr>,
    /// Its name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "dns_nameservers")]
    #[schemars(extend("x-synonyms" = ["dns_nameservers"], "examples" = [["192.0.2.53"]], "x-option" = "--dns"))]
    pub dns: Vec<IpAddr>,
    /// The security group, for drivers that have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "security_group")]
    #[schemars(extend("x-synonyms" = ["security_group"]))]
    pub sec_group: Option<String>,
    /// Several security groups, by name or id; instead of `sec_group`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "security_groups")]
    #[schemars(extend("x-synonyms" = ["security_groups"], "x-option" = "--sec-group"))]
    pub sec_groups: Vec<String>,
    /// An availability zone, for drivers that have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--availability-zone"))]
    pub availability_zone: Option<String>,
    /// A key pair of the host's, by name, for drivers that keep such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "keypair", alias = "ssh_key_name")]
    #[schemars(extend("x-synonyms" = ["keypair", "ssh_key_name"], "x-option" = "--key-name"))]
    pub key_name: Option<String>,
    /// A root disk that is a volume of its own, for drivers whose servers have others by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--boot-volume"))]
    pub boot_volume: Option<BootVolumeSpec>,
    /// A floating IP from this external network, by name or id; an empty text leaves the choice to the
    /// driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--floating-ip"))]
    pub floating_ip: Option<String>,
    /// An extra disk, in GiB.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "GiB", "x-option" = "--storage-disk"))]
    pub storage_disk: Option<u64>,
    /// Further extra disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-option" = "--disk"))]
    pub disks: Vec<DiskSpec>,
    /// How the root disk is made from the image.
    #[serde(default, skip_serializing_if = "CloneMode::is_linked")]
    #[schemars(extend("x-option" = "--clone"))]
    pub clone: CloneMode,
    /// Its Salt minion; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--minion"))]
    pub minion: Option<MinionSpec>,
    /// Public SSH keys, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "ssh_authorized_keys")]
    #[schemars(extend("x-synonyms" = ["ssh_authorized_keys"], "x-option" = "--ssh-key-file"))]
    pub ssh_keys: Vec<String>,
    /// The user's own user-data, merged with ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "userdata")]
    #[schemars(extend("x-synonyms" = ["userdata"], "x-option" = "--user-data"))]
    pub user_data: Option<String>,
    /// The domain that makes the host name a full one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Domain type: `auto`, `kvm` or `qemu`; else the flavour's, else the provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "domain_type")]
    #[schemars(extend("x-synonyms" = ["domain_type"]))]
    pub virt_type: Option<String>,
    /// Machine type: `q35`, `pc`, or one of the host's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "machine_type")]
    #[schemars(extend("x-synonyms" = ["machine_type"]))]
    pub machine: Option<String>,
    /// `bios` or `uefi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--firmware"))]
    pub firmware: Option<String>,
    /// The pool for its volumes; else the provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "storage_pool")]
    #[schemars(extend("x-synonyms" = ["storage_pool"]))]
    pub pool: Option<String>,
    /// `vnc` (on loopback) or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphics: Option<String>,
    /// What the guest reads at its first boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<SeedSpec>,
    /// The driver's own server fields, by their ids; any other member is refused when it is checked.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Members of a server that a driver may know. What is in them may be secret, so `Debug` hides it.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Extra(pub Map<String, Value>);

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// How the root disk is made from the image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CloneMode {
    /// An overlay that keeps only what differs from the image.
    #[default]
    Linked,
    /// A copy of the image.
    Full,
}

impl CloneMode {
    // serde hands over a reference
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_linked(&self) -> bool {
        *self == Self::Linked
    }
}

/// An extra disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DiskSpec {
    /// Its size, in GiB.
    #[serde(deserialize_with = "numeric::number")]
    #[schemars(extend("x-unit" = "GiB"))]
    pub size: u64,
    /// The pool that it comes from; else the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "storage_pool")]
    #[schemars(extend("x-synonyms" = ["storage_pool"]))]
    pub pool: Option<String>,
}

/// A root disk that is a volume of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BootVolumeSpec {
    /// Its size, in GiB; the size's disk when absent.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "GiB", "x-option" = "--boot-volume"))]
    pub size: Option<u64>,
    /// The volume type; the host's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--volume-type"))]
    pub volume_type: Option<String>,
}

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
    /// Static addresses, as CIDR; DHCP when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>", extend("examples" = [["192.0.2.7/24"]]))]
    pub addresses: Vec<IpNet>,
    /// Default gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["192.0.2.1"]]))]
    pub gateways: Vec<IpAddr>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "dns_nameservers")]
    #[schemars(extend("x-synonyms" = ["dns_nameservers"], "examples" = [["192.0.2.53"]]))]
    pub dns: Vec<IpAddr>,
}

/// The Salt minion of a server.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MinionSpec {
    /// Its id; the server's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "minion_id")]
    #[schemars(extend("x-synonyms" = ["minion_id"], "x-option" = "--minion"))]
    pub id: Option<String>,
    /// The master's address; a list where it has several, or may fall over to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--master"))]
    pub master: Option<Masters>,
    /// The fingerprint of the master's public key, so that the guest trusts no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--master-finger"))]
    pub master_finger: Option<String>,
    /// The master's public key itself (PEM), placed on the guest before its minion starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,
    /// The public key by which its masters sign theirs (PEM, their `master_sign.pub`), so that it trusts
    /// whoever of them has a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_key: Option<String>,
    /// Further settings of the minion.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub conf: Map<String, Value>,
    /// Its grains; `role` is added from the server's role.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub grains: Map<String, Value>,
    /// The master's `pki_dir` on this machine, where the key is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--pki-dir"))]
    pub pki_dir: Option<String>,
    /// Whether to accept the key there; as if true when `pki_dir` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<bool>,
    /// A key pair that exists already; one is made when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysSpec>,
    /// Bits of the key to make: 2048, 3072 or 4096 (the default).
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "bits"))]
    pub keysize: Option<u64>,
}

/// The address of a minion's master, or those of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Masters {
    /// Its only one.
    One(String),
    /// One after the other, or all at once, as the minion's `master_type` says.
    Several(Vec<String>),
}

/// A key pair that exists already.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeysSpec {
    /// The public key, PEM.
    #[serde(alias = "pub_key")]
    #[schemars(extend("x-synonyms" = ["pub_key"]))]
    pub public: String,
    /// The private key, PEM.
    #[serde(alias = "priv_key")]
    #[schemars(extend("x-synonyms" = ["priv_key"]))]
    pub private: Secret,
}

/// What the guest reads at its first boot, and where it finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SeedSpec {
    /// `config-2` (OpenStack's config drive, the default) or `cidata` (`NoCloud`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The bus that it is attached to: `scsi` (a CD-ROM, the default), `sata`, `ide` or `virtio` (a disk).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
}
