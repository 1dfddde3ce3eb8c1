//! Servers that stand.

mod action;
mod addresses;
mod delete;
mod fault;
mod list;
mod measures;
mod recover;
mod show;
mod snapshot;
mod state;
mod target;

pub(super) use action::act;
pub(super) use delete::delete;
pub(super) use fault::fault_error;
pub(super) use list::list;
pub(super) use recover::recover;
pub(super) use show::{show, shown};
