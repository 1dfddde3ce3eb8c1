//! The images of a pool: its volumes that a server can be made from.

use crate::driver::Image;
use crate::drivers::image::mark;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::image_in_progress::head;
use crate::drivers::libvirt::pools;
use crate::drivers::libvirt::storage::names::{self, imported_image};
use crate::drivers::libvirt::xml::{from_xml, volume::Volume};
use crate::{Error, Result};

/// The images of `pool`, by name. Overlays and the volumes of servers are none.
pub(crate) fn images(host: &Host, pool: &str) -> Result<Vec<Image>> {
    let found = pools::named(host, pool).map_err(|error| error.with_field("/provider/pool"))?;
    // What was copied into the pool since it was started shows only after this.
    found.refresh()?;
    let seen = found
        .volumes()
        .map_err(|error| error.with_field("/provider/pool"))?;
    let views = seen
        .iter()
        .map(|text| from_xml("a volume", text))
        .collect::<Result<Vec<Volume>>>()?;
    let imported: Vec<&str> = views
        .iter()
        .filter_map(|view| imported_image(&view.name))
        .collect();
    let mut images = Vec::new();
    for view in &views {
        let usable = matches!(view.format(), "qcow2" | "raw") && view.backing_path().is_none();
        let begun = imported.contains(&view.name.as_str());
        if usable && !names::is_ours(&view.name) && !(begun && is_unfinished(host, pool, view)) {
            images.push(image(pool, view));
        }
    }
    images.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(images)
}

/// Whether the volume, for which there is a marker, is still being imported. A marker may also have
/// outlived its import.
fn is_unfinished(host: &Host, pool: &str, volume: &Volume) -> bool {
    // one that is just being made cannot be read
    let head = head(host, pool, &volume.name).ok().flatten();
    head.is_none_or(|head| mark::is_unfinished(&head))
}

/// The image that `view`, a volume of `pool`, is.
pub(crate) fn image_of(pool: &str, text: &str) -> Result<(Image, Volume)> {
    let view: Volume = from_xml("an image", text)?;
    Ok((image(pool, &view), view))
}

fn image(pool: &str, view: &Volume) -> Image {
    Image {
        id: view
            .target
            .path
            .clone()
            .unwrap_or_else(|| view.name.clone()),
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
        crate::Kind::NotFound,
        format!(
            "there is no image {name:?} in pool {pool}; `provider.images` lists those there are, \
             `image.import` brings one"
        ),
    )
    .with_field("/server/image")
}
