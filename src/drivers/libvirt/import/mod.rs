//! Images brought to a pool: from a file on this machine or over HTTP, streamed, and checked before
//! and while they are stored.
//!
//! | file | concern |
//! |---|---|
//! | `store` | the steps from nothing to an image that is whole |
//! | `look` | what the pool says: its room, the image that is there |

mod look;
mod store;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::artifacts::Artifact;
use super::host::Host;
use super::image_in_progress::{Import, head_of};
use super::pools;
use super::remover::Remover;
use super::servers::OnHost;
use super::settings::Settings;
use super::storage::{names, stream};
use super::xml::is_xml_text;
use crate::concurrent::both;
use crate::driver::{Context, DryRun, Image, ImageImport, ImageImported};
use crate::drivers::creation::clear_up;
use crate::drivers::image::{self, Source, header, mark};
use crate::transaction::{Journal, Transaction};
use crate::{Error, Result};
use look::{Place, StoredVolume, stored_volume};
use store::Store;

/// Brings `request` to the provider's image pool.
pub(super) fn import(
    cx: &Context,
    settings: &Settings,
    request: &ImageImport,
) -> Result<ImageImported> {
    let name = name(request)?;
    let stated = image::stated_format(request, &name)?;
    let wanted = image::checksum(request, &cx.cancel)?;
    let pool = request.pool.clone().filter(|pool| !pool.is_empty());
    let pool = pool.unwrap_or_else(|| settings.image_pool.clone());
    let host = settings.open()?;
    clear_up(cx, &OnHost::new(cx, &host), &name)?;
    if let Some(stored) = stored_volume(&host, &pool, &name)? {
        return already_there(cx, &host, request, stored, wanted);
    }

    // which host it is goes into the journal
    let (id, place) = both(|| host.id(), || Place::of(&host, &pool));
    let place = place?;
    let opened = image::open(request, &name, stated, wanted, place.room, &cx.cancel)?;
    place.check(&name, &opened)?;
    let mut image = Image {
        id: String::new(),
        name: name.clone(),
        format: Some(opened.format.to_owned()),
        virtual_size: Some(opened.virtual_size),
        size: None,
        pool: Some(pool.clone()),
    };
    let mut transaction: Transaction<Artifact> =
        Transaction::begin(Journal::create(&cx.state_dir, &id?, &name)?);
    let store = Store {
        cx,
        host: &host,
        request,
        import: Import {
            pool,
            image: name,
            id: Uuid::new_v4(),
        },
        sparse: place.sparse(&opened),
    };
    match store.run(&mut transaction, opened) {
        Ok(stored) => {
            finish(cx, &host, transaction, &store.import);
            // as it was sent: to look at it would look through all of the pool
            image.id = stored.path;
            image.size = Some(stored.size);
            Ok(ImageImported {
                imported: true,
                image,
                sha256: Some(stored.sha256),
            })
        }
        Err(cause) => {
            let remover = Remover::after(cx, &host, &cause, transaction.made());
            Err(transaction.roll_back(cause, |artifact| remover.remove(artifact)))
        }
    }
}

/// What [`import`] would do.
pub(super) fn plan(cx: &Context, settings: &Settings, request: &ImageImport) -> Result<DryRun> {
    let name = name(request)?;
    let stated = image::stated_format(request, &name)?;
    let wanted = image::checksum(request, &cx.cancel)?;
    let pool = request.pool.as_deref().filter(|pool| !pool.is_empty());
    let pool = pool.unwrap_or(&settings.image_pool);
    let whither = format!("pool {pool}");
    let host = settings.open()?;
    if stored_volume(&host, pool, &name)?.is_some() {
        return Ok(image::plan_comparison(&name, &whither));
    }
    let place = Place::of(&host, pool)?;
    let opened = image::open(request, &name, stated, wanted, place.room, &cx.cancel)?;
    place.check(&name, &opened)?;
    let what = (opened.format, opened.size);
    Ok(image::plan_upload(request, &name, what, &whither))
}

