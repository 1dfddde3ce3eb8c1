//! What comes after the server stands: the wait, the answer. None of it takes the server away again,
//! but for an interruption.

use super::carry_out::Done;
use super::wait::Active;
use crate::driver::{
    Context, CreateOptions, Created, CreatedMinion, DeleteOptions, Server, Status,
};
use crate::drivers::minion::wait;
use crate::drivers::openstack::cloud::Cloud;
use crate::drivers::openstack::plan::{Facts, Plan, Request};
use crate::drivers::openstack::servers::{delete, show};
use crate::drivers::openstack::settings::Settings;
use crate::salt::StartEvent;
use crate::transaction::Cancel;
use crate::{Error, Kind, Result};

/// A server that stands, and what the caller wants of it.
pub(super) struct Standing<'a> {
    pub(super) cx: &'a Context,
    pub(super) cloud: &'a Cloud,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) plan: &'a Plan,
    pub(super) options: CreateOptions,
}

impl Standing<'_> {
    /// Waits as far as the options ask, and answers.
    pub(super) fn finish(&self, done: Done, mut minion: Option<StartEvent>) -> Result<Created> {
        let mut warnings = self.plan.warnings.clone();
        let ready = match &done.active {
            Active::NotYet => false,
            Active::Unseen(why) => {
                warnings.push(format!("it stands, but it could not be waited for: {why}"));
                false
            }
            Active::Yes => {
                let has_address = || {
                    show(self.cloud, self.settings, &done.id).map(|server| !server.ip.is_empty())
                };
                match wait(self.cx, self.options, minion.as_mut(), has_address) {
                    Ok(ready) => ready,
                    Err(error) if error.kind() == Kind::Cancelled => {
                        return Err(self.undo(&done.id));
                    }
                    Err(error) => {
                        warnings.push(format!(
                            "it stands, but it could not be waited for: {error}"
                        ));
                        false
                    }
                }
            }
        };
        let server = show(self.cloud, self.settings, &done.id).unwrap_or_else(|error| {
            warnings.push(format!("it stands, but it could not be looked at: {error}"));
            self.unseen(&done.id)
        });
        let minion = done
            .keys
            .zip(self.request.minion_id.as_ref())
            .map(|(keys, id)| CreatedMinion {
                id: id.to_string(),
                fingerprint: keys.fingerprint,
                public_key: keys.public,
                accepted: done.accepted,
            });
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
        let undone = Cloud::connect(self.settings, &Cancel::default())
            .and_then(|cloud| delete(self.cx, &cloud, id, &DeleteOptions::default()));
        match undone {
            Ok(_) => Error::new(
                Kind::Cancelled,
                "interrupted; what was made has been removed again",
            ),
            Err(undo) => Error::new(
                Kind::PartialFailure,
                format!(
                    "interrupted, and {} could not be removed again",
                    self.plan.name
                ),
            )
            .with_source(undo.message())
            .with_left_behind(undo.left_behind().to_vec()),
        }
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
