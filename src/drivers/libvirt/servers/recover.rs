//! Creations that were cut off (the program was killed, the machine went down): what their journals
//! say was made is removed.

use crate::Result;
use crate::driver::{Context, Recovered, Removed};
use crate::drivers::libvirt::artifacts::{Artifact, Remover};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::settings::Settings;
use crate::transaction::{Abandoned, Journal, Resource};

/// Removes what all creations on this host that were cut off have left.
pub(crate) fn recover(cx: &Context, host: &Host, settings: &Settings) -> Result<Recovered> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Artifact>(&cx.state_dir, &settings.host_id())? {
        undo(journal, host, settings, &mut recovered)?;
    }
    Ok(recovered)
}

/// The same for creations of the server `name` only; answers what was removed.
pub(super) fn recover_subject(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
) -> Result<Vec<Removed>> {
    let mut recovered = Recovered::default();
    for journal in Journal::abandoned::<Artifact>(&cx.state_dir, &settings.host_id())? {
        if journal.subject == name {
            undo(journal, host, settings, &mut recovered)?;
        }
    }
    if recovered.left_behind.is_empty() {
        return Ok(recovered.removed);
    }
    let message = format!("a creation of {name} was cut off, and not all of it could be removed");
    Err(crate::Error::new(crate::Kind::PartialFailure, message)
        .with_left_behind(recovered.left_behind))
}

fn undo(
    journal: Abandoned<Artifact>,
    host: &Host,
    settings: &Settings,
    into: &mut Recovered,
) -> Result<()> {
    tracing::warn!(server = %journal.subject, "its creation was cut off; removing what there is of it");
    let remover = Remover::new(host, settings);
    let (removed, left) = journal.undo(|artifact| remover.remove(artifact))?;
    let removed = removed.iter().map(|artifact| Removed {
        resource: artifact.kind().into(),
        name: artifact.name(),
    });
    into.removed.extend(removed);
    into.left_behind.extend(left);
    Ok(())
}
