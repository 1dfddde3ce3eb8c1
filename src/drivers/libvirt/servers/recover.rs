//! The recovery of a libvirt host, as far as it differs from others.

use crate::Result;
use crate::driver::{Context, RecoverOptions, Recovered};
use crate::drivers::creation::{self, Recovery};
use crate::drivers::libvirt::artifacts::{Artifact, Remover};
use crate::drivers::libvirt::domains;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::minion::ServerIdentity;
use crate::transaction::Removal;

/// What a call works with on a host.
#[derive(Debug)]
pub(in crate::drivers::libvirt) struct OnHost<'a> {
    cx: &'a Context,
    host: &'a Host,
    settings: &'a Settings,
}

impl<'a> OnHost<'a> {
    pub(crate) fn new(cx: &'a Context, host: &'a Host, settings: &'a Settings) -> Self {
        Self { cx, host, settings }
    }
}

/// Removes what was cut off on this host has left; finds orphans.
pub(crate) fn recover(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    options: RecoverOptions,
) -> Result<Recovered> {
    creation::recover(cx, &OnHost::new(cx, host, settings), options)
}

impl Recovery for OnHost<'_> {
    type Artifact = Artifact;

    fn host_id(&self) -> String {
        self.settings.host_id()
    }

    fn remover<'b>(&'b self, _made: &[Artifact]) -> impl FnMut(&Artifact) -> Result<Removal> + 'b {
        let remover = Remover::new(self.cx, self.host);
        move |artifact| remover.remove(artifact)
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        Ok(domains::find_by_uuid(self.host, server.uuid)?.is_some())
    }
}
