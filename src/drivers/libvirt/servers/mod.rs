//! Servers that exist: listed, shown, acted on, deleted.
//!
//! | file | concern |
//! |---|---|
//! | `list` | all servers, in few round trips |
//! | `show` | one server, with all that is known of it |
//! | `measures` | how large a domain is, by statistics |
//! | `action` | start, stop, reboot, suspend, resume |
//! | `owned` | a server of ours, before it is changed |
//! | `snapshots` | states of a server that are kept |
//! | `data_disk`, `card` | a disk or a network card given or taken away |
//! | `unplug` | what a guest that runs is asked to let go of |
//! | `console_log` | what its console has printed |
//! | `rename` | another name |
//! | `rebuild` | its root disk anew |
//! | `seal` | the private key off the seed |
//! | `resize` | another size |
//! | `delete` | exactly what the record says was made |
//! | `dry_run` | what a deletion would remove |
//! | `disks` | what a server has besides what was made for it |
//! | `missing` | what a server lacks of what was made for it |
//! | `recover` | what was cut off; orphans |

mod action;
mod card;
mod console_log;
mod data_disk;
mod delete;
mod disks;
mod dry_run;
#[cfg(fuzzing)]
#[path = "../../../../fuzz/inside/libvirt.rs"]
pub(crate) mod fuzzing;
mod list;
mod measures;
mod missing;
mod owned;
mod rebuild;
mod recover;
mod rename;
mod resize;
mod seal;
mod show;
mod snapshots;
mod unplug;

pub(super) use delete::delete;
pub(super) use dry_run::plan_deletion;
pub(super) use list::list;
pub(super) use missing::what_is_missing;
pub(super) use recover::{OnHost, plan_recovery, recover};
pub(super) use seal::seal;
pub(super) use show::{show, show_new};

use super::host::Host;
use super::settings::Settings;
use crate::Result;
use std::time::Duration;

use crate::driver::{Action, ActionDone, ActionOptions, Context, DeleteOptions};

/// Does `action` to the server `name`.
pub(super) fn act(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    let patience = Duration::from_secs(options.timeout.unwrap_or(action::PATIENCE));
    if action == Action::Delete {
        let done = delete(cx, host, (&settings.pool, name), &DeleteOptions::default())?;
        return Ok(ActionDone::new(done.message, done.deleted, None));
    }
    let new_name = options.new_name.as_deref();
    let mut done = match action {
        Action::Seal => seal(cx, host, name),
        Action::Resize => resize::resize(host, settings, name, options.size.as_deref()),
        Action::AttachDisk => data_disk::attach(cx, host, name, options),
        Action::DetachDisk => data_disk::detach(cx, host, name, options, patience),
        Action::AttachInterface => card::attach(host, name, options.interface.as_ref()),
        Action::DetachInterface => card::detach(cx, host, name, options.mac.as_deref(), patience),
        Action::ConsoleLog => console_log::read(host, name, options.lines),
        Action::Rename => rename::rename(cx, host, name, new_name),
        Action::Rebuild => {
            rebuild::rebuild(cx, host, settings, name, options.image.as_deref(), patience)
        }
        Action::Snapshot
        | Action::ListSnapshots
        | Action::RevertSnapshot
        | Action::DeleteSnapshot => snapshots::act(cx, host, name, action, options),
        _ => action::act(cx, host, name, action, options),
    }?;
    let now_called = new_name.filter(|_| action == Action::Rename);
    done.server = Some(show(host, settings, now_called.unwrap_or(name))?);
    Ok(done)
}
