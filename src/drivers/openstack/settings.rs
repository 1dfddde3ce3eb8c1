//! What a provider record says to this driver.

use std::time::Duration;

use crate::Result;
use crate::driver::{Defaults, Provider};

/// A provider record as this driver understands it.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) provider_name: String,
    pub(super) region: Option<String>,
    pub(super) defaults: Defaults,
    /// Price for an hour of each flavour, by its name.
    pub(super) prices: indexmap::IndexMap<String, f64>,
    pub(super) currency: Option<String>,
    /// How long a call may take.
    pub(super) call_limit: Duration,
}

impl Settings {
    /// Reads `provider`; every error is an `invalid_field` below `/provider`.
    pub(super) fn read(_provider: &Provider) -> Result<Self> {
        unimplemented!()
    }
}
