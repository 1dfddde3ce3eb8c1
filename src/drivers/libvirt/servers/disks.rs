//! What a server has besides what was made for it: disks that somebody added, moved, or took snapshots
//! of. They stay, and are named.

use uuid::Uuid;

use crate::concurrent::{both, each};
use crate::drivers::libvirt::host::{Host, at_once};
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::xml::domain_view::{DiskSourceView, DiskView, DomainView};
use crate::drivers::libvirt::xml::record::{Record, RecordedVolume};
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
    /// Those that are there.
    volumes: Vec<volumes::Volume>,
}

impl Own {
    /// Those of the server `uuid`, of which `record` tells.
    pub(super) fn of(host: &Host, uuid: Uuid, record: &Record) -> Result<Self> {
        let own = record.volumes.iter();
        let own: Vec<_> = own.filter(|own| names::is_of(&own.name, uuid)).collect();
        let mut all = Self::default();
        for volume in &own {
            all.places.push(format!("{}/{}", volume.pool, volume.name));
            // it is known to the look at it then
            pools::find(host, &volume.pool)?;
        }
        for (volume, look) in own
            .iter()
            .zip(each(&own, at_once(), |volume| look(host, volume)))
        {
            match look? {
                Some((place, found)) => {
                    all.places.extend(place);
                    all.volumes.extend(found);
                }
                None => all.lost.push(volume.name.clone()),
            }
        }
        Ok(all)
    }

    /// With the path of each that is there, as the host tells it.
    pub(super) fn with_paths(mut self) -> Result<Self> {
        let texts = each(&self.volumes, at_once(), volumes::Volume::xml);
        for (volume, text) in self.volumes.iter().zip(texts) {
            // it may be gone already, and is no other's for that
            let path = text?.and_then(|text| from_xml::<Volume>(&volume.name, &text).ok());
            self.places
                .extend(path.and_then(|volume| volume.target.path));
        }
        Ok(self)
    }

    fn has(&self, source: &DiskSourceView) -> bool {
        let is_lost = |name: &str| self.lost.iter().any(|lost| lost == name);
        source
            .place()
            .is_some_and(|place| self.places.contains(&place))
            || source.base_name().is_some_and(is_lost)
    }
}

/// Where a volume would be by what its pool says, and the volume where it is there; none where its pool is lost,
/// which tells nothing. Its removal says so.
fn look(
    host: &Host,
    volume: &RecordedVolume,
) -> Result<Option<(Option<String>, Option<volumes::Volume>)>> {
    let (name, pool) = (&volume.name, pools::find(host, &volume.pool)?);
    let Some(pool) = pool else { return Ok(None) };
    let (xml, found) = both(|| pool.xml(), || volumes::find(&pool, name));
    let described = from_xml::<Pool>(&volume.pool, &xml?).ok();
    let folder = described.and_then(|pool| pool.target.path);
    let place = folder.map(|folder| format!("{folder}/{name}"));
    Ok(Some((place, found.ok().flatten())))
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
