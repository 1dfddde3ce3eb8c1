//! Which host something is written down about.

use serde::{Deserialize, Serialize};

/// A host, by what stays the same however it is reached; and how it is reached now, for a host may
/// lose what it is known by, and what was written down before had nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HostId {
    #[serde(rename = "host")]
    identity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl HostId {
    /// A host that is known as `identity`.
    #[must_use]
    pub(crate) fn new(identity: impl Into<String>) -> Self {
        Self {
            identity: identity.into(),
            address: None,
        }
    }

    /// The host as it is reached at `address`, which is enough to know it again.
    #[must_use]
    pub(crate) fn at(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Whether `written` is this host.
    #[must_use]
    pub(crate) fn is(&self, written: &Self) -> bool {
        let address = self.address.as_ref();
        written.identity == self.identity
            || address.is_some_and(|address| written.identity == *address)
            || (address.is_some() && written.address.as_ref() == address)
    }

    /// What stays the same of it.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// The host for people: how it is reached.
    #[must_use]
    pub(crate) fn shown(&self) -> &str {
        self.address.as_ref().unwrap_or(&self.identity)
    }
}
