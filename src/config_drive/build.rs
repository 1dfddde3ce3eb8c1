//! The protocol's method `config_drive.build`.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Error, Kind, Result, Secret, private_file};

use super::Seed;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildRequest {
    /// What the drive says.
    pub seed: Seed,
    /// The file to be written, mode 0600; the answer holds the image if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// Whether a file that is there already may be replaced.
    #[serde(default)]
    pub replace: bool,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BuildAnswer {
    /// The volume's label.
    pub label: String,
    /// The image's size in bytes.
    pub size: u64,
    /// The image's SHA-256 in hexadecimal.
    pub sha256: String,
    /// The file that was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// The image in base64, where no file was asked for. It holds the minion's private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Secret>,
}

/// Builds a config drive.
///
/// # Errors
/// `invalid_field` for a seed that cannot be, its members under `/seed`; `already_exists` for a
/// file that is there and may not be replaced; what the file system says otherwise.
pub(crate) fn build(request: &BuildRequest) -> Result<BuildAnswer> {
    let image = request.seed.image().map_err(|error| {
        let field = format!("/seed{}", error.field().unwrap_or_default());
        error.with_field(field)
    })?;
    let image_text = match &request.output {
        Some(path) => {
            private_file::write(path, &image, request.replace)
                .map_err(|error| error.with_field("/output"))?;
            None
        }
        None => Some(Secret::new(STANDARD.encode(&*image))),
    };
    Ok(BuildAnswer {
        label: request.seed.format.label().to_owned(),
        size: u64::try_from(image.len())
            .map_err(|error| Error::new(Kind::Internal, error.to_string()))?,
        sha256: hex::encode(Sha256::digest(&*image)),
        output: request.output.clone(),
        image: image_text,
    })
}

#[cfg(test)]
mod tests;
