//! The server that a caller asks for: the one declaration of each of its members.
//!
//! Beside what serde and schemars read, a member says here its synonyms (once for either), its unit and
//! the shell's option. From that follow the schemas, `va-driver explain` and `docs/members.md`; which
//! drivers take it, they say themselves (see `members`).
//!
//! | file | concern |
//! |---|---|
//! | `network` | its networks |
//! | `disk` | its disks |
//! | `minion` | its Salt minion |

mod disk;
mod minion;
mod network;

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use disk::{CloneMode, VolumeSpec};
pub use minion::{KeysSpec, Masters, MinionSpec};
pub use network::{AddressPairSpec, InterfaceSpec, NetworkSpec, Route};

use super::numeric;

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
    #[schemars(with = "Vec<String>", extend("examples" = [["192.0.2.7/24"]]))]
    pub addresses: Vec<IpNet>,
    /// Its default gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["192.0.2.1"]]))]
    pub gateways: Vec<IpAddr>,
    /// Its name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "dns_nameservers")]
    #[schemars(extend("x-synonyms" = ["dns_nameservers"], "examples" = [["192.0.2.53"]]))]
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
    #[schemars(extend(
        "x-option" = "--boot-volume",
        "x-options" = {"size": "--boot-volume", "volume_type": "--volume-type"}
    ))]
    pub boot_volume: Option<VolumeSpec>,
    /// A floating IP from this external network, by name or id, or the one of the project's own that has
    /// this address; an empty text leaves the choice to the driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--floating-ip"))]
    pub floating_ip: Option<String>,
    /// An extra disk, in GiB, or text with its unit: `20GiB`.
    #[serde(
        default,
        deserialize_with = "numeric::optional_gib",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "GiB", "x-option" = "--storage-disk"))]
    pub storage_disk: Option<u64>,
    /// Further extra disks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<VolumeSpec>,
    /// The server group by whose policy its host is chosen, by name or id, for drivers that have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "group")]
    #[schemars(extend("x-synonyms" = ["group"]))]
    pub server_group: Option<String>,
    /// Further hints for the choice of its host, as the cloud's scheduler has them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(extend("examples" = [{"different_host": ["6a2385dc-b2eb-4080-a4c5-fce2471e2745"]}]))]
    pub scheduler_hints: Map<String, Value>,
    /// Metadata of the user's own: a name and a text each.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[serde(alias = "meta")]
    #[schemars(extend("x-synonyms" = ["meta"]))]
    pub metadata: Map<String, Value>,
    /// Tags, by which a cloud's servers are found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it is for, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a cloud attaches a config drive; as if true when absent. Without one, the guest must reach
    /// the metadata service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_drive: Option<bool>,
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
    pub firmware: Option<String>,
    /// The pool for its volumes; else the provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "storage_pool")]
    #[schemars(extend("x-synonyms" = ["storage_pool"]))]
    pub pool: Option<String>,
    /// `vnc` (on loopback) or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphics: Option<String>,
    /// The guest's CPU: `host-passthrough`, `host-model`, `maximum` or a model's name; else the provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "cpu_mode")]
    #[schemars(extend("x-synonyms" = ["cpu_mode"]))]
    pub cpu: Option<String>,
    /// The guest's architecture, such as `aarch64`, emulated where it is not the host's own, which it is
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The bus of its disks: `virtio` (the default), `scsi` or `sata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_bus: Option<String>,
    /// Whether its firmware, which is `uefi` then, starts only what is signed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secure_boot: bool,
    /// Whether it has a TPM 2.0, which the host's swtpm emulates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tpm: bool,
    /// Whether it is started together with its host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub autostart: bool,
    /// A `<domain>` of one's own that is laid over libvirt's definition, for what has no member here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["<domain><memoryBacking><hugepages/></memoryBacking></domain>"]))]
    pub domain_xml: Option<String>,
    /// The guest's network as cloud-init's `network-config`, instead of what follows from `networks`; on a
    /// seed of the format `cidata`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub network_config: Map<String, Value>,
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
