//! What a deletion would remove, looked up and not touched.

use super::delete::{kept, not_ours, own};
use super::recover::InCloud;
use crate::Result;
use crate::driver::{Context, DeleteOptions, DryRun};
use crate::drivers::creation::{plan_revocation, plan_unfinished};
use crate::drivers::openstack::artifacts::Artifact;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::{Recorded, find_server};
use crate::drivers::openstack::removal::Remover;
use crate::transaction::{Removal, Resource as _};

/// What deleting the server `name`, which may be its id, would do.
pub(crate) fn plan_deletion(
    cx: &Context,
    cloud: &Cloud,
    name: &str,
    options: &DeleteOptions,
) -> Result<DryRun> {
    let mut plan = DryRun::new("", false);
    let unfinished = plan_unfinished(&mut plan, cx, &InCloud::new(cx, cloud), Some(name))?;
    let Some(server) = find_server(cloud, name)? else {
        plan.message = if unfinished.is_empty() {
            format!("there is no server {name}; nothing to delete")
        } else {
            format!("{name} was never finished; what there is of it would be removed")
        };
        return Ok(plan);
    };
    plan.would_change = true;
    let recorded = Recorded::of(cloud);
    let (record, parts) = match own(&recorded, &server, options)? {
        Ok(own) => own,
        Err(why) if !options.force => return Err(not_ours(name, &why)),
        Err(why) => {
            plan.message = format!("{name} would be deleted, and nothing else, for it {why}");
            plan.remove("server", server.name);
            return Ok(plan);
        }
    };
    let remover = Remover::deleted(cx, recorded, &parts, &server.id);
    for part in parts.into_iter().rev() {
        match (remover.would_remove(&part)?, part) {
            (Removal::Absent, _) => {}
            (Removal::Kept(why), part) => plan.keep(part.kind(), part.name(), why),
            (Removal::Gone, Artifact::MinionKey(key)) => {
                plan_revocation::<Artifact>(&mut plan, cx, key)?;
            }
            (Removal::Gone, part) => plan.remove(part.kind(), part.name()),
        }
    }
    for left in kept(&record) {
        plan.keep(&left.resource, left.name, left.reason);
    }
    plan.message = format!("{name} would be deleted");
    Ok(plan)
}
