//! A plan carried out, step by step; each step writes down what it is about to make.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::claim;
use super::wait::{self, Active};
use crate::concurrent::joined;
use crate::driver::{Context, CreateOptions};
use crate::drivers::minion::{
    Keys, MinionKey, RecordedMinion, ServerIdentity, accept, accept_in, make,
};
use crate::drivers::openstack::artifacts::{Artifact, Marked};
use crate::drivers::openstack::cloud::{Cloud, Service};
use crate::drivers::openstack::plan::bodies::Attached;
use crate::drivers::openstack::plan::{Facts, Plan, PlannedPort, Request, user_data};
use crate::drivers::openstack::record::Record;
use crate::transaction::Transaction;
use crate::{Error, Kind, Result};

/// How long Cinder has for a volume, in which it may copy an image.
const VOLUME_PATIENCE: Duration = Duration::from_secs(900);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a creation works with.
pub(super) struct Execution<'a> {
    pub(super) cx: &'a Context,
    pub(super) cloud: &'a Cloud,
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) plan: &'a Plan,
    pub(super) options: CreateOptions,
}

/// What came of it.
pub(super) struct Outcome {
    /// The server's id.
    pub(super) id: String,
    pub(super) active: Active,
    pub(super) keys: Option<Keys>,
    pub(super) accepted: bool,
}

