//! Nova's answers.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

/// A server, by `/servers/detail` or `/servers/ID`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Server {
    pub(in crate::drivers::openstack) id: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) name: String,
    /// `ACTIVE`, `BUILD` …
    #[serde(default)]
    pub(in crate::drivers::openstack) status: String,
    /// What it is being put through, such as `powering-off`.
    #[serde(rename = "OS-EXT-STS:task_state", default)]
    pub(in crate::drivers::openstack) task_state: Option<String>,
    #[serde(rename = "OS-EXT-STS:power_state", default)]
    pub(in crate::drivers::openstack) power_state: Option<u64>,
    #[serde(default)]
    pub(in crate::drivers::openstack) flavor: FlavorOfServer,
    /// None where it was started from a volume: Nova writes `""` then.
    #[serde(default, deserialize_with = "reference")]
    pub(in crate::drivers::openstack) image: Option<String>,
    /// By the network's name.
    #[serde(default)]
    pub(in crate::drivers::openstack) addresses: IndexMap<String, Vec<Address>>,
    #[serde(default)]
    pub(in crate::drivers::openstack) metadata: IndexMap<String, String>,
    #[serde(rename = "os-extended-volumes:volumes_attached", default)]
    pub(in crate::drivers::openstack) volumes: Vec<AttachedVolume>,
    /// Why it is in `ERROR`.
    #[serde(default)]
    pub(in crate::drivers::openstack) fault: Option<Fault>,
}

/// The flavour of a server: since microversion 2.47 what it was when the server was made, before that
/// an id.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::drivers::openstack) struct FlavorOfServer {
    #[serde(default)]
    pub(in crate::drivers::openstack) id: Option<String>,
    #[serde(default)]
    pub(in crate::drivers::openstack) original_name: Option<String>,
    #[serde(default)]
    pub(in crate::drivers::openstack) vcpus: u64,
    /// MiB.
    #[serde(default)]
    pub(in crate::drivers::openstack) ram: u64,
    /// GiB of the root disk.
    #[serde(default)]
    pub(in crate::drivers::openstack) disk: u64,
    /// GiB of a second disk.
    #[serde(default)]
    pub(in crate::drivers::openstack) ephemeral: u64,
}

/// An address of a server.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Address {
    pub(in crate::drivers::openstack) addr: String,
    /// `fixed` or `floating`.
    #[serde(rename = "OS-EXT-IPS:type", default)]
    pub(in crate::drivers::openstack) kind: Option<String>,
    #[serde(rename = "OS-EXT-IPS-MAC:mac_addr", default)]
    pub(in crate::drivers::openstack) mac: Option<String>,
}

/// A volume that is attached to a server.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct AttachedVolume {
    pub(in crate::drivers::openstack) id: String,
}

/// What went wrong with a server.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Fault {
    #[serde(default)]
    pub(in crate::drivers::openstack) message: String,
}

/// The answer that holds one server.
#[derive(Debug, Deserialize)]
pub(in crate::drivers::openstack) struct OneServer {
    pub(in crate::drivers::openstack) server: Server,
}

/// A flavour, by `/flavors/detail`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Flavor {
    pub(in crate::drivers::openstack) id: String,
    pub(in crate::drivers::openstack) name: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) vcpus: u64,
    /// MiB.
    #[serde(default)]
    pub(in crate::drivers::openstack) ram: u64,
    /// GiB; 0 where the root disk is as large as the image.
    #[serde(default)]
    pub(in crate::drivers::openstack) disk: u64,
    #[serde(rename = "OS-FLV-EXT-DATA:ephemeral", default)]
    pub(in crate::drivers::openstack) ephemeral: u64,
    #[serde(rename = "OS-FLV-DISABLED:disabled", default)]
    pub(in crate::drivers::openstack) disabled: bool,
}

/// `/limits`.
#[derive(Debug, Deserialize)]
pub(in crate::drivers::openstack) struct LimitsAnswer {
    pub(in crate::drivers::openstack) limits: Limits,
}

#[derive(Debug, Deserialize)]
pub(in crate::drivers::openstack) struct Limits {
    pub(in crate::drivers::openstack) absolute: AbsoluteLimits,
}

/// What the project may use and does; −1 is without limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::drivers::openstack) struct AbsoluteLimits {
    pub(in crate::drivers::openstack) max_total_cores: Option<i64>,
    pub(in crate::drivers::openstack) total_cores_used: i64,
    /// MiB.
    #[serde(rename = "maxTotalRAMSize")]
    pub(in crate::drivers::openstack) max_total_ram: Option<i64>,
    #[serde(rename = "totalRAMUsed")]
    pub(in crate::drivers::openstack) total_ram_used: i64,
}

/// An element of `/os-keypairs`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct KeyPairElement {
    pub(in crate::drivers::openstack) keypair: KeyPair,
}

/// An SSH key that Nova keeps for a user.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct KeyPair {
    pub(in crate::drivers::openstack) name: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) public_key: String,
}

/// An availability zone.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Zone {
    #[serde(rename = "zoneName")]
    pub(in crate::drivers::openstack) name: String,
    #[serde(rename = "zoneState", default)]
    pub(in crate::drivers::openstack) state: ZoneState,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::drivers::openstack) struct ZoneState {
    #[serde(default)]
    pub(in crate::drivers::openstack) available: bool,
}

/// The `id` of what Nova refers to, where it refers to anything.
fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Reference {
        To { id: String },
        Nothing(serde::de::IgnoredAny),
    }
    Ok(match Reference::deserialize(deserializer)? {
        Reference::To { id } => Some(id),
        Reference::Nothing(_) => None,
    })
}
