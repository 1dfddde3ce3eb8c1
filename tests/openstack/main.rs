//! The OpenStack driver on a real cloud, and on one that does what a real one cannot be made to do.

#[path = "../common/mod.rs"]
mod common;

mod actions;
mod between;
mod create;
mod failures;
mod form;
mod images;
mod inventory;
mod login;
mod shell;
mod stub;
mod traces;
mod transport;
mod unwell;
