//! Creations and deletions that were cut off (the program was killed, the machine went down): what
//! their journals name is removed.

use crate::driver::{Context, Recovered, Removed};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::made::{Made, Undoer};
use crate::transaction::{Abandoned, Journal, Resource};
use crate::{Error, Kind, Result};

/// Removes what all that were cut off in this project have left.
pub(crate) fn recover(cx: &Context, cloud: &Cloud) -> Result<Recovered> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Made>(&cx.state_dir, &cloud.host_id())? {
        undo(journal, cloud, &mut recovered)?;
    }
    Ok(recovered)
}

/// The same for the server `name` only; answers what was removed.
pub(super) fn recover_subject(cx: &Context, cloud: &Cloud, name: &str) -> Result<Vec<Removed>> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Made>(&cx.state_dir, &cloud.host_id())? {
        if journal.subject == name {
            undo(journal, cloud, &mut recovered)?;
        }
    }
    if recovered.left_behind.is_empty() {
        return Ok(recovered.removed);
    }
    let message = format!("{name} was cut off on its way, and not all of it could be removed");
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(recovered.left_behind))
}

/// What `made` is called in answers.
pub(super) fn removed(made: &Made) -> Removed {
    Removed {
        resource: made.kind().into(),
        name: made.name(),
    }
}

fn undo(journal: Abandoned<Made>, cloud: &Cloud, into: &mut Recovered) -> Result<()> {
    tracing::warn!(server = %journal.subject, "it was cut off; removing what there is of it");
    let undoer = Undoer::resumed(cloud, &journal.resources);
    let (gone, left) = journal.undo(|made| undoer.undo(made))?;
    into.removed.extend(gone.iter().map(removed));
    into.left_behind.extend(left);
    Ok(())
}
