//! Creations and deletions that were cut off (the program was killed, the machine went down): what
//! their journals name is removed. And what is left of servers that are no more: orphans.

use super::removal::Removals;
use super::revocation::is_there;
use crate::driver::{Context, RecoverOptions, Recovered};
use crate::drivers::minion::{AcceptedKey, AcceptedKeys, MinionKey, ServerIdentity};
use crate::transaction::{Abandoned, HostId, Journal, Removal, Resource, journaled, named};
use crate::{Error, Kind, Result};

/// Something that this program made for a server that is no more.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::drivers) struct Orphan<A> {
    pub(in crate::drivers) artifact: A,
    /// By what it is known for one.
    pub(in crate::drivers) reason: String,
}

/// What a driver does for the recovery of a host.
pub(in crate::drivers) trait Recovery {
    /// What its creations make.
    type Artifact: Resource + From<MinionKey>;

    /// The host, as journals name it.
    fn host_id(&self) -> Result<HostId>;

    /// What removes the artifacts of a journal that names all of `made`. In a `hurry` it asks for their
    /// end and looks once.
    fn remover<'a>(
        &'a self,
        made: &[Self::Artifact],
        hurry: bool,
    ) -> impl FnMut(&Self::Artifact) -> Result<Removal> + 'a;

    /// What says of each of them what that would make of it, and changes nothing. Without a look it would
    /// all go.
    fn looker<'a>(
        &'a self,
        _made: &[Self::Artifact],
    ) -> impl FnMut(&Self::Artifact) -> Result<Removal> + 'a {
        |_| Ok(Removal::Gone)
    }

    /// Whether the host has `server`, now.
    fn has_server(&self, server: &ServerIdentity) -> Result<bool>;

    /// What is on the host, carries this program's mark and belongs to no server there; it need not care
    /// for what a journal names, nor for keys.
    fn orphans(&self) -> Result<Vec<Orphan<Self::Artifact>>> {
        Ok(Vec::new())
    }

    /// Removes an orphan, if it still is one; this is the last look before it goes.
    fn remove_orphan(&self, artifact: &Self::Artifact) -> Result<Removal> {
        self.remover(&[], false)(artifact)
    }
}

/// Removes what all that were cut off on this host have left; finds orphans, and removes them where
/// `options` say so.
pub(in crate::drivers) fn recover<D: Recovery>(
    cx: &Context,
    driver: &D,
    options: RecoverOptions,
) -> Result<Recovered> {
    let mut all = Removals::default();
    for journal in Journal::abandoned(&cx.state_dir, &driver.host_id()?)? {
        undo(journal, driver, false, &mut all)?;
    }
    let mut orphans = Vec::new();
    for Orphan { artifact, reason } in find_orphans(cx, driver, true)? {
        if options.remove_orphans {
            all.take(&artifact, driver.remove_orphan(&artifact));
        } else {
            orphans.push(named(&artifact, reason));
        }
    }
    Ok(Recovered {
        removed: all.removed,
        left_behind: all.left_behind,
        left: all.left,
        orphans,
    })
}

/// Removes what creations that were cut off on this host have left, before that of the server `name`
/// begins; what must still be removed is only warned of. What other servers have left keeps it from
/// nothing, and is not waited for.
pub(in crate::drivers) fn clear_up(cx: &Context, driver: &impl Recovery, name: &str) -> Result<()> {
    let mut all = Removals::default();
    for journal in abandoned(cx, driver)? {
        let hurry = journal.subject != name;
        undo(journal, driver, hurry, &mut all)?;
    }
    if !all.left_behind.is_empty() {
        let count = all.left_behind.len();
        tracing::warn!(
            count,
            "parts of a creation that was cut off are still there"
        );
    }
    Ok(())
}

/// Removes what was cut off of the server `name`; answers what became of it.
pub(in crate::drivers) fn recover_subject(
    cx: &Context,
    driver: &impl Recovery,
    name: &str,
) -> Result<Removals> {
    let mut all = Removals::default();
    for journal in abandoned(cx, driver)? {
        if journal.subject == name {
            undo(journal, driver, false, &mut all)?;
        }
    }
    let Some(first) = all.left_behind.first() else {
        return Ok(all);
    };
    let message = format!(
        "the creation or deletion of {name} was cut off, and not all of it could be removed: {}",
        first.reason
    );
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(all.left_behind))
}

/// The journals about this host whose program is gone. Where there is none at all the host is not asked which
/// it is.
fn abandoned<D: Recovery>(cx: &Context, driver: &D) -> Result<Vec<Abandoned<D::Artifact>>> {
    if !Journal::is_there_any(&cx.state_dir)? {
        return Ok(Vec::new());
    }
    Journal::abandoned(&cx.state_dir, &driver.host_id()?)
}

fn undo<D: Recovery>(
    journal: Abandoned<D::Artifact>,
    driver: &D,
    hurry: bool,
    into: &mut Removals,
) -> Result<()> {
    tracing::warn!(
        server = %journal.subject,
        "its creation or deletion was cut off; removing what there is of it"
    );
    let remover = driver.remover(&journal.resources, hurry);
    into.add(journal.undo(remover)?);
    Ok(())
}

/// What is left of servers that are no more. With `tidy`, notes of keys that are no more go as well.
pub(super) fn find_orphans<D: Recovery>(
    cx: &Context,
    driver: &D,
    tidy: bool,
) -> Result<Vec<Orphan<D::Artifact>>> {
    let notes = AcceptedKeys::below(&cx.state_dir);
    let accepted = notes.on(&driver.host_id()?)?;
    let mut found = driver.orphans()?;
    // Read only now: whatever has been begun before the look is written down there.
    let in_hand = journaled::<D::Artifact>(&cx.state_dir)?;
    found.retain(|orphan| !in_hand.contains(&orphan.artifact));
    for AcceptedKey { key, .. } in accepted {
        let artifact = D::Artifact::from(key.clone());
        let Some(server) = &key.server else { continue };
        // Asked only now: whatever was ended before the journals were read has its server.
        if in_hand.contains(&artifact) || driver.has_server(server)? {
            continue;
        }
        match is_there(&key)? {
            // somebody has taken it away already
            Some(false) if tidy => notes.forget(&key.note())?,
            Some(true) => found.push(Orphan {
                artifact,
                reason: format!("its server {} is not there any more", server.name),
            }),
            Some(false) | None => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
