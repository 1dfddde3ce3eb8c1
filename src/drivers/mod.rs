//! The drivers, one folder each.

pub mod libvirt;
pub mod openstack;

use crate::driver::Registry;

/// Every driver of this program.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(vec![std::sync::Arc::new(libvirt::LibvirtDriver)])
}
