//! What methods are given: the drivers, and where a call finds its files.

use std::sync::Arc;

use crate::concurrent::each;
use crate::driver::{BrokenDriver, Context, Driver, Provider, Registry};
use crate::{Error, Result};

/// How many drivers are tried at once.
const AT_ONCE: usize = 16;

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

    /// The driver `id`, which can be asked; `field` is the member that named it.
    pub(crate) fn driver(&self, id: &str, field: &str) -> Result<Arc<dyn Driver>> {
        let driver = self.registry.get(id, field)?;
        driver
            .ready(&self.context)
            .map_err(|broken| Error::from(broken).with_field(field))?;
        Ok(driver)
    }

    /// All drivers that there are now and that can be asked, and what is broken. They are tried side by side,
    /// so that the slowest is all that is waited for.
    pub(crate) fn drivers(&self) -> (Vec<Arc<dyn Driver>>, Vec<BrokenDriver>) {
        let (mut drivers, mut broken) = self.registry.list();
        let cx = &self.context;
        let mut tried = each(&drivers, AT_ONCE, |one| one.ready(cx)).into_iter();
        drivers.retain(|_| match tried.next() {
            Some(Err(why)) => {
                broken.push(why);
                false
            }
            _ => true,
        });
        (drivers, broken)
    }

    /// The driver that `provider` names, which may have it.
    pub(super) fn driver_of(&self, provider: &Provider) -> Result<Arc<dyn Driver>> {
        let driver = self.driver(provider.driver_id()?, "/provider/driver_name")?;
        driver.check_provider(provider)?;
        Ok(driver)
    }
}
