//! What comes after the server stands: the wait, the sealing, the answer. None of it takes the
//! server away again, but for an interruption.

use super::carry_out::Done;
use crate::driver::{
    Context, CreateOptions, Created, CreatedMinion, DeleteOptions, Server, Status,
};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan::{Plan, Request};
use crate::drivers::libvirt::servers::{delete, seal, show};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::minion::wait;
use crate::salt::StartEvent;
use crate::{Error, Kind, Result};

/// A server that stands, and what the caller wants of it.
pub(super) struct Standing<'a> {
    pub(super) cx: &'a Context,
    pub(super) host: &'a Host,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) plan: &'a Plan,
    pub(super) options: CreateOptions,
}

impl Standing<'_> {
    /// Waits and seals as far as the options ask, and answers.
    pub(super) fn finish(&self, done: Done, mut minion: Option<StartEvent>) -> Result<Created> {
        let mut warnings = self.plan.warnings.clone();
        warnings.extend(done.warnings);
        let waited = wait(self.cx, self.options, minion.as_mut(), || {
            show(self.host, self.settings, &self.plan.name).map(|server| !server.ip.is_empty())
        });
        let ready = match waited {
            Ok(ready) => {
                if minion.is_some() && !ready {
                    warnings.push(
                        "it stands, but its minion was not heard to start in time: look at the guest's \
                         console, and whether the master runs"
                            .to_owned(),
                    );
                }
                ready
            }
            Err(error) if error.kind() == Kind::Cancelled => return Err(self.undo()),
            Err(error) => {
                warnings.push(format!(
                    "it stands, but it could not be waited for: {error}"
                ));
                false
            }
        };
        let sealed = self.options.seal && ready && self.seal(&mut warnings);
        let server = show(self.host, self.settings, &self.plan.name).unwrap_or_else(|error| {
            warnings.push(format!("it stands, but it could not be looked at: {error}"));
            self.unseen()
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
            sealed,
            server,
            minion,
            warnings,
        })
    }

    /// Takes the server away again, because the caller does not want it any more.
    fn undo(&self) -> Error {
        let all = DeleteOptions::default();
        match delete(self.cx, self.host, self.settings, &self.plan.name, &all) {
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
