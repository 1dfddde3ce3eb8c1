//! `<domainsnapshot>`: <https://libvirt.org/formatsnapshot.html>.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::driver;

/// A snapshot to be made, within the disks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename = "domainsnapshot")]
pub(crate) struct NewSnapshot {
    pub(crate) name: String,
}

/// A snapshot, as the host shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct SnapshotView {
    name: String,
    /// What the domain did when it was made.
    state: Option<String>,
    #[serde(rename = "creationTime")]
    created: Option<i64>,
    parent: Option<Parent>,
}

#[derive(Debug, Deserialize)]
struct Parent {
    name: String,
}

impl SnapshotView {
    /// The same as it is answered; `current` says whether the server goes on from it.
    pub(crate) fn shown(self, current: bool) -> driver::Snapshot {
        let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
        let created = self.created.and_then(at);
        driver::Snapshot {
            created: created.and_then(|at| at.format(&Rfc3339).ok()),
            memory: matches!(
                self.state.as_deref(),
                Some("running" | "blocked" | "paused")
            ),
            current,
            parent: self.parent.map(|parent| parent.name),
            ..driver::Snapshot::new(self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::libvirt::xml::from_xml;

    #[test]
    fn a_snapshot_is_told_with_its_time_and_whether_memory_is_in_it() {
        let xml = "<domainsnapshot><name>b</name><state>running</state><parent><name>a</name></parent>\
            <creationTime>1764000000</creationTime><domain type='qemu'><name>web</name></domain></domainsnapshot>";
        let shown = from_xml::<SnapshotView>("it", xml).unwrap().shown(true);
        assert_eq!(shown.created.as_deref(), Some("2025-11-24T16:00:00Z"));
        assert_eq!(
            (shown.memory, shown.current, shown.parent.as_deref()),
            (true, true, Some("a"))
        );
        let off = "<domainsnapshot><name>a</name><state>shutoff</state></domainsnapshot>";
        assert!(
            !from_xml::<SnapshotView>("it", off)
                .unwrap()
                .shown(false)
                .memory
        );
    }
}
