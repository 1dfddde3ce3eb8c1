//! The servers that exist.
//!
//! | file | concern |
//! |---|---|
//! | `list`, `show` | all servers, and one in the full view |
//! | `measures` | how large a server is, and what it looks like in answers |
//! | `addresses` | its addresses and interfaces |
//! | `state` | what it is doing |
//! | `server_fault` | why it is in `ERROR` |
//! | `action`, `snapshot` | what is done to it |
//! | `target` | asking for an action, and waiting until it is done |
//! | `delete` | its deletion, with exactly what was made for it |
//! | `dry_run` | what a deletion would remove |
//! | `recover` | what creations and deletions that were cut off have left |

mod action;
mod addresses;
mod delete;
mod dry_run;
mod list;
mod measures;
mod recover;
mod server_fault;
mod show;
mod snapshot;
mod state;
mod target;

pub(super) use action::act;
pub(super) use delete::delete;
pub(super) use dry_run::plan_deletion;
pub(super) use list::list;
pub(super) use recover::{InCloud, plan_recovery, recover};
pub(super) use server_fault::fault_error;
pub(super) use show::{show, shown};
