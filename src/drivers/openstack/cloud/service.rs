//! The services that this program asks.

use std::fmt;

/// A service of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum Service {
    /// Keystone: paths begin with `/projects` and the like, below its version.
    Identity,
    /// Nova; requests carry microversion 2.93 where the cloud has it, else its newest.
    Compute,
    /// Glance: paths begin with `/v2/…`.
    Image,
    /// Neutron: paths begin with `/v2.0/…`.
    Network,
    /// Cinder v3.
    Volume,
}

impl Service {
    /// Those that the catalog is asked for.
    pub(super) const OTHERS: [Self; 4] = [Self::Compute, Self::Image, Self::Network, Self::Volume];

    /// Its project's name, which is what people call it.
    pub(in crate::drivers::openstack) fn name(self) -> &'static str {
        match self {
            Self::Identity => "Keystone",
            Self::Compute => "Nova",
            Self::Image => "Glance",
            Self::Network => "Neutron",
            Self::Volume => "Cinder",
        }
    }

    /// Its types in catalogs, the best first.
    pub(super) fn types(self) -> &'static [&'static str] {
        match self {
            Self::Identity => &["identity"],
            Self::Compute => &["compute"],
            Self::Image => &["image"],
            Self::Network => &["network"],
            Self::Volume => &["volumev3", "block-storage", "block-store", "volumev2"],
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Identity => "identity",
            Self::Compute => "compute",
            Self::Image => "image",
            Self::Network => "network",
            Self::Volume => "volume",
        };
        write!(f, "{what} service ({})", self.name())
    }
}
