//! What a plan consists of.

use uuid::Uuid;

use super::interfaces::PlannedInterface;
use crate::driver::CloneMode;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::volume::NewVolume;

/// A volume that is to be made.
#[derive(Debug, Clone)]
pub(crate) struct PlannedVolume {
    pub(crate) pool: String,
    pub(crate) name: String,
    /// Bytes that the guest sees.
    pub(crate) capacity: u64,
    pub(crate) xml: NewVolume,
}

/// All that is to be made for a server, but for its keys and what depends on them.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    pub(crate) root: PlannedVolume,
    pub(crate) clone: CloneMode,
    pub(crate) data: Vec<PlannedVolume>,
    pub(crate) seed_pool: String,
    pub(crate) seed_name: String,
    pub(crate) record: Record,
    pub(crate) warnings: Vec<String>,
    pub(crate) interfaces: Vec<PlannedInterface>,
}

impl Plan {
    /// Names of all volumes, in the order in which [`Plan::definition`] wants their paths.
    pub(crate) fn volumes(&self) -> impl Iterator<Item = (&str, &str)> {
        std::iter::once(&self.root)
            .chain(&self.data)
            .map(|volume| (volume.pool.as_str(), volume.name.as_str()))
            .chain(std::iter::once((
                self.seed_pool.as_str(),
                self.seed_name.as_str(),
            )))
    }
}
