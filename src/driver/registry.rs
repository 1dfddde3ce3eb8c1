//! Finds a driver by its id.

use std::sync::Arc;

use super::Driver;
use crate::{Error, Result};

/// The drivers there are, in the order in which they are listed.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    drivers: Vec<Arc<dyn Driver>>,
}

impl Registry {
    /// A registry of `drivers`.
    #[must_use]
    pub fn new(drivers: Vec<Arc<dyn Driver>>) -> Self {
        Self { drivers }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Driver>> {
        self.drivers.iter()
    }

    /// The driver `id`; `field` is the member that named it.
    pub fn get(&self, id: &str, field: &str) -> Result<Arc<dyn Driver>> {
        self.drivers
            .iter()
            .find(|driver| driver.driver_id() == id)
            .cloned()
            .ok_or_else(|| {
                let known: Vec<_> = self
                    .drivers
                    .iter()
                    .map(|driver| driver.driver_id())
                    .collect();
                Error::invalid(
                    field,
                    format!("there is no driver {id:?}; there are: {}", known.join(", ")),
                )
                .with_kind(crate::Kind::NotFound)
            })
    }
}
