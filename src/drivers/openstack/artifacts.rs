//! What a creation makes: its artifacts, as they are written down before they are made.
//!
//! The cloud gives an id only in its answer, which may get lost. So everything that is made carries a
//! name (a description, metadata) that nothing else has and that is written down before; whatever has
//! no id in the journal is found by exactly that, and then removed by its id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::creation_of;
use crate::drivers::minion::MinionKey;
use crate::transaction::Resource;

/// Something that a creation makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub(super) enum Artifact {
    /// An SSH key in Nova, which knows it by its name alone.
    KeyPair { name: String },
    /// A port.
    Port(Marked),
    /// A floating IP; its description is its name.
    FloatingIp(Marked),
    /// That a floating IP which was there already leads to a port; ids.
    Association {
        address: String,
        floating_ip: String,
        port: String,
    },
    /// A volume.
    Volume(Marked),
    /// An image, with an id that this program chose, and a mark until it is whole.
    Image { name: String, id: Uuid },
    /// A key accepted on the master.
    MinionKey(MinionKey),
    /// A server, with the creation's id in its metadata.
    Server {
        name: String,
        creation: Uuid,
        id: Option<String>,
    },
}

/// Something with a name that nothing else has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marked {
    pub(super) name: String,
    /// Where it is known already.
    pub(super) id: Option<String>,
}

impl Marked {
    /// Something that is about to be made.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: None,
        }
    }

    /// Something that is there, and called `name`.
    pub(super) fn known(name: &str, id: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: Some(id.to_owned()),
        }
    }

    fn shown(&self) -> String {
        match &self.id {
            // version 0.1.0 wrote down the id alone
            Some(id) if *id != self.name => format!("{} ({id})", self.name),
            _ => self.name.clone(),
        }
    }
}

impl Artifact {
    /// Whether what stands for it in the cloud was known when it was written down.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Port(marked) | Self::FloatingIp(marked) | Self::Volume(marked) => {
                marked.id.is_some()
            }
            Self::Server { id, .. } => id.is_some(),
            Self::MinionKey(_) | Self::Association { .. } => true,
            Self::KeyPair { .. } | Self::Image { .. } => false,
        }
    }

    /// Whether it goes with its server where the cloud itself removes that.
    pub(super) fn goes_with_server(&self) -> bool {
        matches!(
            self,
            Self::Server { .. }
                | Self::Port(_)
                | Self::FloatingIp(_)
                | Self::Association { .. }
                | Self::Volume(_)
        )
    }

    /// The creation that it says it is of.
    pub(super) fn creation(&self) -> Option<Uuid> {
        match self {
            Self::Server { creation, .. } => Some(*creation),
            Self::KeyPair { name } => creation_of(name),
            Self::Port(marked) | Self::FloatingIp(marked) | Self::Volume(marked) => {
                creation_of(&marked.name)
            }
            Self::MinionKey(key) => key.server.as_ref().map(|server| server.uuid),
            Self::Image { .. } | Self::Association { .. } => None,
        }
    }
}

impl From<MinionKey> for Artifact {
    fn from(key: MinionKey) -> Self {
        Self::MinionKey(key)
    }
}

impl Resource for Artifact {
    fn kind(&self) -> &'static str {
        match self {
            Self::KeyPair { .. } => "key_pair",
            Self::Port(_) => "port",
            Self::FloatingIp(_) => "floating_ip",
            Self::Association { .. } => "association",
            Self::Volume(_) => "volume",
            Self::Image { .. } => "image",
            Self::MinionKey(_) => "minion_key",
            Self::Server { .. } => "server",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::KeyPair { name } | Self::Server { name, .. } => name.clone(),
            Self::Image { name, id } => format!("{name} ({id})"),
            Self::Association { address, port, .. } => format!("{address} to the port {port}"),
            Self::Port(marked) | Self::FloatingIp(marked) | Self::Volume(marked) => marked.shown(),
            Self::MinionKey(key) => key.place(),
        }
    }
}
