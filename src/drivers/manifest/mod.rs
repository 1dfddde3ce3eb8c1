//! Drivers that are described by a page of YAML.

use std::path::Path;
use std::sync::Arc;

use crate::driver::{BrokenDriver, Driver};

/// The driver `id` that the `text` of `file` describes.
pub(super) fn read(file: &Path, id: &str, _text: &[u8]) -> Result<Arc<dyn Driver>, BrokenDriver> {
    let message = format!("{id} is a manifest, and this version serves none yet");
    Err(BrokenDriver::new(file, message))
}
