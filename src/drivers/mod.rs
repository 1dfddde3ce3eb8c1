//! The drivers.
pub mod libvirt;
