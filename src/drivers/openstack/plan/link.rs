//! What an interface is attached to: a network, on a port that is made, or a port that is there.

use crate::drivers::creation::id_in;

/// What an interface is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A network, by id and name.
    Network {
        id: String,
        name: String,
        /// The subnet that an address comes from, by id.
        subnet: Option<String>,
        /// The ids of its security groups; none where the cloud's default applies.
        sec_groups: Option<Vec<String>>,
    },
    /// A port that is there, by its id, and its network's.
    Port { id: String, network: String },
}

impl Link {
    /// Whether it is on the network `text`, by name or id.
    pub(super) fn is_on(&self, text: &str) -> bool {
        let is_called = matches!(self, Self::Network { name, .. } if name == text);
        is_called || self.network() == id_in(text)
    }

    /// The id of its network.
    pub(super) fn network(&self) -> &str {
        match self {
            Self::Network { id, .. } | Self::Port { network: id, .. } => id,
        }
    }
}
