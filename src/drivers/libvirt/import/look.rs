//! What a pool says of an image that is to be there, or is.

use crate::driver::Image;
use crate::drivers::image::Opened;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::image_in_progress::Import;
use crate::drivers::libvirt::inventory::image_of;
use crate::drivers::libvirt::xml::{from_xml, pool::Pool as PoolXml, volume::Volume};
use crate::drivers::libvirt::{pools, volumes};
use crate::units::MIB;
use crate::{Error, Kind, Result};

/// The pool that an image is brought to.
pub(super) struct Place {
    pub(super) pool: String,
    view: PoolXml,
    /// Bytes that are free.
    pub(super) room: u64,
}

impl Place {
    /// What `pool` is, as of when it was last looked through.
    pub(super) fn of(host: &Host, pool: &str) -> Result<Self> {
        let seen = pools::named(host, pool)?.describe()?;
        let view: PoolXml = from_xml(&format!("pool {pool}"), &seen.xml)?;
        Ok(Self {
            pool: pool.to_owned(),
            room: seen.available,
            view,
        })
    }

    /// Whether it holds files.
    fn files(&self) -> bool {
        self.view.holds_files()
    }

    /// Whether `opened` takes room there as it comes. A qcow2 without holes is given all of it at once, where that
    /// is a disk of the host's own: what libvirt believes to be free may be old, and the daemon of libvirt 11.3
    /// does not live through an upload that meets a full disk.
    pub(super) fn sparse(&self, opened: &Opened) -> bool {
        let is_dense = opened.format == "qcow2" && opened.allocated >= opened.size;
        self.files() && (self.view.is_shared() || !is_dense)
    }

    /// Sees that the image `name`, which is `opened`, can be there.
    pub(super) fn check(&self, name: &str, opened: &Opened) -> Result<()> {
        let pool = &self.pool;
        let unsupported =
            |message: String| Error::new(Kind::Unsupported, message).with_field("/image/pool");
        let refuse = |why: &str| Err(unsupported(format!("pool {pool} {why}")));
        if !self.view.makes_volumes() {
            return Err(unsupported(self.view.makes_no_volumes()));
        }
        if !self.view.takes_data() {
            return refuse(
                "takes no data by way of libvirt; bring the image with the cluster's own tools (qemu-img \
                 convert -O raw FILE rbd:POOL/NAME)",
            );
        }
        if !self.files() && opened.format == "qcow2" {
            return refuse(
                "does not hold files, so its images are raw; convert it (qemu-img convert -O raw FILE \
                 NEW.raw) or name a pool that holds files",
            );
        }
        let needed = if self.files() {
            opened.allocated
        } else {
            opened.size
        };
        if needed > self.room {
            return Err(no_room(pool, name, needed));
        }
        Ok(())
    }
}

/// Sees that all of `name` is stored, of which `sent` bytes are no holes: libvirt may lose the error of a disk
/// that became full at the end of an upload. A volume may hold less than its size where the file system
/// compresses, but not for want of room. Answers what it takes.
pub(super) fn check_stored(
    host: &Host,
    import: &Import,
    volume: &volumes::Volume,
    sent: u64,
) -> Result<u64> {
    let (pool, name) = (&import.pool, &import.image);
    let text = volume.xml()?;
    let stored = text.map(|text| image_of(pool, &text)).transpose()?;
    let stored = stored.and_then(|(image, _)| image.size).unwrap_or(0);
    let missing = sent.saturating_sub(stored);
    if missing > 0 {
        let pool = pools::named(host, pool)?;
        // What others have written shows only after this.
        pool.refresh()?;
        if missing > pool.describe()?.available {
            return Err(no_room(&pool.name, name, sent));
        }
    }
    Ok(stored)
}

fn no_room(pool: &str, name: &str, size: u64) -> Error {
    let message = format!(
        "pool {pool} has no room for {name}, which takes {} MiB; make room or name another pool",
        size.div_ceil(MIB)
    );
    Error::new(Kind::QuotaExceeded, message).with_field("/image/pool")
}

/// A volume, as what it is and as an image.
pub(super) struct StoredVolume {
    pub(super) volume: volumes::Volume,
    pub(super) image: Image,
    pub(super) view: Volume,
}

/// The volume `name` of `pool`. Where there is none, the pool was looked through just now.
pub(super) fn stored_volume(host: &Host, pool: &str, name: &str) -> Result<Option<StoredVolume>> {
    let found = pools::named(host, pool).map_err(|error| match error.kind() {
        Kind::NotFound => error.with_field("/image/pool"),
        _ => error,
    })?;
    let Some(volume) = volumes::find(&found, name)? else {
        return Ok(None);
    };
    let Some(text) = volume.xml()? else {
        return Ok(None);
    };
    let (image, view) = image_of(pool, &text)?;
    Ok(Some(StoredVolume {
        volume,
        image,
        view,
    }))
}
