//! Images that servers can be made from.

use crate::Result;
use crate::driver::Image;
use crate::drivers::openstack::api::{self, called};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::lists;
use crate::units::GIB;

/// The images that are ready for use, by name.
pub(crate) fn images(cloud: &Cloud) -> Result<Vec<Image>> {
    let mut images: Vec<Image> = lists::images(cloud)?.into_iter().map(Image::from).collect();
    images.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(images)
}

impl From<api::image::Image> for Image {
    /// An image without a name is called by its id.
    fn from(image: api::image::Image) -> Self {
        let virtual_size = match (image.min_disk * GIB, image.virtual_size) {
            (0, known) => known,
            (least, known) => Some(least.max(known.unwrap_or(0))),
        };
        Self {
            name: called(image.name.unwrap_or_default(), &image.id),
            id: image.id,
            format: image.disk_format,
            virtual_size,
            size: image.size,
            pool: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(members: serde_json::Value) -> Image {
        let image: api::image::Image = serde_json::from_value(members).unwrap();
        image.into()
    }

    #[test]
    fn the_larger_of_two_sizes_is_what_a_root_disk_needs() {
        for (min_disk, virtual_size, needed) in [
            (json!(0), json!(null), None),
            (json!(0), json!(512), Some(512)),
            (json!(5), json!(null), Some(5 * GIB)),
            (json!(5), json!(2 * GIB), Some(5 * GIB)),
            (json!(1), json!(2 * GIB), Some(2 * GIB)),
        ] {
            let shown = image(json!({
                "id": "1", "name": "debian", "status": "active", "disk_format": "qcow2",
                "size": 12, "min_disk": min_disk, "virtual_size": virtual_size
            }));
            assert_eq!(shown.virtual_size, needed, "{min_disk} {virtual_size}");
            assert_eq!(shown.format.as_deref(), Some("qcow2"));
            assert_eq!(shown.size, Some(12));
        }
    }

    #[test]
    fn an_image_without_a_name_is_called_by_its_id() {
        for name in [json!(null), json!("")] {
            let shown = image(json!({"id": "6a23", "name": name}));
            assert_eq!(shown.name, "6a23");
        }
        assert_eq!(image(json!({"id": "6a23"})).name, "6a23");
    }
}
