//! A plan carried out, step by step; each step writes down what it is about to make.

use serde_json::Value;

use super::claim::{self, Moment};
use super::made::Made;
use super::wait;
use crate::driver::Context;
use crate::drivers::creation::{CreatedServer, Started, Steps};
use crate::drivers::openstack::artifacts::{Artifact, Marked};
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::plan::bodies::Attached;
use crate::drivers::openstack::plan::{
    Facts, Plan, PlannedFloatingIp, PlannedPort, Request, Source, user_data,
};
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::removal::lead;
use crate::{Error, Kind, Result};

/// What a creation works with.
pub(super) struct Execution<'a> {
    pub(super) cx: &'a Context,
    pub(super) cloud: &'a Cloud,
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) plan: &'a Plan,
}

impl Execution<'_> {
    /// Carries the plan out, until the server runs or its time is over.
    pub(super) fn run(&self, steps: &mut Steps<'_, Artifact>) -> Result<CreatedServer<Made>> {
        let mut record = self.plan.record.clone();
        let (ports, volumes) = steps.beside_keys(|steps| self.parts(steps, &mut record))?;
        steps.next()?;
        steps.accept()?;
        record.minion = steps.recorded_minion();
        steps.next()?;
        let attached = Attached {
            ports: &ports,
            volumes: &volumes,
        };
        let id = self.server(steps, &record, attached)?;
        let claim = |moment| claim::check(self.cx, self.cloud, self.plan, &id, moment);
        let mut claimed = claim(Moment::Made)?;
        let seen = claimed.server.take();
        let name = &self.plan.name;
        let started = wait::active(self.cx, self.cloud, name, &id, seen, steps.options())?;
        if started == Started::Yes {
            claimed = claim(Moment::Runs)?;
        }
        let mut warnings = self.plan.warnings.clone();
        warnings.extend(claimed.warning);
        steps.next()?;
        Ok(CreatedServer {
            server: Made::seen(id, claimed.server),
            started,
            warnings,
        })
    }

    /// Makes everything that the server is attached to, and writes it into `record`; answers the ids of
    /// ports and of volumes.
    fn parts(
        &self,
        steps: &mut Steps<'_, Artifact>,
        record: &mut Record,
    ) -> Result<(Vec<String>, Vec<String>)> {
        if let (Some(name), Some(body)) =
            (&self.plan.key_pair, self.plan.key_pair_body(self.request))
        {
            steps.record(Artifact::KeyPair { name: name.clone() })?;
            self.cloud
                .tell(Service::Compute, "/os-keypairs", &body)
                .map_err(|error| error.with_field("/server/ssh_keys/0"))?;
            record.key_pair = Some(name.clone());
        }
        let mut ports = Vec::new();
        for port in &self.plan.ports {
            steps.next()?;
            ports.push(match port {
                PlannedPort::Given(id) => id.clone(),
                PlannedPort::New(port) => {
                    steps.record(Artifact::Port(Marked::new(&port.name)))?;
                    let body = self.plan.port_body(port);
                    let id = self
                        .make(Service::Network, "/v2.0/ports", &body, "port")
                        .map_err(|error| error.with_field(&port.field))?;
                    record.ports.push(id.clone());
                    id
                }
            });
        }
        if let Some(floating) = &self.plan.floating_ip {
            steps.next()?;
            self.floating_ip(steps, record, floating, &ports[floating.port])
                .map_err(|error| error.with_field("/server/floating_ip"))?;
        }
        let volumes = self.volumes(steps, record)?;
        Ok((ports, volumes))
    }

    /// Makes `floating`, or takes the one that is there, and leads it to `port`.
    fn floating_ip(
        &self,
        steps: &mut Steps<'_, Artifact>,
        record: &mut Record,
        floating: &PlannedFloatingIp,
        port: &str,
    ) -> Result<()> {
        let Some(existing) = &floating.existing else {
            steps.record(Artifact::FloatingIp(Marked::new(&floating.description)))?;
            let body = floating.body(port);
            let id = self.make(Service::Network, "/v2.0/floatingips", &body, "floatingip")?;
            record.floating_ip = Some(id);
            return Ok(());
        };
        steps.record(Artifact::Association {
            address: existing.address.clone(),
            floating_ip: existing.id.clone(),
            port: port.to_owned(),
        })?;
        // nobody else has taken it since it was looked at
        lead(self.cloud, &existing.id, Some(port), existing.revision)?;
        record.associated = Some(existing.id.clone());
        Ok(())
    }

    /// Asks for all volumes, and then waits for them: Cinder makes them side by side. Answers their ids,
    /// those of volumes that are there among them.
    fn volumes(&self, steps: &mut Steps<'_, Artifact>, record: &mut Record) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut made = Vec::new();
        for volume in &self.plan.volumes {
            if let Source::Volume(id) = &volume.source {
                ids.push(id.clone());
                continue;
            }
            steps.next()?;
            steps.record(Artifact::Volume(Marked::new(&volume.name)))?;
            let body = self.plan.volume_body(volume);
            let id = self
                .make(Service::Volume, "/volumes", &body, "volume")
                .map_err(|error| error.with_field(&volume.field))?;
            let recorded = if volume.stays {
                &mut record.kept
            } else {
                &mut record.volumes
            };
            recorded.push(id.clone());
            made.push(id.clone());
            ids.push(id);
        }
        let total = made.len() as u64;
        for (index, id) in (0..).zip(&made) {
            self.cx.progress.report("volumes", index, total);
            wait::available(self.cx, self.cloud, id)?;
            self.cx.progress.report("volumes", index + 1, total);
        }
        Ok(ids)
    }

    /// Makes what `body` describes; answers its id.
    fn make(
        &self,
        service: Service,
        path: &'static str,
        body: &Value,
        member: &str,
    ) -> Result<String> {
        let answer: Value = self.cloud.post(service, path, body)?;
        let id = answer[member]["id"].as_str().ok_or_else(|| {
            let message = format!("{service} answers no id of the {member} that it was to make");
            Error::new(Kind::Internal, message)
        })?;
        self.cloud.seen(id);
        Ok(id.to_owned())
    }

    /// Most clouds let a size without a disk boot from a volume only.
    fn without_disk(&self, error: Error) -> Error {
        let has_disk = self.facts.flavor.disk > 0 || self.request.boots_from_volume();
        if has_disk || error.kind() != Kind::PermissionDenied {
            return error;
        }
        let message = format!(
            "the size {} has no disk of its own; ask for a boot_volume, or choose another size",
            self.request.size
        );
        Error::invalid("/server/boot_volume", message).with_source(error)
    }

    fn server(
        &self,
        steps: &mut Steps<'_, Artifact>,
        record: &Record,
        attached: Attached<'_>,
    ) -> Result<String> {
        let user_data = user_data(self.plan, self.request, steps.keys())?;
        let text = user_data.as_ref().map(|text| text.as_str());
        let body = self
            .plan
            .server_body(self.request, self.facts, record, attached, text);
        steps.record(Artifact::Server {
            name: self.plan.name.clone(),
            creation: self.plan.creation,
            id: None,
        })?;
        self.cx.progress.report("start", 0, 1);
        self.make(Service::Compute, "/servers", &body, "server")
            .map_err(|error| self.without_disk(error))
    }
}
