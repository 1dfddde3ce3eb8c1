//! What comes once the server exists: the wait, the answer. None of it takes the server away again,
//! but for an interruption.

use super::execute::Outcome;
use super::wait::Active;
use crate::driver::{Context, CreateOptions, Created, DeleteOptions, Server, Status};
use crate::drivers::creation::{interrupted, readiness};
use crate::drivers::minion::{created_minion, wait};
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::plan::{Facts, Plan, Request};
use crate::drivers::openstack::servers::{delete, show};
use crate::drivers::openstack::settings::Settings;
use crate::salt::StartEvent;
use crate::transaction::Cancel;
use crate::{Error, Result};

/// A server that was made just now, and what the caller wants of it.
pub(super) struct NewServer<'a> {
    pub(super) cx: &'a Context,
    pub(super) cloud: &'a Cloud,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) plan: &'a Plan,
    pub(super) options: CreateOptions,
}

impl NewServer<'_> {
    /// Waits as far as the options ask, and answers.
    pub(super) fn finish(
        &self,
        outcome: Outcome,
        mut minion: Option<StartEvent>,
    ) -> Result<Created> {
        let mut warnings = self.plan.warnings.clone();
        let ready = match &outcome.active {
            Active::NotYet => false,
            Active::Unseen(why) => {
                let name = &self.plan.name;
                warnings.push(format!("{name} exists, but its status is not known: {why}"));
                false
            }
            Active::Yes => {
                let has_address = || {
                    show(self.cloud, self.settings, &outcome.id).map(|server| !server.ip.is_empty())
                };
                let waited = wait(self.cx, self.options, minion.as_mut(), has_address);
                let Ok(ready) = readiness(&self.plan.name, waited, minion.is_some(), &mut warnings)
                else {
                    return Err(self.undo(&outcome.id));
                };
                ready
            }
        };
        let server = show(self.cloud, self.settings, &outcome.id).unwrap_or_else(|error| {
            let name = &self.plan.name;
            warnings.push(format!(
                "{name} exists, but its details could not be read: {error}"
            ));
            self.unseen(&outcome.id)
        });
        let minion = created_minion(
            outcome.keys,
            self.request.minion_id.as_ref(),
            outcome.accepted,
        );
        Ok(Created {
            created: true,
            ready,
            sealed: false,
            server,
            minion,
            warnings,
        })
    }

    /// Takes the server away again, because the caller does not want it any more.
    fn undo(&self, id: &str) -> Error {
        let deleted = Cloud::connect(self.settings, &Cancel::default())
            .and_then(|cloud| delete(self.cx, &cloud, id, &DeleteOptions::default()));
        interrupted(deleted, &self.plan.name)
    }

    /// The server as far as the plan tells.
    fn unseen(&self, id: &str) -> Server {
        let provider = &self.settings.provider_name;
        Server {
            size: self.request.size.clone(),
            image: Some(self.request.image.clone()),
            used_ram: self.facts.flavor.ram,
            used_cpu: self.facts.flavor.vcpus,
            used_disk: self.facts.flavor.disk,
            role: self.request.spec.role.clone(),
            minion_id: self.request.minion_id.as_ref().map(ToString::to_string),
            managed: Some(true),
            ..Server::new(provider, &self.plan.name, id.to_owned(), Status::Unknown)
        }
    }
}
