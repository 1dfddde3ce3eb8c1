//! What a server has besides what was made for it: disks that somebody added, moved, or took snapshots
//! of. They stay, and are named.

use uuid::Uuid;

use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::xml::domain_view::{DiskSourceView, DiskView, DomainView};
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::{from_xml, pool::Pool, volume::Volume};
use crate::drivers::libvirt::{pools, volumes};
use crate::{LeftBehind, Result};

/// Where a server's own volumes are, or were.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// By path, and by pool and name.
    places: Vec<String>,
    /// The names of those whose pools the host does not know any more.
    lost: Vec<String>,
}

impl Own {
    /// Those of the server `uuid`, of which `record` tells.
    pub(super) fn of(host: &Host, uuid: Uuid, record: &Record) -> Result<Self> {
        let mut all = Self::default();
        let own = |name: &str| names::is_of(name, uuid);
        for volume in record.volumes.iter().filter(|volume| own(&volume.name)) {
            let name = &volume.name;
            all.places.push(format!("{}/{name}", volume.pool));
            // one whose pool is lost tells nothing; its removal says so
            let Some(pool) = pools::find(host, &volume.pool)? else {
                all.lost.push(name.clone());
                continue;
            };
            // the volume may be gone already, and is no other's for that
            let described = from_xml::<Pool>(&volume.pool, &pool.describe()?.xml).ok();
            let folder = described.and_then(|pool| pool.target.path);
            all.places
                .extend(folder.map(|folder| format!("{folder}/{name}")));
            let found = volumes::find(&pool, name).ok().flatten();
            let text = found.map_or(Ok(None), |found| found.xml())?;
            let path = text.and_then(|text| from_xml::<Volume>(name, &text).ok()?.target.path);
            all.places.extend(path);
        }
        Ok(all)
    }

    fn has(&self, source: &DiskSourceView) -> bool {
        let is_lost = |name: &str| self.lost.iter().any(|lost| lost == name);
        source
            .place()
            .is_some_and(|place| self.places.contains(&place))
            || source.base_name().is_some_and(is_lost)
    }
}

/// The disks in `definitions` of the server `name` that are not its `own`, and `why` they stay.
pub(super) fn others(definitions: &[DomainView], own: &Own, why: &str) -> Vec<LeftBehind> {
    let mut all: Vec<LeftBehind> = Vec::new();
    let disks = definitions.iter().flat_map(|view| &view.devices.disk);
    for place in disks.flat_map(|disk| others_of(disk, own)) {
        if all.iter().all(|left| left.name != place) {
            all.push(LeftBehind {
                resource: "disk".to_owned(),
                name: place,
                reason: why.to_owned(),
            });
        }
    }
    all
}

/// What of a disk lies over the server's own volume. Where there is none of its own in it, the disk as a
/// whole; what that is an overlay of may be anybody's.
fn others_of(disk: &DiskView, own: &Own) -> Vec<String> {
    let chain = disk.chain();
    let over = chain
        .iter()
        .position(|source| own.has(source))
        .unwrap_or(1)
        .min(chain.len());
    // what lies in a drive is a medium, not the server's
    let is_medium = matches!(disk.device.as_deref(), Some("cdrom" | "floppy"));
    chain[..over]
        .iter()
        .filter(|source| !is_medium || source.base_name().is_some_and(names::is_ours))
        .filter_map(|source| source.place())
        .collect()
}

#[cfg(test)]
mod tests;
