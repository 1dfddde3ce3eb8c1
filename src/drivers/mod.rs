//! The drivers, one folder each, and beside them what several of them need.
//!
//! | folder | concern |
//! |---|---|
//! | `libvirt`, `openstack` | a driver each |
//! | `creation` | what every driver does alike when it creates a server |
//! | `minion` | a server's Salt minion, from its keys to the wait for its start |
//! | `image` | images that are brought to a host |

mod creation;
mod image;
pub(crate) mod libvirt;
mod minion;
pub(crate) mod openstack;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::driver::{Driver, Registry};

/// Every driver of this program.
#[cfg(test)]
pub(crate) fn registry() -> Registry {
    registry_with([])
}

/// Every driver of this program, and `more`.
#[must_use]
pub(crate) fn registry_with(more: impl IntoIterator<Item = Arc<dyn Driver>>) -> Registry {
    let mut drivers: Vec<Arc<dyn Driver>> = vec![
        Arc::new(libvirt::LibvirtDriver),
        Arc::new(openstack::OpenstackDriver),
    ];
    drivers.extend(more);
    Registry::new(drivers)
}
#[cfg(test)]
mod template_tests;
