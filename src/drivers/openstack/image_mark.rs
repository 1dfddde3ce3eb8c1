//! The mark of an image that is being imported: a tag that only this import has.
//!
//! Glance calls an image `active` as soon as it has all data; whether these are the right ones is seen
//! after that. The tag is taken off last: until then the image is listed nowhere here, and it is
//! removed only as long as it has the tag.

use uuid::Uuid;

use super::api::image::Image;
use super::cloud::{Cloud, Path, Service};
use crate::transaction::Removal;
use crate::{Error, Kind, Result};

const TAG: &str = "va-driver-import-";

/// The tag of the image `id`.
pub(super) fn tag(id: Uuid) -> String {
    format!("{TAG}{id}")
}

impl Image {
    /// Whether it is being imported, or was left so.
    pub(super) fn is_being_imported(&self) -> bool {
        self.tags.iter().any(|tag| tag.starts_with(TAG))
    }
}

/// Takes the tag off the image `id`: it is whole.
pub(super) fn take_off(cloud: &Cloud, id: Uuid) -> Result<()> {
    let image = Path::of("/v2/images", &id.to_string())?;
    let path = image.clone().below("/tags", &tag(id))?;
    // what a proxy says in Glance's place would leave an image that is listed nowhere
    if !cloud.delete(Service::Image, path)?
        && cloud
            .get::<Image>(Service::Image, &image)?
            .is_being_imported()
    {
        let message = format!("Glance does not find the tag of the image {id}, and shows it");
        return Err(Error::new(Kind::ConnectionFailed, message));
    }
    Ok(())
}

/// Removes the image `id`, called `name`, as long as it has the tag. One without is whole, or somebody else's.
pub(super) fn remove_unfinished(cloud: &Cloud, name: &str, id: Uuid) -> Result<Removal> {
    let path = Path::of("/v2/images", &id.to_string())?;
    let text = id.to_string();
    let found: Option<Image> = cloud.doubt(
        &text,
        || cloud.find(Service::Image, &path),
        || Ok(called(cloud, name)?.iter().any(|image| image.id == text)),
    )?;
    match found {
        Some(image) if image.tags.contains(&tag(id)) => {
            cloud.delete(Service::Image, &path).map(Removal::of)
        }
        Some(_) => Ok(Removal::Kept("it is whole, or another's".to_owned())),
        None => Ok(Removal::Absent),
    }
}

/// The images of exactly that name that the project sees, whatever state they are in.
pub(super) fn called(cloud: &Cloud, name: &str) -> Result<Vec<Image>> {
    let path = Path::query("/v2/images", &[("name", name)]);
    let mut images: Vec<Image> = cloud.list(Service::Image, path, "images")?;
    images.retain(|image| image.name.as_deref() == Some(name));
    Ok(images)
}
