//! Imports that are under way, and how they are told from all else and removed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use virt::error::ErrorNumber;

use crate::drivers::image::mark;
use crate::drivers::image::mark::SECTOR;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::storage::{names, stream, volume};
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
    /// whole, or somebody else's, stays: the name alone says nothing.
    pub(in crate::drivers::libvirt) fn remove(
        &self,
        host: &Host,
        limit: Duration,
    ) -> Result<Removal> {
        let place = (self.pool.as_str(), self.image.as_str());
        let mark = mark::sector(self.id);
        Ok(
            match volume::delete_beginning_with(host, place, limit, &mark)? {
                volume::Deleted::Done => Removal::Gone,
                volume::Deleted::Absent => Removal::Absent,
                volume::Deleted::Another => {
                    Removal::Kept("it is whole, or another's of that name".to_owned())
                }
            },
        )
    }

    /// Removes the marker; answers whether it was there. It stays as long as the image is there and
    /// not whole, for that is hidden by it.
    pub(in crate::drivers::libvirt) fn remove_marker(
        &self,
        host: &Host,
        limit: Duration,
    ) -> Result<bool> {
        if self.is_unfinished(host, limit)? {
            let message = format!("the image {} is not whole and still there", self.image);
            return Err(Error::new(Kind::Conflict, message));
        }
        volume::delete(host, &self.pool, &self.marker(), limit)
    }

    fn is_unfinished(&self, host: &Host, limit: Duration) -> Result<bool> {
        let head = head(host, &self.pool, &self.image, limit)?;
        Ok(head.is_some_and(|head| mark::is_of(self.id, &head)))
    }
}

/// The first sector of the volume `name` of `pool`; none where there is no such volume.
pub(crate) fn head(
    host: &Host,
    pool: &str,
    name: &str,
    limit: Duration,
) -> Result<Option<Vec<u8>>> {
    let (pool, volume) = (pool.to_owned(), name.to_owned());
    let doing = format!("read the first sector of {name}");
    host.call(&doing, limit, move |conn| {
        let Some(found) = volume::find(conn, &pool, &volume)? else {
            return Ok(None);
        };
        match stream::first_bytes(conn, &found, SECTOR as u64) {
            Err(error) if is(&error, ErrorNumber::NoStorageVolume) => Ok(None),
            head => head.map(Some),
        }
    })
}
