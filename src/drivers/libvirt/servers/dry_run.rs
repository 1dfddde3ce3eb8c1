//! What a deletion would remove, looked up and not touched.

use virt::error::ErrorNumber;

use super::delete::{find, not_ours};
use super::recover::OnHost;
use crate::Result;
use crate::driver::{Context, DeleteOptions, DryRun};
use crate::drivers::creation::{plan_revocation, plan_unfinished, recorded_key};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::host::errors::is;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::minion::ServerIdentity;

/// What deleting the server `name` would do.
pub(crate) fn plan_deletion(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    options: &DeleteOptions,
) -> Result<DryRun> {
    let mut plan = DryRun::new("", false);
    let on_host = OnHost::new(cx, host, settings);
    let unfinished = plan_unfinished(&mut plan, cx, &on_host, Some(name))?;
    let Some(found) = find(host, settings, name)? else {
        plan.message = if unfinished.is_empty() {
            format!("there is no server {name}; nothing to delete")
        } else {
            format!("the creation of {name} was cut off; what it had made would be removed")
        };
        return Ok(plan);
    };
    plan.would_change = true;
    let Some(record) = &found.record else {
        if !options.force {
            return Err(not_ours(name));
        }
        plan.message =
            format!("the definition of {name} would be deleted; its disks would be left");
        plan.remove("domain", name);
        return Ok(plan);
    };
    for recorded in record.volumes.iter().rev() {
        if exists(host, settings, &recorded.pool, &recorded.name)? {
            plan.remove("volume", format!("{}/{}", recorded.pool, recorded.name));
        }
    }
    let server = ServerIdentity {
        name: name.to_owned(),
        uuid: found.uuid,
    };
    let minion = record.minion.as_ref();
    if let Some(key) = minion.and_then(|minion| recorded_key(minion, &server, options)) {
        plan_revocation::<Artifact>(&mut plan, cx, key)?;
    }
    if let Some(path) = record.nvram.as_ref().filter(|_| found.has_recorded_nvram()) {
        plan.remove("nvram", path);
    }
    plan.remove("domain", name);
    plan.message = format!("{name} would be deleted");
    Ok(plan)
}

/// Whether the volume `name` of `pool` is there.
fn exists(host: &Host, settings: &Settings, pool: &str, name: &str) -> Result<bool> {
    let (doing, pool, name) = (
        format!("look for the volume {pool}/{name}"),
        pool.to_owned(),
        name.to_owned(),
    );
    host.call(&doing, settings.call_limit, move |conn| {
        let looked = conn
            .lookup_storage_pool_by_name(&pool)
            .and_then(|pool| pool.lookup_storage_vol_by_name(&name));
        match looked {
            Ok(_) => Ok(true),
            Err(error) if is(&error, ErrorNumber::NoStorageVolume) => Ok(false),
            Err(error) => Err(error),
        }
    })
}
