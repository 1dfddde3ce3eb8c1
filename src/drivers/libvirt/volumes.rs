//! Volumes of a host: found, made, copied and removed. Data into them and out is `storage::stream`.

use std::time::Duration;

use virt::error::ErrorNumber;
use virt::storage_vol::StorageVol;
use virt::sys;

use super::host::errors::{found, from_virt};
use super::host::{Held, at_once};
use super::pools::Pool;
use super::xml::{to_xml, volume::NewVolume};
use crate::concurrent::{Backoff, Look, each, wait_until};
use crate::units::MIB;
use crate::{Error, Kind, Result};

/// How long a volume that is still being written is waited for before its deletion fails.
const BUSY: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(250),
    longest: Duration::from_millis(250),
};

/// The slowest transfer that is still waited for, in bytes a second.
const SLOWEST: u64 = MIB;

/// A volume that was found.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pool: String,
    pub(crate) name: String,
    pub(super) held: Held<StorageVol>,
}

/// How long a transfer of `size` bytes may take.
pub(crate) fn limit(size: u64) -> Duration {
    Duration::from_secs(60 + size / SLOWEST)
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
    Ok(held.map(|held| Volume::new(pool, name, held)))
}

/// All volumes of `pool`, by one question.
pub(crate) fn all(pool: &Pool) -> Result<Vec<Volume>> {
    let doing = format!("list the volumes of pool {}", pool.name);
    let held = pool
        .held
        .hold_all(&doing, |pool| pool.list_all_volumes(0))?;
    let all = held.into_iter().map(|held| {
        // it is known without a question
        let name = held.object().name();
        let name = name.map_err(|error| from_virt(&doing, &error))?;
        Ok(Volume::new(pool, &name, held))
    });
    all.collect()
}

/// What libvirt says of each of `volumes`, side by side. One may have been deleted by someone else in the meantime.
pub(crate) fn texts(volumes: &[Volume]) -> Result<Vec<String>> {
    let texts = each(volumes, at_once(), Volume::xml);
    let texts: Vec<Option<String>> = texts.into_iter().collect::<Result<_>>()?;
    Ok(texts.into_iter().flatten().collect())
}

/// Makes `volume` in `pool`.
pub(crate) fn create(pool: &Pool, volume: &NewVolume, limit: Duration) -> Result<Volume> {
    let xml = to_xml(volume)?;
    let doing = format!("make a volume in pool {}", pool.name);
    let made = pool.held.make(&doing, limit, move |pool| {
        StorageVol::create_xml(pool, &xml, 0)
    })?;
    Ok(Volume::new(pool, volume.name(), made))
}

/// Makes `volume` in `pool` as a copy of `image`, by the host itself, and sees that it has `capacity` bytes.
/// `size` is what has to be copied.
pub(crate) fn copy(
    pool: &Pool,
    volume: &NewVolume,
    image: &Volume,
    (size, capacity): (u64, u64),
) -> Result<Volume> {
    let xml = to_xml(volume)?;
    let doing = format!("copy the image {} into pool {}", image.name, pool.name);
    let source = image.held.clone();
    let made = pool.held.make(&doing, limit(size), move |pool| {
        let copy = StorageVol::create_xml_from(pool, &xml, source.object(), 0)?;
        if copy.info()?.capacity < capacity {
            copy.resize(capacity, 0)?;
        }
        Ok(copy)
    })?;
    Ok(Volume::new(pool, volume.name(), made))
}

impl Volume {
    fn new(pool: &Pool, name: &str, held: Held<StorageVol>) -> Self {
        Self {
            pool: pool.name.clone(),
            name: name.to_owned(),
            held,
        }
    }

    /// Where the host has it.
    pub(crate) fn path(&self) -> Result<String> {
        let doing = format!("ask where {} is", self.name);
        self.held.ask(&doing, StorageVol::path)
    }

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

    /// Removes it; answers whether it was there. One that the host is still writing (a copy whose
    /// creation was given up) is waited for.
    pub(crate) fn delete(&self) -> Result<bool> {
        self.delete_by(0)
    }

    /// The same for an image of a cluster, with the snapshots by which libvirt has cloned it.
    pub(crate) fn delete_with_snapshots(&self) -> Result<bool> {
        self.delete_by(sys::VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS)
    }

    fn delete_by(&self, flags: sys::virStorageVolDeleteFlags) -> Result<bool> {
        let doing = format!("delete the volume {} of pool {}", self.name, self.pool);
        when_free(|| {
            self.held.ask(&doing, move |volume| {
                found(volume.delete(flags), ErrorNumber::NoStorageVolume).map(|gone| gone.is_some())
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
