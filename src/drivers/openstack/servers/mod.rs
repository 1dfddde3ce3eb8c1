//! Servers that stand.

mod action;
mod addresses;
mod creations;
mod delete;
mod fault;
mod find;
mod free;
mod list;
mod measures;
mod recover;
mod remove;
mod show;
mod snapshot;
mod state;

pub(super) use action::act;
pub(super) use creations::creations_named;
pub(super) use delete::delete;
pub(super) use fault::fault_error;
pub(super) use find::{by_id, named};
pub(super) use free::{floating_ip_is_free, port_is_free};
pub(super) use list::list;
pub(super) use recover::recover;
pub(super) use remove::remove;
pub(super) use show::{show, shown};
