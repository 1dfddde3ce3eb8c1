//! Images brought to a pool: from a file on this machine or over HTTP, streamed, and checked before
//! and while they are stored.

use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::artifacts::Artifact;
use super::host::Host;
use super::inventory::{image_of, images};
use super::remover::Remover;
use super::settings::Settings;
use super::storage::{names, stream};
use super::xml::{is_xml_text, volume::NewVolume};
use super::{pools, volumes};
use crate::driver::{Context, DryRun, Image, ImageImport, ImageImported};
use crate::drivers::image::{self, Hashing, Source};
use crate::transaction::{Journal, Transaction};
use crate::{Error, Kind, Result};

/// The longest name of a volume: most file systems allow no more.
const NAME_LENGTH: usize = 255;

/// Brings `import` to the provider's image pool.
pub(super) fn import(
    cx: &Context,
    settings: &Settings,
    import: &ImageImport,
) -> Result<ImageImported> {
    let name = name(import)?;
    let format = image::format(import, &name)?;
    let wanted = image::checksum(import)?;
    let pool = import
        .pool
        .clone()
        .unwrap_or_else(|| settings.image_pool.clone());
    let host = settings.open()?;
    if let Some(stored) = stored_volume(&host, &pool, &name)? {
        return already_there(cx, &host, settings, import, stored, wanted);
    }

    let image::Opened { data, size } = image::open(import, &name, &format)?;
    if free(&host, &pool)? < size {
        return Err(no_room(&pool, &name, size));
    }
    let hash = Arc::new(Mutex::new(Sha256::new()));
    let data = Hashing::new(data, Arc::clone(&hash));
    let place = (pool.as_str(), name.as_str());
    let mut transaction: Transaction<Artifact> =
        Transaction::begin(Journal::create(&cx.state_dir, &settings.host_id(), &name)?);
    // Not before: until this has succeeded, a volume of that name is someone else's.
    let volume = NewVolume::new(&name, "raw", size).sparse();
    let created = volumes::create(&host, &pool, &volume, host.call_limit())
        .map_err(|error| error.with_field("/image/name"));
    let outcome = created.and_then(|_| {
        transaction.record(Artifact::Volume {
            pool: pool.clone(),
            volume: name.clone(),
        })?;
        stream::upload(
            &host,
            place,
            data,
            size,
            &cx.cancel,
            (Arc::clone(&cx.progress), "upload"),
        )?;
        let found = image::hash_of(&hash);
        check_stored(&host, &pool, &name, size)?;
        match wanted {
            Some(wanted) if wanted != found => Err(image::not_what_was_meant(import, &found)),
            _ => Ok(found),
        }
    });
    match outcome {
        Ok(sha256) => {
            transaction.commit()?;
            let image = find(&host, &pool, &name)?.ok_or_else(|| {
                Error::new(
                    Kind::Internal,
                    format!("{name} was uploaded and is not in pool {pool}"),
                )
            })?;
            Ok(ImageImported {
                imported: true,
                image,
                sha256: Some(sha256),
            })
        }
        Err(cause) => {
            let remover = Remover::after(cx, &host, &cause, transaction.made());
            Err(transaction.roll_back(cause, |artifact| remover.remove(artifact)))
        }
    }
}

/// What [`import`] would do.
pub(super) fn plan(settings: &Settings, import: &ImageImport) -> Result<DryRun> {
    let name = name(import)?;
    let format = image::format(import, &name)?;
    image::checksum(import)?;
    let pool = import.pool.as_deref().unwrap_or(&settings.image_pool);
    let host = settings.open()?;
    if stored_volume(&host, pool, &name)?.is_some() {
        return Ok(image::plan_comparison(&name, &format!("pool {pool}")));
    }
    let size = image::open(import, &name, &format)?.size;
    if free(&host, pool)? < size {
        return Err(no_room(pool, &name, size));
    }
    let whither = format!("pool {pool}");
    Ok(image::plan_upload(import, &name, (&format, size), &whither))
}

