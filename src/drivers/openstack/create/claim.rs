//! Who may have a name. Nova gives one name to many servers, so that of two creations at once both may
//! find it free; afterwards both see each other, and the older one stays.
//!
//! Nova counts seconds. Two of the same second are told apart by their ids, and the last look is taken
//! when that second is over, so that nobody stays who has not seen all that are as old.

use std::thread;
use std::time::{Duration, Instant};

use crate::drivers::creation::name_taken;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::creations_named;
use crate::drivers::openstack::plan::Plan;
use crate::{Kind, Result};

/// How old a server is at its last look: the second that it was made in is over, and clocks of the
/// cloud's hosts may differ a little.
const SETTLED: Duration = Duration::from_millis(1500);

/// Sees that `id` is the oldest that this program made of the plan's name, of those that live. Where
/// the cloud cannot be asked, the server is not taken apart for it: that is answered as a warning.
pub(super) fn check(cloud: &Cloud, plan: &Plan, id: &str) -> Result<Option<String>> {
    let all = match creations_named(cloud, &plan.name) {
        Ok(all) => all.into_iter(),
        Err(error) if error.kind() == Kind::Cancelled => return Err(error),
        Err(error) => {
            return Ok(Some(format!(
                "whether another creation made a server {} at the same time could not be seen: {error}",
                plan.name
            )));
        }
    };
    let living = all.filter(|(_, server)| {
        server.id == id
            || !(server.status == "ERROR" || server.task_state.as_deref() == Some("deleting"))
    });
    let oldest = living
        .map(|(_, server)| (server.created, server.id))
        .min()
        .map(|(_, oldest)| oldest);
    if oldest.is_none_or(|oldest| oldest == id) {
        return Ok(None);
    }
    Err(name_taken(&plan.name, "made in the meantime"))
}

/// Waits until whatever was made at the same time as a server that was `posted` then can be seen.
pub(super) fn settle(posted: Instant) {
    thread::sleep(SETTLED.saturating_sub(posted.elapsed()));
}
