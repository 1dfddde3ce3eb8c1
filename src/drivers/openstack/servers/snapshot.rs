//! An image of a server.

use serde_json::{Value, json};

use super::target::Target;
use crate::concurrent::{Look, wait_until};
use crate::driver::{self, ActionOptions};
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::api::image::Image;
use crate::drivers::openstack::cloud::{LOOK_AGAIN, Path, Service};
use crate::{Error, Kind, LeftBehind, Result};

const NAME_MAX: usize = 255;

/// Makes an image of `server` and waits until it can be used.
pub(super) fn snapshot(
    at: &Target<'_>,
    server: &Server,
    options: &ActionOptions,
) -> Result<driver::Image> {
    let name = options.image.as_deref().unwrap_or_default();
    if name.trim().is_empty() || name.chars().count() > NAME_MAX {
        let message =
            format!("say what the image is to be called, in at most {NAME_MAX} characters");
        return Err(Error::invalid("/image", message));
    }
    let path = Path::query("/v2/images", &[("name", name)]);
    let same: Vec<Image> = at.cloud.list(Service::Image, path, "images")?;
    if same.iter().any(|image| image.name.as_deref() == Some(name)) {
        let message = format!("there is an image {name:?} already; choose another name");
        return Err(Error::new(Kind::AlreadyExists, message).with_field("/image"));
    }
    let body = json!({"createImage": {"name": name, "metadata": {}}});
    let path = Path::of("/servers", &server.id)?.then("/action");
    let answer: Value = at.cloud.post(Service::Compute, path, &body)?;
    let id = answer["image_id"].as_str().ok_or_else(|| {
        Error::new(
            Kind::Internal,
            "Nova answers no id of the image that it makes",
        )
    })?;
    let image = wait_for(at, name, id).map_err(|error| unfinished(error, name, id))?;
    Ok(driver::Image {
        name: image.name.unwrap_or_else(|| name.to_owned()),
        id: image.id,
        format: image.disk_format,
        virtual_size: image.virtual_size,
        size: image.size,
        pool: None,
    })
}

/// `error` with the image that the cloud goes on with, unless it has given up itself.
fn unfinished(error: Error, name: &str, id: &str) -> Error {
    if error.kind() == Kind::Conflict {
        return error;
    }
    let left = LeftBehind {
        resource: "image".to_owned(),
        name: format!("{name} ({id})"),
        reason: "the cloud goes on with it".to_owned(),
    };
    error.with_left_behind(vec![left])
}

fn wait_for(at: &Target<'_>, name: &str, id: &str) -> Result<Image> {
    let what = format!("the image {name}");
    let cancel = Some(&at.cx.cancel);
    let outcome = wait_until(cancel, at.patience, LOOK_AGAIN, &what, |waited| {
        let path = Path::of("/v2/images", id)?;
        let image: Option<Image> = at.cloud.find(Service::Image, path)?;
        match image {
            Some(image) if image.status == "active" => return Ok(Look::There(image)),
            Some(image) if matches!(image.status.as_str(), "queued" | "saving") => {}
            // Nova takes away what it could not fill.
            _ => {
                let message = format!("the cloud could not make the image {name}");
                return Err(Error::new(Kind::Conflict, message));
            }
        }
        at.cx
            .progress
            .report("snapshot", waited.as_secs(), at.patience.as_secs());
        Ok(Look::NotYet(()))
    })?;
    match outcome {
        Look::There(image) => Ok(image),
        Look::NotYet(()) => {
            let message = format!("the image {name} ({id}) is not ready yet");
            Err(Error::new(Kind::Timeout, message))
        }
    }
}
