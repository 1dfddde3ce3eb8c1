//! The OpenStack driver on a real cloud, and on one that does what a real one cannot be made to do.

#[path = "../common/mod.rs"]
mod common;

mod actions;
mod bad_clouds;
mod beside_the_client;
mod create;
mod failures;
mod fault_proxy;
mod faults;
mod foreign;
mod form;
mod images;
mod import_kill;
mod inventory;
mod leftovers;
mod login;
mod members;
mod round_trips;
mod shell;
mod strange_answers;
mod stub;
mod transport;
