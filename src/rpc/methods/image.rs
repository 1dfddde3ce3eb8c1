//! `image.import`, `image.delete`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::dry_run::Answer;
use crate::Result;
use crate::driver::{Context, ImageDeleted, ImageImport, ImageImported, Provider};
use crate::rpc::Service;

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

/// What `image.delete` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct DeleteParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The image's name, or its id.
    image_name: String,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
}

pub(super) fn delete(
    service: &Service,
    cx: &Context,
    params: DeleteParams,
) -> Result<Answer<ImageDeleted>> {
    let (provider, name) = (params.provider, params.image_name);
    let driver = service.driver_of(&provider)?;
    let look = || driver.plan_image_deletion(cx, &provider, &name);
    let change = || driver.delete_image(cx, &provider, &name);
    Answer::of(params.dry_run, look, change)
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
