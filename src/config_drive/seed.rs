//! What a guest is told.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Secret;

/// Everything that a config drive says to its guest.
///
/// Errors about it name members by JSON pointers that start here, such as `/hostname`.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Whose layout the drive has.
    #[serde(default)]
    pub format: Format,
    /// The server's UUID: what its firmware says, too.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub uuid: Uuid,
    /// By which cloud-init knows whether it has set up this server already: a new one makes it do
    /// everything again. The UUID unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// The guest's name: a label, or a full domain name.
    pub hostname: String,
    /// Its full domain name; the first label is `hostname`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fqdn: Option<String>,
    /// Public keys, as in `authorized_keys` but without options, that may log in as the image's
    /// user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh_keys: Vec<String>,
    /// The Salt minion to be set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minion: Option<SeedMinion>,
    /// The guest's network cards. They need saying only where DHCP on the first card, which a guest
    /// does by itself, is not what is wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    /// The guest's network as cloud-init's `network-config` itself, on a drive of the format `cidata`;
    /// instead of `interfaces`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub network_config: Map<String, Value>,
    /// The user's own user-data, in any of cloud-init's formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<Secret>,
    /// `meta` of the metadata: the user's own names and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
}

/// The layout of a config drive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// `OpenStack`'s.
    #[default]
    #[serde(rename = "config-2")]
    Config2,
    /// cloud-init's `NoCloud`.
    #[serde(rename = "cidata")]
    Cidata,
}

impl Format {
    /// The volume's label, by which the guest finds the drive.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Config2 => "config-2",
            Self::Cidata => "cidata",
        }
    }
}

/// The guest's Salt minion.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedMinion {
    /// Its id on the master.
    pub id: String,
    /// `/etc/salt/minion`, whole; `id` is put in. The caller says `master` and, so that the guest
    /// trusts no other, `master_finger`.
    #[serde(default)]
    pub conf: Map<String, Value>,
    /// `/etc/salt/grains`, whole.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub grains: Map<String, Value>,
    /// Its public key: PEM, `BEGIN PUBLIC KEY`.
    pub public_key: String,
    /// Its private key: PEM, `BEGIN RSA PRIVATE KEY` or `BEGIN PRIVATE KEY`, not encrypted.
    pub private_key: Secret,
    /// The master's public key, PEM, which the minion then trusts from the start and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,
    /// The public key, PEM, by which its masters sign theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_key: Option<String>,
    /// The package that cloud-init installs, or finds installed: `salt-minion` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pkg_name: Option<String>,
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// What the guest calls it: at most 15 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its hardware address, by which the guest finds it: `52:54:00:12:34:56`.
    pub mac: String,
    /// The largest packet, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u32>,
    /// Whether it asks for its (IPv4) address. Not beside `addresses`.
    #[serde(default)]
    pub dhcp: bool,
    /// Its addresses with the length of their prefix: `192.0.2.7/24`, `2001:db8::7/64`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub addresses: Vec<IpNet>,
    /// Default gateways: one of each family in the whole guest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<IpAddr>,
    /// Routes besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<IpAddr>,
}

/// A static route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The network that it leads to, as CIDR.
    #[schemars(with = "String", extend("examples" = ["198.51.100.0/24"]))]
    pub to: IpNet,
    /// The gateway, in one network with the card.
    #[schemars(extend("examples" = ["192.0.2.254"]))]
    pub via: IpAddr,
}

impl Seed {
    /// A seed that says who the guest is, and nothing else yet.
    #[must_use]
    pub fn new(uuid: Uuid, hostname: impl Into<String>) -> Self {
        Self {
            format: Format::default(),
            uuid,
            instance_id: None,
            hostname: hostname.into(),
            fqdn: None,
            ssh_keys: Vec::new(),
            minion: None,
            interfaces: Vec::new(),
            network_config: Map::new(),
            user_data: None,
            meta: BTreeMap::new(),
        }
    }

    /// The instance id in force.
    pub(super) fn instance_id(&self) -> String {
        match &self.instance_id {
            Some(id) => id.clone(),
            None => self.uuid.to_string(),
        }
    }

    /// What cloud-init takes both names from: it splits it at the first dot.
    pub(super) fn full_name(&self) -> &str {
        self.fqdn.as_deref().unwrap_or(&self.hostname)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("format", &self.format)
            .field("uuid", &self.uuid)
            .field("instance_id", &self.instance_id)
            .field("hostname", &self.hostname)
            .field("fqdn", &self.fqdn)
            .field("ssh_keys", &self.ssh_keys)
            .field("minion", &self.minion)
            .field("interfaces", &self.interfaces)
            .field("network_config", &Names(self.network_config.keys()))
            .field("user_data", &self.user_data)
            .field("meta", &Names(self.meta.keys()))
            .finish()
    }
}

/// Shows of `conf`, `grains` and `meta` the names only: people keep passwords there.
impl fmt::Debug for SeedMinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedMinion")
            .field("id", &self.id)
            .field("conf", &Names(self.conf.keys()))
            .field("grains", &Names(self.grains.keys()))
            .field("public_key", &self.public_key)
            .field("private_key", &self.private_key)
            .field("master_key", &self.master_key)
            .field("sign_key", &self.sign_key)
            .field("pkg_name", &self.pkg_name)
            .finish()
    }
}

struct Names<I>(I);

impl<I: Iterator<Item: fmt::Debug> + Clone> fmt::Debug for Names<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.clone()).finish()
    }
}
