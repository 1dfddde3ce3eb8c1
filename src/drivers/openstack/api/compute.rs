//! Nova's answers.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

use super::lenient;

/// A server, by `/servers/detail` or `/servers/ID`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Server {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
    /// `ACTIVE`, `BUILD` …
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) status: String,
    /// What it is being put through, such as `powering-off`.
    #[serde(
        rename = "OS-EXT-STS:task_state",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) task_state: Option<String>,
    #[serde(
        rename = "OS-EXT-STS:power_state",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) power_state: Option<u64>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) flavor: FlavorOfServer,
    /// None where it was started from a volume: Nova writes `""` then.
    #[serde(default, deserialize_with = "reference")]
    pub(crate) image: Option<String>,
    /// By the network's name.
    #[serde(default, deserialize_with = "lenient::arrays")]
    pub(crate) addresses: IndexMap<String, Vec<Address>>,
    #[serde(default, deserialize_with = "lenient::members")]
    pub(crate) metadata: IndexMap<String, String>,
    #[serde(
        rename = "os-extended-volumes:volumes_attached",
        default,
        deserialize_with = "lenient::items"
    )]
    pub(crate) volumes: Vec<AttachedVolume>,
    /// When Nova took it up, to the second.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) created: String,
    /// Whether its owner has locked it.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) locked: bool,
    /// Why it is in `ERROR`.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) fault: Option<Fault>,
}

/// The flavour of a server: since microversion 2.47 what it was when the server was made, before that
/// an id.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct FlavorOfServer {
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) original_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) vcpus: u64,
    /// MiB.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) ram: u64,
    /// GiB of the root disk.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) disk: u64,
    /// GiB of a second disk.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) ephemeral: u64,
}

/// An address of a server.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Address {
    pub(crate) addr: String,
    /// `fixed` or `floating`.
    #[serde(
        rename = "OS-EXT-IPS:type",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) kind: Option<String>,
    #[serde(
        rename = "OS-EXT-IPS-MAC:mac_addr",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) mac: Option<String>,
}

/// A volume that is attached to a server.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AttachedVolume {
    pub(crate) id: String,
}

/// What went wrong with a server.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fault {
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) code: u16,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) message: String,
}

/// The answer that holds one server.
#[derive(Debug, Deserialize)]
pub(crate) struct OneServer {
    pub(crate) server: Server,
}

/// A flavour, by `/flavors/detail`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Flavor {
    pub(crate) id: String,
    /// Empty where the cloud tells none.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) vcpus: u64,
    /// MiB.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) ram: u64,
    /// GiB; 0 where the root disk is as large as the image.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) disk: u64,
    #[serde(
        rename = "OS-FLV-EXT-DATA:ephemeral",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) ephemeral: u64,
    #[serde(
        rename = "OS-FLV-DISABLED:disabled",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) disabled: bool,
}

/// `/limits`.
#[derive(Debug, Deserialize)]
pub(crate) struct LimitsAnswer {
    pub(crate) limits: Limits,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Limits {
    pub(crate) absolute: AbsoluteLimits,
}

/// What the project may use and does; −1 is without limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AbsoluteLimits {
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) max_total_cores: Option<i64>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) total_cores_used: i64,
    /// MiB.
    #[serde(rename = "maxTotalRAMSize", deserialize_with = "lenient::value")]
    pub(crate) max_total_ram: Option<i64>,
    #[serde(rename = "totalRAMUsed", deserialize_with = "lenient::value")]
    pub(crate) total_ram_used: i64,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) max_total_instances: Option<i64>,
}

/// An element of `/os-keypairs`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KeyPairElement {
    pub(crate) keypair: KeyPair,
}

/// An SSH key that Nova keeps for a user.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KeyPair {
    pub(crate) name: String,
}

/// Servers whose hosts are chosen together, an element of `/os-server-groups`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ServerGroup {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
}

/// An availability zone, of Nova's or of Cinder's.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Zone {
    #[serde(rename = "zoneName")]
    pub(crate) name: String,
    #[serde(rename = "zoneState", default, deserialize_with = "lenient::value")]
    pub(crate) state: ZoneState,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ZoneState {
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) available: bool,
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
