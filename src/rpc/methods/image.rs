//! `image.import`.

use schemars::JsonSchema;
use serde::Deserialize;

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
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
}

pub(super) fn import(
    service: &Service,
    cx: &Context,
    params: ImportParams,
) -> Result<ImageImported> {
    let provider = params.provider;
    service
        .driver_of(&provider)?
        .import_image(cx, &provider, &params.image)
}
