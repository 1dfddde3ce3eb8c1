//! The recovery of a project, as far as it differs from other hosts.

use crate::Result;
use crate::driver::{Context, DryRun, RecoverOptions, Recovered};
use crate::drivers::creation::{self, Recovery};
use crate::drivers::minion::ServerIdentity;
use crate::drivers::openstack::artifacts::{Artifact, Remover};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::lookup::servers::has_creation;
use crate::transaction::{HostId, Removal};

/// What a call works with in a cloud.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct InCloud<'a> {
    cx: &'a Context,
    cloud: &'a Cloud,
}

impl<'a> InCloud<'a> {
    pub(crate) fn new(cx: &'a Context, cloud: &'a Cloud) -> Self {
        Self { cx, cloud }
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

impl Recovery for InCloud<'_> {
    type Artifact = Artifact;

    fn host_id(&self) -> Result<HostId> {
        Ok(self.cloud.host_id())
    }

    fn remover<'b>(&'b self, made: &[Artifact]) -> impl FnMut(&Artifact) -> Result<Removal> + 'b {
        let remover = Remover::resumed(self.cx, self.cloud, made);
        move |artifact| remover.remove(artifact)
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        has_creation(self.cloud, server.uuid)
    }
}
