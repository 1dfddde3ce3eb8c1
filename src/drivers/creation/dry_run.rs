//! What a deletion or a recovery would do, as far as it is the same on every host. Nothing here changes
//! anything on the host or the master.

use super::recovery::{Orphan, Recovery, find_orphans};
use super::revocation::would_revoke;
use crate::Result;
use crate::driver::{Context, DryRun, RecoverOptions};
use crate::drivers::minion::MinionKey;
use crate::transaction::{Journal, Removal, Resource};

/// Adds to `plan` what journals name of creations and deletions on the driver's host that were cut off;
/// only those of the server `subject`, where one is given. Answers whose they are.
pub(in crate::drivers) fn plan_unfinished<D: Recovery>(
    plan: &mut DryRun,
    cx: &Context,
    driver: &D,
    subject: Option<&str>,
) -> Result<Vec<String>> {
    let mut subjects = Vec::new();
    for journal in Journal::abandoned::<D::Artifact>(&cx.state_dir, &driver.host_id()?)? {
        if subject.is_none_or(|subject| journal.subject == subject) {
            let mut look = driver.looker(&journal.resources);
            for resource in journal.resources.iter().rev() {
                let (kind, name) = (resource.kind(), resource.name());
                match look(resource) {
                    Ok(Removal::Gone) => plan.remove(kind, name),
                    Ok(Removal::Absent) => {}
                    Ok(Removal::Kept(why)) => plan.keep(kind, name, why),
                    Err(error) => plan.keep(kind, name, error.message()),
                }
            }
            drop(look);
            plan.would_change = true;
            subjects.push(journal.subject);
        }
    }
    Ok(subjects)
}

/// What `server.recover` would do on the driver's host.
pub(in crate::drivers) fn plan_recovery<D: Recovery>(
    cx: &Context,
    driver: &D,
    options: RecoverOptions,
) -> Result<DryRun> {
    let mut plan = DryRun::new("", false);
    let subjects = plan_unfinished(&mut plan, cx, driver, None)?;
    let mut message = match subjects.as_slice() {
        [] => "nothing was cut off on this host".to_owned(),
        subjects => format!(
            "what was cut off would be removed where it is still there: {}",
            subjects.join(", ")
        ),
    };
    let orphans = find_orphans(cx, driver, false)?;
    if !orphans.is_empty() {
        message.push_str(if options.remove_orphans {
            "; what is left of servers that are no more would be removed"
        } else {
            "; what is left of servers that are no more would stay unless that is asked for, too"
        });
    }
    for Orphan { artifact, reason } in orphans {
        if options.remove_orphans {
            plan.would_change = true;
            plan.remove(artifact.kind(), artifact.name());
        } else {
            plan.keep(artifact.kind(), artifact.name(), reason);
        }
    }
    plan.message = message;
    Ok(plan)
}

/// Adds to `plan` what a server's deletion makes of its minion's `key`.
pub(in crate::drivers) fn plan_revocation<R: Resource + From<MinionKey>>(
    plan: &mut DryRun,
    cx: &Context,
    key: MinionKey,
) -> Result<()> {
    let removal = would_revoke(&cx.state_dir, &key)?;
    let resource = R::from(key);
    match removal {
        Removal::Gone => plan.remove(resource.kind(), resource.name()),
        Removal::Absent => {}
        Removal::Kept(why) => plan.keep(resource.kind(), resource.name(), why),
    }
    Ok(())
}
