//! Snapshots of a domain, within its disks.

use virt::domain::Domain as VirtDomain;
use virt::domain_snapshot::DomainSnapshot;
use virt::sys;

use super::Domain;
use crate::Result;
use crate::drivers::libvirt::volumes;
use crate::units::KIB;

impl Domain {
    /// All of them as XML, and of each whether the domain goes on from it.
    pub(crate) fn snapshots(&self) -> Result<Vec<(String, bool)>> {
        self.ask("list the snapshots of", |domain| {
            let all = domain.list_all_snapshots(0)?;
            all.iter()
                .map(|snapshot| Ok((snapshot.xml_desc(0)?, snapshot.is_current(0)?)))
                .collect()
        })
    }

    /// Whether it has any, or is to go on from a saved state of its memory.
    pub(crate) fn has_snapshots(&self) -> Result<bool> {
        self.ask("list the snapshots of", |domain| {
            Ok(domain.num_snapshots(0)? > 0 || domain.has_managed_save(0)?)
        })
    }

    /// Makes the one that `xml` describes. The memory of a guest that runs goes into its disk.
    pub(crate) fn take_snapshot(&self, xml: String) -> Result<()> {
        self.at_length("make a snapshot of", move |domain| {
            domain.create_snapshot_xml(&xml, 0).map(drop)
        })
    }

    /// Puts it back to the snapshot `name`. Another size since then costs it its QEMU, not more.
    pub(crate) fn revert_to(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.at_length("revert", move |domain| {
            let snapshot = VirtDomain::lookup_snapshot_by_name(domain, &name, 0)?;
            snapshot.revert(sys::VIR_DOMAIN_SNAPSHOT_REVERT_FORCE)
        })
    }

    /// Deletes the snapshot `name`; those that were made after it stay.
    pub(crate) fn delete_snapshot(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.at_length("delete a snapshot of", move |domain| {
            VirtDomain::lookup_snapshot_by_name(domain, &name, 0)
                .and_then(|snapshot: DomainSnapshot| snapshot.delete(0))
        })
    }

    /// As [`Domain::ask`], for what may have to move all of its memory.
    fn at_length(
        &self,
        doing: &str,
        f: impl FnOnce(&VirtDomain) -> std::result::Result<(), virt::error::Error> + Send + 'static,
    ) -> Result<()> {
        let memory = self.ask("look at", |domain| domain.info().map(|info| info.max_mem))?;
        let limit = self
            .held
            .host()
            .call_limit()
            .max(volumes::limit(memory * KIB));
        self.held.call(&format!("{doing} {}", self.name), limit, f)
    }
}
