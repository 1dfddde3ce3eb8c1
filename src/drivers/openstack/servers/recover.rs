//! Creations and deletions that were cut off (the program was killed, the machine went down): what
//! their journals name is removed.

use crate::driver::{Context, Recovered, Removed};
use crate::drivers::openstack::artifacts::{Artifact, Remover};
use crate::drivers::openstack::cloud::Cloud;
use crate::transaction::{Abandoned, Journal, Resource};
use crate::{Error, Kind, Result};

/// Removes what all that were cut off in this project have left.
pub(crate) fn recover(cx: &Context, cloud: &Cloud) -> Result<Recovered> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Artifact>(&cx.state_dir, &cloud.host_id())? {
        undo(journal, cloud, &mut recovered)?;
    }
    Ok(recovered)
}

/// The same for the server `name` only; answers what was removed.
pub(super) fn recover_subject(cx: &Context, cloud: &Cloud, name: &str) -> Result<Vec<Removed>> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Artifact>(&cx.state_dir, &cloud.host_id())? {
        if journal.subject == name {
            undo(journal, cloud, &mut recovered)?;
        }
    }
    if recovered.left_behind.is_empty() {
        return Ok(recovered.removed);
    }
    let message = format!(
        "the creation or deletion of {name} was cut off, and not all of it could be removed"
    );
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(recovered.left_behind))
}

/// What `artifact` is called in answers.
pub(super) fn removed(artifact: &Artifact) -> Removed {
    Removed {
        resource: artifact.kind().into(),
        name: artifact.name(),
    }
}

fn undo(journal: Abandoned<Artifact>, cloud: &Cloud, into: &mut Recovered) -> Result<()> {
    tracing::warn!(
        server = %journal.subject,
        "its creation or deletion was cut off; removing what there is of it"
    );
    let remover = Remover::resumed(cloud, &journal.resources);
    let (gone, left) = journal.undo(|artifact| remover.remove(artifact))?;
    into.removed.extend(gone.iter().map(removed));
    into.left_behind.extend(left);
    Ok(())
}
