//! The recovery of a project, as far as it differs from other hosts.

use crate::Result;
use crate::driver::{Context, DryRun, RecoverOptions, Recovered};
use crate::drivers::creation::{self, Orphan, Recovery};
use crate::drivers::minion::ServerIdentity;
use crate::drivers::openstack::artifacts::Artifact;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::Recorded;
use crate::drivers::openstack::removal::{Remover, orphans, remove_orphan};
use crate::transaction::{HostId, Removal};

/// What a call works with in a cloud.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct InCloud<'a> {
    cx: &'a Context,
    cloud: &'a Cloud,
    /// The servers as they were when they were first asked for.
    recorded: Recorded<'a>,
}

impl<'a> InCloud<'a> {
    pub(crate) fn new(cx: &'a Context, cloud: &'a Cloud) -> Self {
        let recorded = Recorded::of(cloud);
        Self {
            cx,
            cloud,
            recorded,
        }
    }
}

impl Recovery for InCloud<'_> {
    type Artifact = Artifact;

    fn host_id(&self) -> Result<HostId> {
        Ok(self.cloud.host_id())
    }

    fn remover<'a>(
        &'a self,
        made: &[Artifact],
        hurry: bool,
    ) -> impl FnMut(&Artifact) -> Result<Removal> + 'a {
        let remover = Remover::resumed(self.cx, self.cloud, made).in_a_hurry(hurry);
        move |artifact| remover.remove(artifact)
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        if !self.recorded.carriers(server.uuid)?.is_empty() {
            return Ok(true);
        }
        // it may have been made since
        let now = Recorded::of(self.cloud);
        Ok(!now.carriers(server.uuid)?.is_empty())
    }

    fn orphans(&self) -> Result<Vec<Orphan<Artifact>>> {
        orphans(self.cloud)
    }

    fn remove_orphan(&self, artifact: &Artifact) -> Result<Removal> {
        remove_orphan(self.cx, self.cloud, artifact)
    }
}

/// Removes what was cut off in this project has left; finds orphans.
pub(crate) fn recover(cx: &Context, cloud: &Cloud, options: RecoverOptions) -> Result<Recovered> {
    creation::recover(cx, &InCloud::new(cx, cloud), options)
}

/// What [`recover`] would do.
pub(crate) fn plan_recovery(
    cx: &Context,
    cloud: &Cloud,
    options: RecoverOptions,
) -> Result<DryRun> {
    creation::plan_recovery(cx, &InCloud::new(cx, cloud), options)
}
