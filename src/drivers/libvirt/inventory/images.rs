//! The images of a pool: its volumes that a server can be made from.

use virt::connect::Connect;
use virt::error::{Error as VirtError, ErrorNumber};
use virt::storage_vol::StorageVol;

use crate::driver::Image;
use crate::drivers::image::mark;
use crate::drivers::image::mark::SECTOR;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::names::{self, imported_image};
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::xml::{from_xml, volume::Volume};
use crate::{Error, Result};

/// The images of `pool`, by name. Overlays and the volumes of servers are none.
pub(crate) fn images(host: &Host, settings: &Settings, pool: &str) -> Result<Vec<Image>> {
    let seen = host
        .call(
            &format!("list the images of pool {pool}"),
            settings.call_limit,
            {
                let pool = pool.to_owned();
                move |conn| {
                    let pool = conn.lookup_storage_pool_by_name(&pool)?;
                    // What was copied into the pool since it was started shows only after this. A pool
                    // that is busy refuses, and what it knows is still right.
                    let _ = pool.refresh(0);
                    let mut seen = Vec::new();
                    let volumes = pool.list_all_volumes(0)?;
                    let names = volumes.iter().map(StorageVol::name);
                    let names: Vec<String> = names.collect::<std::result::Result<_, _>>()?;
                    let imported: Vec<_> = names.iter().filter_map(|n| imported_image(n)).collect();
                    for (volume, name) in volumes.iter().zip(&names) {
                        if imported.contains(&name.as_str()) && is_unfinished(conn, volume) {
                            continue;
                        }
                        match volume.xml_desc(0) {
                            Ok(text) => seen.push(text),
                            // deleted by someone else in the meantime
                            Err(error) if is(&error, ErrorNumber::NoStorageVolume) => {}
                            Err(error) => return Err(error),
                        }
                    }
                    Ok(seen)
                }
            },
        )
        .map_err(|error| error.with_field("/provider/pool"))?;
    let mut images = Vec::new();
    for text in seen {
        let view: Volume = from_xml("a volume", &text)?;
        let usable = matches!(view.format(), "qcow2" | "raw") && view.backing_path().is_none();
        if usable && !names::is_ours(&view.name) {
            images.push(image(pool, &view));
        }
    }
    images.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(images)
}

/// Whether `volume`, for which there is a marker, is still being imported. A marker may also have
/// outlived its import.
fn is_unfinished(conn: &Connect, volume: &StorageVol) -> bool {
    // one that is just being made cannot be read
    stream::first_bytes(conn, volume, SECTOR as u64).map_or(true, |head| mark::is_unfinished(&head))
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

/// The volume `name` of `pool`, looked for again after a refresh where it is not known.
pub(crate) fn find_volume(
    conn: &Connect,
    pool: &str,
    name: &str,
) -> std::result::Result<StorageVol, VirtError> {
    let pool = conn.lookup_storage_pool_by_name(pool)?;
    pool.lookup_storage_vol_by_name(name).or_else(|error| {
        if !is(&error, ErrorNumber::NoStorageVolume) {
            return Err(error);
        }
        let _ = pool.refresh(0);
        pool.lookup_storage_vol_by_name(name)
    })
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
