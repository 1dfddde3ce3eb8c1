//! What a deletion would remove, looked up and not touched.

use super::delete::{besides, find, left_by_force, not_ours, parts};
use super::recover::OnHost;
use crate::Result;
use crate::driver::{Context, DeleteOptions, DryRun};
use crate::drivers::creation::plan_unfinished;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::remover::Remover;
use crate::transaction::{Removal, Resource};

/// What deleting the server `name` would do.
pub(crate) fn plan_deletion(
    cx: &Context,
    host: &Host,
    (pool, name): (&str, &str),
    options: &DeleteOptions,
) -> Result<DryRun> {
    let mut plan = DryRun::new("", false);
    let on_host = OnHost::new(cx, host);
    let unfinished = plan_unfinished(&mut plan, cx, &on_host, Some(name))?;
    let Some(found) = find(host, pool, name)? else {
        plan.message = if unfinished.is_empty() {
            format!("there is no server {name}; nothing to delete")
        } else {
            format!(
                "the creation or deletion of {name} was cut off; what it had left would be removed"
            )
        };
        return Ok(plan);
    };
    plan.would_change = true;
    let Some(record) = found.owner.record() else {
        if !options.force {
            return Err(not_ours(name, &found.owner));
        }
        plan.message =
            format!("the definition of {name} would be deleted; its disks would be left");
        plan.remove("domain", name);
        plan.would_stay.extend(left_by_force(&found));
        return Ok(plan);
    };
    plan.would_stay.extend(besides(host, &found, record)?);
    let parts = parts(&found.domain, record, options);
    let remover = Remover::new(cx, host, &parts)
        .leaving_lost(options.force)
        .only_looking();
    for artifact in parts.iter().rev() {
        let (kind, place) = (artifact.kind(), artifact.name());
        match remover.remove(artifact) {
            Ok(Removal::Gone) => plan.remove(kind, place),
            Ok(Removal::Absent) => {}
            Ok(Removal::Kept(why)) => plan.keep(kind, place, why),
            Err(error) => plan.keep(kind, place, error.message()),
        }
    }
    for (path, removal) in remover.variables() {
        match removal {
            Removal::Kept(why) => plan.keep("nvram", path, why),
            _ => plan.remove("nvram", path),
        }
    }
    plan.message = format!("{name} would be deleted");
    Ok(plan)
}
