//! Deletion of an image that nothing needs.

use super::api::compute::Server;
use super::cloud::{Cloud, Path, Service};
use super::lookup::resolve;
use super::settings::Settings;
use crate::driver::{Context, Done, ImageDelete};
use crate::{Error, Kind, Result};

const FIELD: &str = "/image/name";

/// Deletes `image`, or with `dry_run` tells whether it would.
pub(super) fn delete(
    cx: &Context,
    settings: &Settings,
    image: &ImageDelete,
    dry_run: bool,
) -> Result<Done> {
    if image.pool.as_ref().is_some_and(|pool| !pool.is_empty()) {
        let message = "a cloud has no pools; leave it out";
        return Err(Error::invalid("/image/pool", message));
    }
    let name = &image.name;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    let found = match resolve::any_image(&cloud, FIELD, name) {
        Err(error) if error.kind() == Kind::NotFound && error.field() == Some(FIELD) => {
            let message = format!("there is no image {name}; nothing to delete");
            return Ok(Done::new(message, false));
        }
        found => found?,
    };
    let refuse = |why: &str| {
        let message = format!("the image {name} stays: {why}");
        Err(Error::new(Kind::Conflict, message).with_field(FIELD))
    };
    if found.is_being_imported() {
        return refuse(
            "it is being imported; where that was cut off, server.recover removes what there is of it",
        );
    }
    if found.protected {
        return refuse("it is protected; take that off first");
    }
    // who is resized or moved is made from it again
    let users = Path::query("/servers/detail", &[("image", &found.id)]);
    let mut users: Vec<Server> = cloud.list(Service::Compute, users, "servers")?;
    users.retain(|server| server.image.as_deref() == Some(&found.id));
    if let Some(first) = users.first() {
        let more = match users.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return refuse(&format!("the server {}{more} is made from it", first.name));
    }
    if dry_run {
        let message = format!("the image {name} ({}) would be deleted", found.id);
        return Ok(Done::new(message, true));
    }
    let gone = cloud.delete(Service::Image, Path::of("/v2/images", &found.id)?)?;
    let message = format!("the image {name} ({}) is deleted", found.id);
    Ok(Done::new(message, gone))
}
