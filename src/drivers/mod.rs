//! The drivers, one folder each.

pub mod libvirt;
pub mod openstack;

use std::sync::Arc;

use crate::driver::Registry;

/// Every driver of this program.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(vec![
        Arc::new(libvirt::LibvirtDriver),
        Arc::new(openstack::OpenstackDriver),
    ])
}
