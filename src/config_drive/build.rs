//! The protocol's method `config_drive.build`.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::confined_dir::ConfinedDir;
use crate::{Error, Kind, Result, Secret};

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
            write(path, &image, request.replace).map_err(|error| error.with_field("/output"))?;
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

/// Writes `content` to `path` whole or not at all, for nobody else to read.
fn write(path: &Path, content: &[u8], replace: bool) -> Result<()> {
    let is_there = || {
        Error::new(
            Kind::AlreadyExists,
            format!(
                "{} is there already: name another file, or set `replace`",
                path.display()
            ),
        )
    };
    if !replace && fs::symlink_metadata(path).is_ok() {
        return Err(is_there()); // said before anything is written; the rename sees to the rest
    }
    if path.is_dir() {
        return Err(Error::new(
            Kind::InvalidField,
            format!("{} is a directory: name a file in it", path.display()),
        ));
    }
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        let message = format!("{} names no file", path.display());
        Error::new(Kind::InvalidField, message)
    })?;
    let dir = ConfinedDir::open(dir)?.for_caller();
    if replace {
        return dir.replace(name, content, 0o600);
    }
    dir.create_new(name, content, 0o600)
        .map_err(|error| match error.kind() {
            Kind::AlreadyExists => is_there(),
            _ => error,
        })
}

#[cfg(test)]
mod tests;
