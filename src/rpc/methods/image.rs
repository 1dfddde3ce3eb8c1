//! `image.import`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::dry_run::Answer;
use crate::Result;
use crate::driver::{Context, ImageImport, ImageImported, Provider};
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
