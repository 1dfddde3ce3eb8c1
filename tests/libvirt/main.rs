//! The libvirt driver on real hosts: JSON goes in at the program's stdin, and virsh and the host's
//! own files tell what came of it.

#[path = "../common/mod.rs"]
mod common;

mod boot;
mod broken;
mod failures;
mod form;
mod guest;
mod hostile;
mod images;
mod program;
mod proxy;
mod session;
mod transport;
mod twice;
mod uefi;
