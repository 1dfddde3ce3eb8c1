//! Servers that exist: listed, shown, acted on, deleted.
//!
//! | file | concern |
//! |---|---|
//! | `list` | all servers, in few round trips |
//! | `show` | one server, with all that is known of it |
//! | `measures` | how large a domain is, by statistics |
//! | `action` | start, stop, reboot, suspend, resume |
//! | `seal` | the private key off the seed |
//! | `resize` | another size |
//! | `delete` | exactly what the record says was made |
//! | `dry_run` | what a deletion would remove |
//! | `disks` | what a server has besides what was made for it |
//! | `missing` | what a server lacks of what was made for it |
//! | `recover` | what was cut off; orphans |

mod action;
mod delete;
mod disks;
mod dry_run;
#[cfg(fuzzing)]
#[path = "../../../../fuzz/inside/libvirt.rs"]
pub(crate) mod fuzzing;
mod list;
mod measures;
mod missing;
mod recover;
mod resize;
mod seal;
mod show;

pub(super) use action::act;
pub(super) use delete::delete;
pub(super) use dry_run::plan_deletion;
pub(super) use list::list;
pub(super) use missing::what_is_missing;
pub(super) use recover::{OnHost, plan_recovery, recover};
pub(super) use resize::resize;
pub(super) use seal::seal;
pub(super) use show::{show, show_new};
