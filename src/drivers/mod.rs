//! The drivers, one folder each, and beside them what several of them need.

mod create_options;
pub mod libvirt;
mod minion;
pub mod openstack;
mod server_name;
mod spec_digest;

use crate::driver::Registry;

/// Every driver of this program.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(vec![
        std::sync::Arc::new(libvirt::LibvirtDriver),
        std::sync::Arc::new(openstack::OpenstackDriver),
    ])
}
