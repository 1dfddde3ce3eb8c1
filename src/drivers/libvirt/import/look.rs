//! What a pool says of an image that is to be there, or is.

use std::time::Duration;

use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::Image;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::image_in_progress::Import;
use crate::drivers::libvirt::inventory::image_of;
use crate::drivers::libvirt::{pools, volumes};
use crate::units::MIB;
use crate::{Error, Kind, Result};

/// How long a pool may take to see what an image is that was brought to it.
const NOTICE: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_millis(400),
};

/// Bytes free in `pool`.
pub(super) fn free(host: &Host, pool: &str) -> Result<u64> {
    let pool = pools::named(host, pool)?;
    // What others have written shows only after this.
    pool.refresh()?;
    Ok(pool.describe()?.available)
}

/// Sees that all of `name` is stored: libvirt may lose the error of a disk that became full at the
/// end of an upload. A volume may hold less than its size where the file system compresses, but not
/// for want of room.
pub(super) fn check_stored(host: &Host, import: &Import, size: u64) -> Result<()> {
    let (pool, name) = (&import.pool, &import.image);
    let left = free(host, pool)?;
    let stored = stored_volume(host, pool, name)?.and_then(|image| image.size);
    let missing = size.saturating_sub(stored.unwrap_or(0));
    if missing > left {
        return Err(no_room(pool, name, size));
    }
    Ok(())
}

pub(super) fn no_room(pool: &str, name: &str, size: u64) -> Error {
    let message = format!(
        "pool {pool} has no room for {name}, which takes {} MiB; make room or name another pool",
        size.div_ceil(MIB)
    );
    Error::new(Kind::QuotaExceeded, message).with_field("/image/pool")
}

/// The volume `name` of `pool` as an image.
pub(super) fn stored_volume(host: &Host, pool: &str, name: &str) -> Result<Option<Image>> {
    let found = pools::named(host, pool).map_err(|error| match error.kind() {
        Kind::NotFound => error.with_field("/image/pool"),
        _ => error,
    })?;
    let volume = volumes::find(&found, name)?;
    let text = volume.map_or(Ok(None), |volume| volume.xml())?;
    text.map(|text| image_of(pool, &text).map(|(image, _)| image))
        .transpose()
}

/// `image`, which is whole, as its pool shows it once it has noticed what the image is. It is there
/// whatever comes of that.
pub(super) fn noticed(host: &Host, image: Image) -> Image {
    let (pool, name) = (image.pool.clone().unwrap_or_default(), image.name.clone());
    let what = format!("pool {pool} to notice {name}");
    let seen = wait_until(None, NOTICE, LOOK_AGAIN, &what, |_| {
        let (pool_name, volume) = (pool.clone(), name.clone());
        let doing = format!("look at {name} in pool {pool}");
        // not by way of what is kept: these few calls together may take no longer
        let text = host.call(&doing, host.call_limit().min(NOTICE), move |conn| {
            let pool = conn.lookup_storage_pool_by_name(&pool_name)?;
            // A pool that is busy refuses; it looks by itself after each upload.
            let _ = pool.refresh(0);
            pool.lookup_storage_vol_by_name(&volume)?.xml_desc(0)
        })?;
        let (seen, _) = image_of(&pool, &text)?;
        let noticed = seen.format == image.format;
        Ok(if noticed {
            Look::There(seen)
        } else {
            Look::NotYet(seen.id)
        })
    });
    match seen {
        Ok(Look::There(seen)) => seen,
        Ok(Look::NotYet(id)) => Image { id, ..image },
        Err(error) => {
            tracing::warn!(%error, "the image is whole, but cannot be looked at");
            image
        }
    }
}
