//! Volumes made, cloned, resized and removed.

use std::thread;
use std::time::{Duration, Instant};

use virt::connect::Connect;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::storage_vol::StorageVol;

use super::stream;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::xml::{to_xml, volume::NewVolume};
use crate::{Error, Kind, Result};

/// How long a volume that is still being written is waited for before its deletion fails.
const BUSY: Duration = Duration::from_secs(30);

/// Makes `volume` in `pool`; answers its path.
pub(crate) fn create(
    host: &Host,
    pool: &str,
    volume: &NewVolume,
    limit: Duration,
) -> Result<String> {
    let (xml, pool_name) = (to_xml(volume)?, pool.to_owned());
    host.call(
        &format!("make a volume in pool {pool}"),
        limit,
        move |conn| {
            let pool = conn.lookup_storage_pool_by_name(&pool_name)?;
            StorageVol::create_xml(&pool, &xml, 0)?.path()
        },
    )
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
    let (pool, image_pool, image) = (pool.to_owned(), image_pool.to_owned(), image.to_owned());
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

/// Removes the volume `name` of `pool`; answers whether it was there. A volume that the host is
/// still writing (a copy whose creation was given up) is waited for.
pub(crate) fn delete(host: &Host, pool: &str, name: &str, limit: Duration) -> Result<bool> {
    let deleted = delete_that(host, (pool, name), limit, |_, _| Ok(true))?;
    Ok(deleted == Deleted::Done)
}

/// The same where it begins with `head`, as is seen right before.
pub(crate) fn delete_beginning_with(
    host: &Host,
    place: (&str, &str),
    limit: Duration,
    head: &[u8],
) -> Result<Deleted> {
    let head = head.to_owned();
    delete_that(host, place, limit, move |conn, volume| {
        let found = stream::first_bytes(conn, volume, head.len() as u64)?;
        Ok(found == head)
    })
}

/// What has become of a volume that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    Done,
    Absent,
    /// It is not the one that is meant.
    Another,
}

fn delete_that(
    host: &Host,
    (pool, name): (&str, &str),
    limit: Duration,
    is_meant: impl Fn(&Connect, &StorageVol) -> std::result::Result<bool, VirtError>
    + Clone
    + Send
    + 'static,
) -> Result<Deleted> {
    let until = Instant::now() + BUSY;
    loop {
        let (pool_name, volume, is_meant) = (pool.to_owned(), name.to_owned(), is_meant.clone());
        let outcome = host.call(&format!("delete the volume {name}"), limit, move |conn| {
            let Some(found) = find(conn, &pool_name, &volume)? else {
                return Ok(Ok(Deleted::Absent));
            };
            match is_meant(conn, &found).and_then(|meant| {
                if meant {
                    found.delete(0).map(|()| Deleted::Done)
                } else {
                    Ok(Deleted::Another)
                }
            }) {
                Ok(deleted) => Ok(Ok(deleted)),
                Err(error) if is(&error, ErrorNumber::NoStorageVolume) => Ok(Ok(Deleted::Absent)),
                Err(error) if is_busy(&error) => Ok(Err(error.message().to_owned())),
                Err(error) => Err(error),
            }
        })?;
        match outcome {
            Ok(deleted) => return Ok(deleted),
            Err(_) if Instant::now() < until => thread::sleep(Duration::from_millis(250)),
            Err(message) => {
                return Err(Error::new(
                    Kind::Conflict,
                    format!("the volume {name} of pool {pool} is still in use; delete it later"),
                )
                .with_source(message));
            }
        }
    }
}

/// The volume, or none where it, its pool's file or the pool itself is gone.
pub(crate) fn find(
    conn: &Connect,
    pool: &str,
    name: &str,
) -> std::result::Result<Option<StorageVol>, VirtError> {
    let found = conn.lookup_storage_pool_by_name(pool).and_then(|pool| {
        pool.lookup_storage_vol_by_name(name).or_else(|error| {
            if !is(&error, ErrorNumber::NoStorageVolume) {
                return Err(error);
            }
            // A volume whose making was cut off may be in the directory and not yet in the list.
            let _ = pool.refresh(0);
            pool.lookup_storage_vol_by_name(name)
        })
    });
    match found {
        Ok(volume) => Ok(Some(volume)),
        Err(error) if is(&error, ErrorNumber::NoStorageVolume) => Ok(None),
        Err(error) => Err(error),
    }
}

/// libvirt says it in words only: `volume '…' is still in use.`, `… is still being allocated`.
fn is_busy(error: &VirtError) -> bool {
    is(error, ErrorNumber::OperationInvalid)
        && (error.message().contains("still in use")
            || error.message().contains("still being allocated"))
}
