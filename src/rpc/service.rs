//! What methods are given: the drivers, and where a call finds its files.

use std::sync::Arc;

use crate::Result;
use crate::driver::{Context, Driver, Provider, Registry};

/// The drivers, and where a call finds its files: all that a method needs besides its parameters.
#[derive(Debug)]
pub(crate) struct Service {
    registry: Registry,
    context: Context,
}

impl Service {
    /// Serves the drivers of `registry`; each call gets a copy of `context`.
    #[must_use]
    pub(crate) fn new(registry: Registry, context: Context) -> Self {
        Self { registry, context }
    }

    /// What calls carry besides their parameters.
    #[must_use]
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The drivers served.
    #[must_use]
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The driver that `provider` names, which may have it.
    pub(super) fn driver_of(&self, provider: &Provider) -> Result<Arc<dyn Driver>> {
        let driver = self
            .registry
            .get(provider.driver_id()?, "/provider/driver_name")?;
        driver.check_provider(provider)?;
        Ok(driver)
    }
}
