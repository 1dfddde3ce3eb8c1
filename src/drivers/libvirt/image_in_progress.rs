//! Imports that are under way, and how they are told from all else and removed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::host::Host;
use super::storage::{names, stream};
use super::volumes::Volume;
use super::{pools, volumes};
use crate::concurrent::both;
use crate::drivers::image::mark::{self, SECTOR};
use crate::transaction::Removal;
use crate::{Error, Kind, Result};

/// An import that is under way, by an id that nothing else has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::drivers::libvirt) struct Import {
    pub(in crate::drivers::libvirt) pool: String,
    /// The name that the image is to have.
    pub(in crate::drivers::libvirt) image: String,
    pub(in crate::drivers::libvirt) id: Uuid,
}

impl Import {
    /// The name of the volume that marks it.
    pub(in crate::drivers::libvirt) fn marker(&self) -> String {
        names::import_marker(self.id, &self.image)
    }

    /// Removes the image as long as it is this import's and not whole. A volume of that name that is
    /// whole, or somebody else's, stays: the name alone says nothing. Where `only_looks`, it is only said
    /// what would become of it.
    pub(in crate::drivers::libvirt) fn remove(
        &self,
        host: &Host,
        only_looks: bool,
    ) -> Result<Removal> {
        let pool = pools::named(host, &self.pool)?;
        // one that the host is still making cannot be read either
        volumes::when_free(|| {
            let Some(volume) = volumes::find(&pool, &self.image)? else {
                return Ok(Removal::Absent);
            };
            match head_of(&volume)? {
                None => Ok(Removal::Absent),
                Some(head) if head == mark::sector(self.id) => {
                    let deleted = only_looks || volume.delete()?;
                    Ok(Removal::of(deleted))
                }
                Some(_) => {
                    let why = "it is whole, or another's of that name";
                    Ok(Removal::Kept(why.to_owned()))
                }
            }
        })
    }

    /// Removes the marker. It stays as long as the image is there and not whole, for that is hidden by
    /// it.
    pub(in crate::drivers::libvirt) fn remove_marker(
        &self,
        host: &Host,
        only_looks: bool,
    ) -> Result<Removal> {
        let pool = pools::named(host, &self.pool)?;
        let (marker, is_unfinished) = both(
            || volumes::find(&pool, &self.marker()),
            || Ok::<_, Error>(!only_looks && self.is_unfinished(host)?),
        );
        if is_unfinished? {
            let message = format!("the image {} is not whole and still there", self.image);
            return Err(Error::new(Kind::Conflict, message));
        }
        let marker = marker?;
        let removed = match marker {
            Some(marker) if !only_looks => marker.delete(),
            marker => Ok(marker.is_some()),
        };
        removed.map(Removal::of)
    }

    fn is_unfinished(&self, host: &Host) -> Result<bool> {
        let head = head(host, &self.pool, &self.image)?;
        Ok(head.is_some_and(|head| mark::is_of(self.id, &head)))
    }
}

/// The first sector of the volume `name` of `pool`; none where there is no such volume.
pub(crate) fn head(host: &Host, pool: &str, name: &str) -> Result<Option<Vec<u8>>> {
    let found = pools::named(host, pool)?;
    volumes::find(&found, name)?.map_or(Ok(None), |volume| head_of(&volume))
}

/// The first sector of `volume`; none where it is gone.
pub(crate) fn head_of(volume: &Volume) -> Result<Option<Vec<u8>>> {
    let doing = format!("read the first sector of {}", volume.name);
    match stream::download(volume, &doing, SECTOR as u64) {
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        head => head.map(Some),
    }
}
