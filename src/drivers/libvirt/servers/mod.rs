//! Servers that stand: listed, shown, acted on, deleted.

mod action;
mod addresses;
mod delete;
mod list;
mod measures;
mod recover;
mod seal;
mod show;

pub(super) use action::act;
pub(super) use delete::delete;
pub(super) use list::list;
pub(super) use recover::recover;
pub(super) use seal::seal;
pub(super) use show::show;
