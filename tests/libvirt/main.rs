//! The libvirt driver on real hosts: JSON goes in at the program's stdin, and virsh and the host's
//! own files tell what came of it.

#[path = "../common/mod.rs"]
mod common;

mod boot;
mod guest;
mod uefi;
