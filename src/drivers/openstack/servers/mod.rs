//! Servers that stand.

mod addresses;
mod find;
mod list;
mod measures;
mod show;
mod state;

pub(super) use find::{find, find_server};
pub(super) use list::list;
pub(super) use show::{show, shown};
pub(super) use state::status;
