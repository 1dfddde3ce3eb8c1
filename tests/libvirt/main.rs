//! The libvirt driver on real hosts: JSON goes in at the program's stdin, and virsh and the host's
//! own files tell what came of it.

#[path = "../common/mod.rs"]
mod common;

mod bare;
mod boot;
mod ceph;
mod cloud_init;

mod failures;
mod fault_proxy;
mod faults;
mod foreign;
mod form;
mod guest_console;
mod hostile_input;
mod idempotence;
mod images;
mod import_kill;
mod interruptions;
mod kept;
mod life;
mod life_faults;
mod machines;
mod not_whole;
mod packed;
mod pools;
mod removal;
mod round_trips;
mod session;
mod shell;
mod sick;
mod soak;
mod terminal;
mod transport;
mod uefi;
mod uri;
mod without_libvirt;
