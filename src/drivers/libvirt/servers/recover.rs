//! The recovery of a libvirt host, as far as it differs from others.

use std::collections::HashSet;

use crate::Result;
use crate::driver::{Context, DryRun, RecoverOptions, Recovered};
use crate::drivers::creation::{self, Orphan, Recovery};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::remover::Remover;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::uses::Uses;
use crate::drivers::libvirt::xml::{from_xml, pool::Pool};
use crate::drivers::libvirt::{domains, pools, volumes};
use crate::drivers::minion::ServerIdentity;
use crate::transaction::{HostId, Removal};

/// What a call works with on a host.
#[derive(Debug)]
pub(in crate::drivers::libvirt) struct OnHost<'a> {
    cx: &'a Context,
    host: &'a Host,
    leaves_lost: bool,
}

impl<'a> OnHost<'a> {
    pub(crate) fn new(cx: &'a Context, host: &'a Host) -> Self {
        Self {
            cx,
            host,
            leaves_lost: false,
        }
    }

    /// The same, which if `force` leaves volumes whose pools are gone or not started.
    pub(super) fn leaving_lost(self, force: bool) -> Self {
        Self {
            leaves_lost: force,
            ..self
        }
    }
}

/// Removes what was cut off on this host has left; finds orphans.
pub(crate) fn recover(cx: &Context, host: &Host, options: RecoverOptions) -> Result<Recovered> {
    creation::recover(cx, &OnHost::new(cx, host), options)
}

/// What [`recover`] would do.
pub(crate) fn plan_recovery(cx: &Context, host: &Host, options: RecoverOptions) -> Result<DryRun> {
    creation::plan_recovery(cx, &OnHost::new(cx, host), options)
}

impl Recovery for OnHost<'_> {
    type Artifact = Artifact;

    fn host_id(&self) -> Result<HostId> {
        self.host.id()
    }

    fn remover<'b>(
        &'b self,
        made: &[Artifact],
        _hurry: bool,
    ) -> impl FnMut(&Artifact) -> Result<Removal> + 'b {
        let remover = Remover::new(self.cx, self.host, made).leaving_lost(self.leaves_lost);
        move |artifact| remover.remove(artifact)
    }

    fn looker<'b>(&'b self, made: &[Artifact]) -> impl FnMut(&Artifact) -> Result<Removal> + 'b {
        let remover = Remover::new(self.cx, self.host, made)
            .leaving_lost(self.leaves_lost)
            .only_looking();
        move |artifact| remover.remove(artifact)
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        Ok(domains::find_by_uuid(self.host, server.uuid)?.is_some())
    }

    /// Volumes with names that this program gives, of servers that the host does not have.
    fn orphans(&self) -> Result<Vec<Orphan<Artifact>>> {
        let mut found = Vec::new();
        for pool in pools::active(self.host)? {
            match volumes_of_servers(self.host, &pool) {
                Ok(volumes) => found.extend(volumes.into_iter().map(|name| (pool.clone(), name))),
                Err(error) => tracing::warn!(%error, "pool {pool} is passed over"),
            }
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let servers: HashSet<String> = domains::all(self.host)?
            .iter()
            .map(|(uuid, _)| names::digits_in(*uuid))
            .collect();
        let is_lost = |id: &str| !servers.contains(id) && !names::is_date(id);
        found.retain(|(_, name)| names::digits_of(name).is_some_and(is_lost));
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let uses = Uses::of(self.host)?;
        found.retain(|(_, name)| uses.find(name).is_none());
        Ok(found.into_iter().map(orphan).collect())
    }

    fn remove_orphan(&self, artifact: &Artifact) -> Result<Removal> {
        if let Artifact::Volume { pool, volume } = artifact {
            if is_shared(self.host, pool)? {
                let why = format!(
                    "other hosts may share the pool {pool}, and their servers' volumes look alike; \
                     `virsh vol-delete` removes it once no host has its server"
                );
                return Ok(Removal::Kept(why));
            }
            if let Some(why) = Uses::of(self.host)?.find(volume) {
                return Ok(Removal::Kept(why));
            }
        }
        self.remover(&[], false)(artifact)
    }
}

fn is_shared(host: &Host, pool: &str) -> Result<bool> {
    let Some(found) = pools::find(host, pool)? else {
        return Ok(false);
    };
    let described: Pool = from_xml(&format!("the pool {pool}"), &found.describe()?.xml)?;
    Ok(described.is_shared())
}

fn orphan((pool, volume): (String, String)) -> Orphan<Artifact> {
    Orphan {
        artifact: Artifact::Volume { pool, volume },
        reason: "the host has no server with the id in its name, and nothing uses it".to_owned(),
    }
}

fn volumes_of_servers(host: &Host, pool: &str) -> Result<Vec<String>> {
    let pool = pools::named(host, pool)?;
    pool.refresh()?;
    let names = volumes::all(&pool)?.into_iter().map(|volume| volume.name);
    Ok(names.filter(|name| names::is_ours(name)).collect())
}
