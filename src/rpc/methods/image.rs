//! `image.*`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::Answer;
use super::pool::{ShowParams, storage_of};
use crate::driver::{Context, Done, Image, ImageDelete, ImageImport, ImageImported, Provider};
use crate::rpc::Service;
use crate::{Error, Kind, Result};

/// What `image.show` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Shown {
    /// The image.
    image: Image,
}

/// What `image.delete` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct DeleteParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The image.
    image: ImageDelete,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
}

/// What `image.import` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ImportParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The image.
    image: ImageImport,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
}

pub(super) fn import(
    service: &Service,
    cx: &Context,
    params: ImportParams,
) -> Result<Answer<ImageImported>> {
    let provider = params.provider;
    let image = params.image;
    let driver = service.driver_of(&provider)?;
    let look = || driver.plan_import(cx, &provider, &image);
    let change = || driver.import_image(cx, &provider, &image);
    Answer::of(params.dry_run, look, change)
}

pub(super) fn show(service: &Service, cx: &Context, params: ShowParams) -> Result<Shown> {
    let ShowParams { provider, name } = params;
    let images = service.driver_of(&provider)?.images(cx, &provider)?;
    let mut found = images
        .into_iter()
        .filter(|image| image.name == name || image.id == name);
    match (found.next(), found.next()) {
        (Some(image), None) => Ok(Shown { image }),
        (Some(_), Some(_)) => {
            let message = format!("several images are called {name:?}; say which by its id");
            Err(Error::invalid("/name", message))
        }
        (None, _) => {
            let message =
                format!("there is no image {name:?}; `provider.images` lists those there are");
            Err(Error::new(Kind::NotFound, message).with_field("/name"))
        }
    }
}

pub(super) fn delete(
    service: &Service,
    cx: &Context,
    params: DeleteParams,
) -> Result<Answer<Done>> {
    let driver = service.driver_of(&params.provider)?;
    let storage = storage_of(&*driver)?;
    Answer::of_done(params.dry_run, |dry_run| {
        storage.delete_image(cx, &params.provider, &params.image, dry_run)
    })
}
