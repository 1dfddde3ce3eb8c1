//! The driver for libvirt hosts: QEMU and KVM by way of `libvirtd`.

pub mod host;
pub mod loader;
