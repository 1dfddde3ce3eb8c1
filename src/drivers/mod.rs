//! The drivers, one folder each, and beside them what several of them need.

mod create_options;
mod image;
pub mod libvirt;
mod minion;
pub mod openstack;
mod server_name;
mod spec_default;
mod spec_digest;
mod standing;

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
