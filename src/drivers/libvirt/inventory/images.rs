//! The images of a pool: its volumes that a server can be made from.

use std::collections::HashSet;

use crate::driver::{Done, Image, ImageDelete};
use crate::drivers::image::mark;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::image_in_progress::head;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::names::{self, imported_image};
use crate::drivers::libvirt::uses::Uses;
use crate::drivers::libvirt::xml::{from_xml, volume::Volume};
use crate::drivers::libvirt::{pools, volumes};
use crate::{Error, Kind, Result};

/// The images of `pool`, by name. Overlays and the volumes of servers are none.
pub(crate) fn images(host: &Host, pool: &str) -> Result<Vec<Image>> {
    let found = pools::named(host, pool).map_err(|error| error.with_field("/provider/pool"))?;
    // What was copied into the pool since it was started shows only after this.
    found.refresh()?;
    let at = |error: Error| error.with_field("/provider/pool");
    let (ours, others): (Vec<_>, Vec<_>) = volumes::all(&found)
        .map_err(at)?
        .into_iter()
        .partition(|volume| names::is_ours(&volume.name));
    let begun: HashSet<&str> = ours
        .iter()
        .filter_map(|volume| imported_image(&volume.name))
        .collect();
    // servers' own ones are many, and each would cost a question
    let seen = volumes::texts(&others).map_err(at)?;
    let mut images = Vec::new();
    for text in &seen {
        let view: Volume = from_xml("a volume", text)?;
        let usable = matches!(view.format(), "qcow2" | "raw") && view.backing_path().is_none();
        let is_begun = begun.contains(view.name.as_str());
        if usable && !(is_begun && is_unfinished(host, pool, &view.name)) {
            images.push(image(pool, &view));
        }
    }
    images.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(images)
}

/// Whether the volume, for which there is a marker, is still being imported. A marker may also have
/// outlived its import.
fn is_unfinished(host: &Host, pool: &str, volume: &str) -> bool {
    // one that is just being made cannot be read
    let head = head(host, pool, volume).ok().flatten();
    head.is_none_or(|head| mark::is_unfinished(&head))
}

/// The image that `view`, a volume of `pool`, is.
pub(crate) fn image_of(pool: &str, text: &str) -> Result<(Image, Volume)> {
    let view: Volume = from_xml("an image", text)?;
    Ok((image(pool, &view), view))
}

fn image(pool: &str, view: &Volume) -> Image {
    Image {
        id: view.id().to_owned(),
        format: Some(view.format().to_owned()),
        virtual_size: Some(view.capacity.value),
        size: view.allocation.as_ref().map(|size| size.value),
        pool: Some(pool.to_owned()),
        name: view.name.clone(),
    }
}

/// The error for an image that is not in the pool.
pub(crate) fn no_such_image(pool: &str, name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!(
            "there is no image {name:?} in pool {pool}; `provider.images` lists those there are, \
             `image.import` brings one"
        ),
    )
    .with_field("/server/image")
}

/// Deletes an image that nothing stands on, or with `dry_run` tells whether it would.
pub(crate) fn delete(
    host: &Host,
    settings: &Settings,
    image: &ImageDelete,
    dry_run: bool,
) -> Result<Done> {
    let pool = image.pool.as_deref().filter(|pool| !pool.is_empty());
    let name = image.name.rsplit('/').next().unwrap_or_default();
    let refuse = |why: &str| {
        let message = format!("the image {name} stays: {why}");
        Err(Error::new(Kind::Conflict, message).with_field("/image/name"))
    };
    if names::is_ours(name) {
        return refuse("it is a server's own volume; delete the server");
    }
    let pool = pool.unwrap_or(&settings.image_pool);
    let found = pools::named(host, pool).map_err(|error| error.with_field("/image/pool"))?;
    let volume = volumes::find(&found, name)?;
    let Some((volume, text)) =
        volume.and_then(|volume| volume.xml().transpose().map(|text| (volume, text)))
    else {
        let message = format!("there is no image {name} in pool {pool}; nothing to delete");
        return Ok(Done::new(message, false));
    };
    let (seen, view) = image_of(pool, &text?)?;
    if image.name != name && image.name != seen.id {
        return refuse(&format!("pool {pool} has it as {}", seen.id));
    }
    if let Some(base) = view.backing_path() {
        return refuse(&format!("it is no image but an overlay of {base}"));
    }
    if let Some(why) = Uses::of(host)?.of_image(&seen, view.is_of_network())? {
        return refuse(&why);
    }
    if volumes::all(&found)?
        .iter()
        .any(|other| imported_image(&other.name) == Some(name))
        && is_unfinished(host, pool, name)
    {
        return refuse("it is just being imported");
    }
    if dry_run {
        return Ok(Done::new(
            format!("the image {name} of pool {pool} would be deleted"),
            true,
        ));
    }
    let gone = if view.is_of_network() {
        match volume.delete_with_snapshots() {
            // libvirt's words for it are those of whatever went wrong last
            Err(_) if volumes::find(&found, name)?.is_some() => {
                return refuse(&format!(
                    "pool {pool} keeps it, as it does while clones of it stand"
                ));
            }
            gone => gone?,
        }
    } else {
        volume.delete()?
    };
    Ok(Done::new(
        format!("the image {name} of pool {pool} is deleted"),
        gone,
    ))
}
