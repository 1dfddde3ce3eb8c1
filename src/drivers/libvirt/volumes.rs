//! Volumes of a host: found, made, copied and removed. Data into them and out is `storage::stream`.

use std::time::Duration;

use virt::error::ErrorNumber;
use virt::storage_vol::StorageVol;

use super::domains::Domain;
use super::host::errors::found;
use super::host::{Held, Host};
use super::pools::{self, Pool};
use super::storage::stream;
use super::xml::volume::{NewVolume, Volume as View};
use super::xml::{from_xml, to_xml};
use crate::concurrent::{Backoff, Look, wait_until};
use crate::{Error, Kind, Result};

/// How long a volume that is still being written is waited for before its deletion fails.
const BUSY: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(250),
    longest: Duration::from_millis(250),
};

/// A volume that was found.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pool: String,
    pub(crate) name: String,
    held: Held<StorageVol>,
}

/// The volume `name` of `pool`; none where it, or its file, is gone. What is not known is looked for
/// again after a refresh: it may be in the pool's directory and not yet in its list.
pub(crate) fn find(pool: &Pool, name: &str) -> Result<Option<Volume>> {
    let (kept, wanted) = (pool.held.clone(), name.to_owned());
    let doing = format!("look for {name} in pool {}", pool.name);
    let held = kept.hold(&doing, move |pool| {
        let look = || {
            found(
                pool.lookup_storage_vol_by_name(&wanted),
                ErrorNumber::NoStorageVolume,
            )
        };
        if let Some(volume) = look()? {
            return Ok(Some(volume));
        }
        // a pool that is busy refuses, and what it knows is still right
        let _ = pool.refresh(0);
        look()
    })?;
    Ok(held.map(|held| Volume {
        pool: pool.name.clone(),
        name: name.to_owned(),
        held,
    }))
}

/// What libvirt says of the volume `name` of `pool`; none where there is none.
pub(crate) fn describe(pool: &Pool, name: &str) -> Result<Option<String>> {
    find(pool, name)?.map_or(Ok(None), |volume| volume.xml())
}

/// Makes `volume` in `pool`; answers its path.
pub(crate) fn create(
    host: &Host,
    pool: &str,
    volume: &NewVolume,
    limit: Duration,
) -> Result<String> {
    let xml = to_xml(volume)?;
    let found = pools::named(host, pool)?;
    let doing = format!("make a volume in pool {pool}");
    found.held.call(&doing, limit, move |pool| {
        StorageVol::create_xml(pool, &xml, 0)?.path()
    })
}

/// Makes `volume` in `pool` as a copy of the image `image` of `image_pool`, by the host itself, and
/// sees that it has `capacity` bytes. `size` is what has to be copied.
pub(crate) fn copy(
    host: &Host,
    pool: &str,
    volume: &NewVolume,
    (image_pool, image): (&str, &str),
    (size, capacity): (u64, u64),
) -> Result<String> {
    let xml = to_xml(volume)?;
    let doing = format!("copy the image {image} into pool {pool}");
    let (image_pool, image) = (image_pool.to_owned(), image.to_owned());
    let pool = pool.to_owned();
    host.call(&doing, stream::limit(size), move |conn| {
        let source = conn
            .lookup_storage_pool_by_name(&image_pool)?
            .lookup_storage_vol_by_name(&image)?;
        let pool = conn.lookup_storage_pool_by_name(&pool)?;
        let copy = StorageVol::create_xml_from(&pool, &xml, &source, 0)?;
        if copy.info()?.capacity < capacity {
            copy.resize(capacity, 0)?;
        }
        copy.path()
    })
}

impl Volume {
    /// What libvirt says of it; none where it is gone.
    pub(crate) fn xml(&self) -> Result<Option<String>> {
        self.held.ask(&format!("look at {}", self.name), |volume| {
            found(volume.xml_desc(0), ErrorNumber::NoStorageVolume)
        })
    }

    /// Gives it `capacity` bytes, which are more than it has.
    pub(crate) fn grow(&self, capacity: u64) -> Result<()> {
        let doing = format!("enlarge the volume {} of pool {}", self.name, self.pool);
        self.held
            .ask(&doing, move |volume| volume.resize(capacity, 0))
    }

    /// The same while the guest `domain` has it as `target`.
    pub(crate) fn grow_in_use(&self, domain: &Domain, target: &str, capacity: u64) -> Result<()> {
        let view = self.xml()?.map(|text| from_xml::<View>(&self.name, &text));
        if view.transpose()?.is_some_and(|view| view.is_device()) {
            self.grow(capacity)?; // QEMU does not enlarge a device
        }
        domain.grow_disk(target, capacity)
    }

    /// Removes it; answers whether it was there. One that the host is still writing (a copy whose
    /// creation was given up) is waited for.
    pub(crate) fn delete(&self) -> Result<bool> {
        let doing = format!("delete the volume {} of pool {}", self.name, self.pool);
        when_free(|| {
            self.held.ask(&doing, |volume| {
                found(volume.delete(0), ErrorNumber::NoStorageVolume).map(|gone| gone.is_some())
            })
        })
    }
}

/// Does `f`, again where the host is still writing the volume that it is about.
pub(crate) fn when_free<T>(mut f: impl FnMut() -> Result<T>) -> Result<T> {
    // not to be interrupted: it is how things are undone
    let seen = wait_until(None, BUSY, LOOK_AGAIN, "a volume", |_| match f() {
        Err(error) if is_busy(&error) => Ok(Look::NotYet(error)),
        done => done.map(Look::There),
    })?;
    match seen {
        Look::There(done) => Ok(done),
        Look::NotYet(error) => {
            let message = format!("{}; try again later", error.message());
            Err(error.with_message(message))
        }
    }
}

/// libvirt says it in words only: `volume '…' is still in use.`, `… is still being allocated`.
fn is_busy(error: &Error) -> bool {
    let says = |words: &str| error.message().contains(words);
    error.kind() == Kind::Conflict && (says("still in use") || says("still being allocated"))
}
