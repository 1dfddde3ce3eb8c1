//! The libvirt driver on real hosts: JSON goes in at the program's stdin, and virsh and the host's
//! own files tell what came of it.

#[path = "../common/mod.rs"]
mod common;

mod boot;
mod cut_deletion;
mod failures;
mod fault_proxy;
mod foreign;
mod form;
mod guest_console;
mod hostile_input;
mod idempotence;
mod images;
mod import_kill;
mod interruptions;
mod life;
mod machines;
mod packed;
mod pools;
mod removal;
mod session;
mod shell;
mod sick;
mod transport;
mod uefi;
mod uri;
mod without_libvirt;