/// Removes the marker of an image that is whole. Where that fails the next call does it.
fn finish(cx: &Context, host: &Host, mut transaction: Transaction<Artifact>, import: &Import) {
    let remover = Remover::new(cx, host, transaction.made());
    let done = transaction
        .forget(&Artifact::Import(import.clone()))
        .and_then(|()| transaction.unmake(|artifact| remover.remove(artifact)));
    match done {
        Ok(undone) => {
            for left in undone.left_behind {
                let reason = left.reason;
                tracing::warn!(
                    reason,
                    "the image is whole, but {} is still there",
                    left.name
                );
            }
        }
        Err(error) => tracing::warn!(%error, "the image is whole, but its journal is still there"),
    }
}

/// The answer where the pool has an image of that name: it is the same, or an error says so. It is read only
/// where nothing else tells.
fn already_there(
    cx: &Context,
    host: &Host,
    request: &ImageImport,
    stored: StoredVolume,
    wanted: Option<String>,
) -> Result<ImageImported> {
    let StoredVolume {
        volume,
        mut image,
        view,
    } = stored;
    let pool = image.pool.clone().unwrap_or_default();
    let head = head_of(&volume)?.unwrap_or_default();
    if mark::is_unfinished(&head) {
        return Err(image::name_is_taken(format!(
            "{} is being imported into pool {pool} by another program; wait for that, or, where that \
             program is gone, let server.recover under its state directory remove it",
            image.name
        )));
    }
    let taken = |why: &str| {
        let name = &image.name;
        let message =
            format!("pool {pool} has a volume {name} already; {why}; choose another name");
        Err(image::name_is_taken(message))
    };
    let other = "it holds something else";
    let (is_url, size) = Source::plain_size(&request.source)?;
    if is_url && wanted.is_none() {
        return taken("without a sha256 it cannot be compared");
    }
    if let (Some(size), Some(stored)) = (size, view.file_size())
        && size != stored
    {
        return taken(other);
    }
    let wanted = match (
        Source::digests_of_file::<Sha256>(&request.source, &cx.cancel)?,
        wanted,
    ) {
        (Some(own), Some(wanted)) if !own.have(&wanted) => {
            return Err(image::not_what_was_meant(request, &own.image));
        }
        (Some(own), _) => Some(own.image),
        (None, wanted) => wanted,
    };
    cx.progress.report("compare", 0, 1);
    let size = image.size.unwrap_or(0).max(image.virtual_size.unwrap_or(0));
    let doing = format!("read {}", image.name);
    let hash = stream::read(
        &volume,
        &doing,
        (u64::MAX, size),
        Sha256::new(),
        |hash, data| {
            hash.update(data);
        },
    )?;
    let found = hex::encode(hash.finalize());
    cx.progress.report("compare", 1, 1);
    let is_same = wanted.as_ref() == Some(&found)
        // the digest of what is packed tells nothing of what it holds
        || (is_url && image::may_be_packed(request) && {
            let name = &image.name;
            let stated = image::stated_format(request, name)?;
            image::open(request, name, stated, wanted, u64::MAX, &cx.cancel)?.sha256 == Some(found.clone())
        });
    if !is_same {
        return taken(other);
    }
    if header::is_qcow2(&head) && image.format.as_deref() != Some("qcow2") {
        // it was brought just now, and the pool has not noticed yet what it is
        pools::named(host, &pool)?.refresh()?;
        if let Some(noticed) = stored_volume(host, &pool, &image.name)? {
            image = noticed.image;
        }
    }
    Ok(ImageImported {
        imported: false,
        image,
        sha256: Some(found),
    })
}

fn name(request: &ImageImport) -> Result<String> {
    let name = image::name(request)?;
    let plain = !name.starts_with('.') && !name.contains('/') && name.len() <= names::LONGEST_IMAGE;
    if !plain || !is_xml_text(&name) || name.contains(['\n', '\r', '\t']) || names::is_ours(&name) {
        let message = format!("{name:?} cannot be an image's name");
        return Err(Error::invalid("/image/name", message));
    }
    Ok(name)
}
