//! What a deletion would remove, looked up and not touched.

use super::delete::{not_ours, parts};
use super::recover::InCloud;
use crate::Result;
use crate::driver::{Context, DeleteOptions, DryRun};
use crate::drivers::creation::{plan_revocation, plan_unfinished};
use crate::drivers::openstack::artifacts::Artifact;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::find_server;
use crate::drivers::openstack::record::Record;
use crate::transaction::Resource as _;

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
    let Some(record) = Record::of(&server.metadata) else {
        if !options.force {
            return Err(not_ours(name));
        }
        plan.message =
            format!("{name} would be deleted, and nothing else, for this program did not make it");
        plan.remove("server", server.name);
        return Ok(plan);
    };
    for part in parts(cloud, &server, &record, options)?.into_iter().rev() {
        match part {
            Artifact::MinionKey(key) => plan_revocation::<Artifact>(&mut plan, cx, key)?,
            part => plan.remove(part.kind(), part.name()),
        }
    }
    plan.message = format!("{name} would be deleted");
    Ok(plan)
}