/// Bytes free in `pool`.
fn free(host: &Host, pool: &str) -> Result<u64> {
    let pool = pools::named(host, pool)?;
    // What others have written shows only after this.
    pool.refresh()?;
    Ok(pool.describe()?.available)
}

/// Sees that all of `name` is stored: libvirt may lose the error of a disk that became full at the
/// end of an upload. A volume may hold less than its size where the file system compresses, but not
/// for want of room.
fn check_stored(host: &Host, pool: &str, name: &str, size: u64) -> Result<()> {
    let left = free(host, pool)?;
    let stored = stored_volume(host, pool, name)?.and_then(|image| image.size);
    let missing = size.saturating_sub(stored.unwrap_or(0));
    if missing > left {
        return Err(no_room(pool, name, size));
    }
    Ok(())
}

fn no_room(pool: &str, name: &str, size: u64) -> Error {
    let message = format!(
        "pool {pool} has no room for {name}, which takes {} MiB; make room or name another pool",
        size.div_ceil(1 << 20)
    );
    Error::new(Kind::QuotaExceeded, message).with_field("/image/pool")
}

/// The answer where the pool has an image of that name: it is the same, or an error says so.
fn already_there(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    import: &ImageImport,
    image: Image,
    wanted: Option<String>,
) -> Result<ImageImported> {
    let wanted = match wanted {
        Some(wanted) => Some(wanted),
        None => Source::digest_of_file::<Sha256>(&import.source)?,
    };
    let pool = image
        .pool
        .clone()
        .unwrap_or_else(|| settings.image_pool.clone());
    let size = image.size.unwrap_or(0).max(image.virtual_size.unwrap_or(0));
    cx.progress.report("compare", 0, 1);
    let (pool_name, name) = (pool.clone(), image.name.clone());
    let found = host.call(&format!("read {name}"), stream::limit(size), move |conn| {
        let mut hash = Sha256::new();
        stream::read(conn, &pool_name, &name, 0, |data| hash.update(data))?;
        Ok(hex::encode(hash.finalize()))
    })?;
    cx.progress.report("compare", 1, 1);
    if wanted.as_ref() == Some(&found) {
        return Ok(ImageImported {
            imported: false,
            image,
            sha256: Some(found),
        });
    }
    let why = if wanted.is_some() {
        "it holds something else"
    } else {
        "without a sha256 it cannot be compared"
    };
    let message = format!(
        "pool {pool} has a volume {} already; {why}; choose another name",
        image.name
    );
    Err(image::name_is_taken(message))
}

/// The volume `name` of `pool` as an image.
fn stored_volume(host: &Host, pool: &str, name: &str) -> Result<Option<Image>> {
    let found = pools::named(host, pool).map_err(|error| match error.kind() {
        Kind::NotFound => error.with_field("/image/pool"),
        _ => error,
    })?;
    let volume = volumes::find(&found, name)?;
    let text = volume.map_or(Ok(None), |volume| volume.xml())?;
    text.map(|text| image_of(pool, &text).map(|(image, _)| image))
        .transpose()
}

/// The same once the pool has looked again at what was uploaded, and knows its format.
fn find(host: &Host, pool: &str, name: &str) -> Result<Option<Image>> {
    Ok(images(host, pool)?
        .into_iter()
        .find(|image| image.name == name))
}

fn name(import: &ImageImport) -> Result<String> {
    let name = image::name(import)?;
    let plain = !name.starts_with('.') && !name.contains('/') && name.len() <= NAME_LENGTH;
    if !plain || !is_xml_text(&name) || name.contains(['\n', '\r', '\t']) || names::is_ours(&name) {
        let message = format!("{name:?} cannot be an image's name");
        return Err(Error::invalid("/image/name", message));
    }
    Ok(name)
}
