//! What comes after the server is created: the wait, the sealing, the answer. None of it takes the
//! server away again, but for an interruption.

use super::execute::Outcome;
use crate::driver::{Context, CreateOptions, Created, DeleteOptions, Server, Status};
use crate::drivers::creation::{interrupted, readiness};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan::{Plan, Request};
use crate::drivers::libvirt::servers::{delete, seal, show};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::minion::{created_minion, wait};
use crate::salt::StartEvent;
use crate::{Error, Result};

/// A server just created, and what the caller wants of it.
pub(super) struct NewServer<'a> {
    pub(super) cx: &'a Context,
    pub(super) host: &'a Host,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) plan: &'a Plan,
    pub(super) options: CreateOptions,
}

impl NewServer<'_> {
    /// Waits and seals as far as the options ask, and answers.
    pub(super) fn finish(
        &self,
        outcome: Outcome,
        mut minion: Option<StartEvent>,
    ) -> Result<Created> {
        let mut warnings = self.plan.warnings.clone();
        warnings.extend(outcome.warnings);
        let waited = wait(self.cx, self.options, minion.as_mut(), || {
            show(self.host, self.settings, &self.plan.name).map(|server| !server.ip.is_empty())
        });
        let Ok(ready) = readiness(&self.plan.name, waited, minion.is_some(), &mut warnings) else {
            return Err(self.undo());
        };
        let sealed = self.options.seal && ready && self.seal(&mut warnings);
        let server = show(self.host, self.settings, &self.plan.name).unwrap_or_else(|error| {
            let name = &self.plan.name;
            warnings.push(format!(
                "{name} exists, but it could not be looked up: {error}"
            ));
            self.unseen()
        });
        let minion = created_minion(
            outcome.keys,
            self.request.minion_id.as_ref(),
            outcome.accepted,
        );
        Ok(Created {
            created: true,
            ready,
            sealed,
            server,
            minion,
            warnings,
        })
    }

    /// Takes the server away again, because the caller does not want it any more.
    fn undo(&self) -> Error {
        let all = DeleteOptions::default();
        let deleted = delete(self.cx, self.host, self.settings, &self.plan.name, &all);
        interrupted(deleted, &self.plan.name)
    }

    fn seal(&self, warnings: &mut Vec<String>) -> bool {
        match seal(self.cx, self.host, self.settings, &self.plan.name) {
            Ok(_) => true,
            Err(error) => {
                warnings.push(format!(
                    "the private key is still on the seed: {error}; do the action seal again"
                ));
                false
            }
        }
    }

    /// The server as far as the plan tells.
    fn unseen(&self) -> Server {
        let provider = &self.settings.provider_name;
        let id = self.plan.uuid.to_string();
        Server {
            size: self.request.size.clone(),
            image: Some(self.request.image.clone()),
            used_ram: self.request.flavour.max_memory() / 1024,
            used_cpu: self.request.flavour.num_cpus,
            used_disk: self.request.flavour.vol_capacity,
            role: self.request.spec.role.clone(),
            minion_id: self.request.minion_id.as_ref().map(ToString::to_string),
            managed: Some(true),
            ..Server::new(provider, &self.plan.name, id, Status::Unknown)
        }
    }
}
