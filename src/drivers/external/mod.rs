//! Drivers that are programs: an executable in `drivers.d` that speaks the protocol of `va-driver rpc`.

use std::path::Path;
use std::sync::Arc;

use crate::driver::{BrokenDriver, Driver};

/// The driver `id` that the executable `path` is. Its file and directory are trusted already, and it is
/// not started for this.
pub(crate) fn open(path: &Path, id: &str) -> Result<Arc<dyn Driver>, BrokenDriver> {
    let message = format!("{id} is an executable, and this version serves manifests only");
    Err(BrokenDriver::new(path, message))
}
