//! What a creation makes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::image_in_progress::Import;
use super::xml::record::Reservation;
use crate::drivers::minion::MinionKey;
use crate::transaction::Resource;

/// Something that a creation makes. Each carries what tells it from everything else of that name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub(super) enum Artifact {
    /// A volume; its name holds digits of the server's UUID.
    Volume { pool: String, volume: String },
    /// A volume of the server `server`, which itself stays: it goes unless it is a disk of that.
    Spare {
        server: Uuid,
        pool: String,
        volume: String,
    },
    /// An address that a network of the host keeps for a card, by that card's own.
    Reservation(Reservation),
    /// A key accepted on the master.
    MinionKey(MinionKey),
    /// A domain, with its UEFI variables.
    Domain { uuid: Uuid, server: String },
    /// What is in a pool while an image is imported; its name holds the import's id.
    ImportMarker(Import),
    /// An image that is being imported; until it is whole it begins with a mark that holds the id.
    Import(Import),
}

impl From<MinionKey> for Artifact {
    fn from(key: MinionKey) -> Self {
        Self::MinionKey(key)
    }
}

impl Resource for Artifact {
    fn kind(&self) -> &'static str {
        match self {
            Self::Volume { .. } | Self::Spare { .. } => "volume",
            Self::Reservation(_) => "reservation",
            Self::MinionKey(_) => "minion_key",
            Self::Domain { .. } => "domain",
            Self::ImportMarker(_) => "import_marker",
            Self::Import(_) => "image",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Volume { pool, volume } | Self::Spare { pool, volume, .. } => {
                format!("{pool}/{volume}")
            }
            Self::Reservation(kept) => format!("{}/{}", kept.network, kept.ip),
            Self::MinionKey(key) => key.place(),
            Self::Domain { server, .. } => server.clone(),
            Self::ImportMarker(import) => format!("{}/{}", import.pool, import.marker()),
            Self::Import(import) => format!("{}/{}", import.pool, import.image),
        }
    }
}
