//! The drivers, one folder each, and beside them what several of them need.
//!
//! | folder | concern |
//! |---|---|
//! | `libvirt`, `openstack` | a driver each |
//! | `drivers_d` | drivers that are described by files beside the program |
//! | `manifest`, `external` | a driver in a page of YAML; one that is a program |
//! | `base` | what the others leave to it, by `salt-cloud` |
//! | `creation` | what every driver does alike when it creates a server |
//! | `minion` | a server's Salt minion, from its keys to the wait for its start |
//! | `notes` | what is noted on this machine, because no host says it |
//! | `image` | images that are brought to a host |

pub(crate) mod base;
mod creation;
pub(crate) mod drivers_d;
mod external;
#[cfg(fuzzing)]
#[path = "../../fuzz/inside/drivers.rs"]
pub(crate) mod fuzzing;
mod image;
pub(crate) mod libvirt;
pub(crate) mod manifest;
mod minion;
mod notes;
pub(crate) mod openstack;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::driver::{Driver, Registry};
use drivers_d::DriversD;

/// Every driver of this program.
#[cfg(test)]
pub(crate) fn registry() -> Registry {
    Registry::new(own([]))
}

/// Every driver of this program, `more`, and those of the directories `drivers.d`.
#[must_use]
pub(crate) fn registry_with(more: impl IntoIterator<Item = Arc<dyn Driver>>) -> Registry {
    let drivers = own(more);
    let ids = drivers.iter().map(|driver| driver.driver_id().to_owned());
    let source = DriversD::of_environment(ids.collect());
    Registry::new(drivers).with_source(Arc::new(source))
}

fn own(more: impl IntoIterator<Item = Arc<dyn Driver>>) -> Vec<Arc<dyn Driver>> {
    let mut drivers: Vec<Arc<dyn Driver>> = vec![
        Arc::new(libvirt::LibvirtDriver),
        Arc::new(openstack::OpenstackDriver),
    ];
    drivers.extend(more);
    drivers
}
#[cfg(test)]
mod template_tests;