impl Execution<'_> {
    /// Carries the plan out with the keys that were `given`, until the server runs or its time is over.
    pub(super) fn run(
        &self,
        transaction: &mut Transaction<Artifact>,
        given: Option<Keys>,
    ) -> Result<Outcome> {
        let mut record = self.plan.record.clone();
        let wanted = self.request.minion_id.is_some() && given.is_none();
        // A key takes its time here, everything else in the cloud.
        let (keys, parts) = thread::scope(|scope| {
            let making = wanted.then(|| scope.spawn(|| make(&self.request.spec)));
            let parts = self.parts(transaction, &mut record);
            (making.map(joined), parts)
        });
        let ports = parts?;
        let keys = keys.transpose()?.or(given);
        self.step()?;
        let accepted = self.accept(transaction, keys.as_ref())?;
        if let (Some(keys), Some(id)) = (&keys, &self.request.minion_id) {
            record.minion = Some(RecordedMinion::of(&self.request.spec, id, keys));
        }
        self.step()?;
        let id = self.server(transaction, keys.as_ref(), &record, &ports)?;
        let posted = Instant::now();
        claim::check(self.cloud, self.plan, &id)?;
        let active = wait::active(self.cx, self.cloud, &self.plan.name, &id, self.options)?;
        claim::settle(posted);
        claim::check(self.cloud, self.plan, &id)?;
        self.step()?;
        Ok(Outcome {
            id,
            active,
            keys,
            accepted,
        })
    }

    fn step(&self) -> Result<()> {
        self.cx.cancel.check()
    }

    /// Makes everything that the server is attached to, and writes it into `record`; answers the ports'
    /// ids.
    fn parts(
        &self,
        transaction: &mut Transaction<Artifact>,
        record: &mut Record,
    ) -> Result<Vec<String>> {
        if let (Some(name), Some(body)) =
            (&self.plan.key_pair, self.plan.key_pair_body(self.request))
        {
            transaction.record(Artifact::KeyPair { name: name.clone() })?;
            self.cloud
                .tell(Service::Compute, "/os-keypairs", &body)
                .map_err(|error| error.with_field("/server/ssh_keys/0"))?;
            record.key_pair = Some(name.clone());
        }
        let mut ports = Vec::new();
        for port in &self.plan.ports {
            self.step()?;
            ports.push(match port {
                PlannedPort::Given(id) => id.clone(),
                PlannedPort::New(port) => {
                    transaction.record(Artifact::Port(Marked::new(&port.name)))?;
                    let body = self.plan.port_body(port, self.facts);
                    let id = self
                        .make(Service::Network, "/v2.0/ports", &body, "port")
                        .map_err(|error| error.with_field(&port.field))?;
                    record.ports.push(id.clone());
                    id
                }
            });
        }
        if let (Some(floating), Some(port)) = (&self.plan.floating_ip, ports.first()) {
            self.step()?;
            transaction.record(Artifact::FloatingIp(Marked::new(&floating.description)))?;
            let body = floating.body(port);
            let id = self
                .make(Service::Network, "/v2.0/floatingips", &body, "floatingip")
                .map_err(|error| error.with_field("/server/floating_ip"))?;
            record.floating_ip = Some(id);
        }
        self.volumes(transaction, record)?;
        Ok(ports)
    }

    /// Asks for all volumes, and then waits for them: Cinder makes them side by side.
    fn volumes(&self, transaction: &mut Transaction<Artifact>, record: &mut Record) -> Result<()> {
        let volumes = &self.plan.volumes;
        for volume in volumes {
            self.step()?;
            transaction.record(Artifact::Volume(Marked::new(&volume.name)))?;
            let field = match volume.image {
                Some(_) => "/server/boot_volume",
                None => "/server/disks",
            };
            let id = self
                .make(
                    Service::Volume,
                    "/volumes",
                    &self.plan.volume_body(volume),
                    "volume",
                )
                .map_err(|error| error.with_field(field))?;
            record.volumes.push(id);
        }
        let total = record.volumes.len() as u64;
        for (index, id) in (0..).zip(&record.volumes) {
            self.cx.progress.report("volumes", index, total);
            self.wait_for_volume(id)?;
            self.cx.progress.report("volumes", index + 1, total);
        }
        Ok(())
    }

    fn wait_for_volume(&self, id: &str) -> Result<()> {
        let until = Instant::now() + VOLUME_PATIENCE;
        loop {
            self.step()?;
            let answer: Value = self.cloud.get(Service::Volume, &format!("/volumes/{id}"))?;
            let volume = &answer["volume"];
            let name = volume["name"].as_str().unwrap_or(id);
            match volume["status"].as_str().unwrap_or_default() {
                "available" => return Ok(()),
                status if status.starts_with("error") => {
                    let message = format!("the cloud could not make the volume {name}: {status}");
                    return Err(Error::new(Kind::Conflict, message));
                }
                _ if Instant::now() >= until => {
                    let message = format!("the volume {name} is still being created");
                    return Err(Error::new(Kind::Timeout, message));
                }
                _ => thread::sleep(LOOK_AGAIN),
            }
        }
    }

    /// Makes what `body` describes; answers its id.
    fn make(&self, service: Service, path: &str, body: &Value, member: &str) -> Result<String> {
        let answer: Value = self.cloud.post(service, path, body)?;
        let id = answer[member]["id"].as_str();
        id.map(ToOwned::to_owned).ok_or_else(|| {
            let message = format!("{service} answers no id of the {member} that it was to make");
            Error::new(Kind::Internal, message)
        })
    }

    /// Most clouds let a size without a disk boot from a volume only.
    fn without_disk(&self, error: Error) -> Error {
        let has_disk = self.facts.flavor.disk > 0 || self.request.boot_volume.is_some();
        if has_disk || error.kind() != Kind::PermissionDenied {
            return error;
        }
        let message = format!(
            "the size {} has no disk of its own; ask for a boot_volume, or choose another size",
            self.request.size
        );
        Error::invalid("/server/boot_volume", message).with_source(error)
    }

    /// Accepts the minion's key where the request asks for it; answers whether it is accepted.
    fn accept(&self, transaction: &mut Transaction<Artifact>, keys: Option<&Keys>) -> Result<bool> {
        let (Some(keys), Some(id), Some(dir)) =
            (keys, &self.request.minion_id, accept_in(&self.request.spec))
        else {
            return Ok(false);
        };
        let key = MinionKey {
            pki_dir: dir.to_owned(),
            id: id.to_string(),
            fingerprint: keys.fingerprint.clone(),
            server: Some(ServerIdentity {
                name: self.plan.name.clone(),
                uuid: self.plan.creation,
            }),
        };
        accept(self.cx, transaction, &self.cloud.host_id(), &key, keys)?;
        Ok(true)
    }

    fn server(
        &self,
        transaction: &mut Transaction<Artifact>,
        keys: Option<&Keys>,
        record: &Record,
        ports: &[String],
    ) -> Result<String> {
        let user_data = user_data(self.plan, self.request, keys)?;
        let attached = Attached {
            ports,
            volumes: &record.volumes,
        };
        let text = user_data.as_ref().map(|text| text.as_str());
        let body = self
            .plan
            .server_body(self.request, self.facts, record, attached, text);
        transaction.record(Artifact::Server {
            name: self.plan.name.clone(),
            creation: self.plan.creation,
            id: None,
        })?;
        self.cx.progress.report("start", 0, 1);
        self.make(Service::Compute, "/servers", &body, "server")
            .map_err(|error| self.without_disk(error))
    }
}
