//! The bodies of the requests that make a plan's parts.

use serde_json::{Map, Value, json};

use super::{Facts, NewPort, Plan, PlannedFloatingIp, PlannedVolume, Request, Source};
use crate::drivers::openstack::record::{KEPT, Record};

/// What was made before the server, which is attached to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attached<'a> {
    /// Ids, in the order of the plan.
    pub(crate) ports: &'a [String],
    /// Ids, in the order of the plan.
    pub(crate) volumes: &'a [String],
}

impl PlannedFloatingIp {
    /// The floating IP, leading to `port`.
    pub(crate) fn body(&self, port: &str) -> Value {
        if self.existing.is_some() {
            return json!({"floatingip": {"port_id": port}});
        }
        json!({"floatingip": {
            "floating_network_id": self.network,
            "port_id": port,
            "description": self.description,
        }})
    }
}

impl Plan {
    fn description(&self) -> String {
        format!("made by va-driver for the server {}", self.name)
    }

    /// The first SSH key, as Nova's key pair `name`.
    pub(crate) fn key_pair_body(&self, request: &Request) -> Option<Value> {
        let name = self.key_pair.as_ref()?;
        let key = request.spec.ssh_keys.first()?;
        Some(json!({"keypair": {"name": name, "public_key": key.trim()}}))
    }

    /// A port.
    pub(crate) fn port_body(&self, port: &NewPort) -> Value {
        let mut body = json!({
            "name": port.name,
            "description": self.description(),
            "network_id": port.network,
        });
        if let Some(mac) = &port.mac {
            body["mac_address"] = json!(mac);
        }
        let subnet = port.subnet.iter();
        let mut fixed: Vec<_> = port
            .addresses
            .iter()
            .map(|ip| json!({"ip_address": ip}))
            .collect();
        if fixed.is_empty() && port.subnet.is_some() {
            fixed.push(json!({}));
        }
        for (one, subnet) in fixed.iter_mut().zip(subnet.cycle()) {
            one["subnet_id"] = json!(subnet);
        }
        for (name, value) in [
            (
                "fixed_ips",
                json!(Some(fixed).filter(|all| !all.is_empty())),
            ),
            ("security_groups", json!(port.sec_groups)),
            ("port_security_enabled", json!(port.port_security)),
            (
                "allowed_address_pairs",
                json!(Some(&port.address_pairs).filter(|pairs| !pairs.is_empty())),
            ),
        ] {
            if !value.is_null() {
                body[name] = value;
            }
        }
        json!({"port": body})
    }

    /// A volume.
    pub(crate) fn volume_body(&self, volume: &PlannedVolume) -> Value {
        let mut metadata = json!({"va-driver.creation": self.creation});
        if volume.stays {
            // what is left of servers that are no more is told by it
            metadata[KEPT] = json!("true");
        }
        let mut body = json!({
            "name": volume.name,
            "description": self.description(),
            "metadata": metadata,
        });
        let source = match &volume.source {
            Source::Image(id) => ("imageRef", Some(id)),
            Source::Snapshot(id) => ("snapshot_id", Some(id)),
            Source::Nothing | Source::Volume(_) => ("imageRef", None),
        };
        for (name, value) in [
            ("size", json!(volume.gib)),
            (source.0, json!(source.1)),
            ("volume_type", json!(volume.volume_type)),
            ("availability_zone", json!(volume.zone)),
        ] {
            if !value.is_null() {
                body[name] = value;
            }
        }
        json!({"volume": body})
    }

    /// The server. `user_data` is base64.
    pub(crate) fn server_body(
        &self,
        request: &Request,
        facts: &Facts,
        record: &Record,
        attached: Attached<'_>,
        user_data: Option<&str>,
    ) -> Value {
        let mut server = Map::new();
        let mut put = |name: &str, value: Value| server.insert(name.to_owned(), value);
        put("name", json!(self.name));
        put("flavorRef", json!(facts.flavor.id));
        put(
            "config_drive",
            json!(request.spec.config_drive.unwrap_or(true)),
        );
        let mut metadata = record.metadata();
        metadata.extend(request.metadata.clone());
        put("metadata", json!(metadata));
        if let Some(description) = &request.spec.description {
            put("description", json!(description));
        }
        if !request.spec.tags.is_empty() {
            put("tags", json!(request.spec.tags));
        }
        let networks = if attached.ports.is_empty() {
            json!("none")
        } else {
            let ports = attached.ports.iter();
            json!(ports.map(|id| json!({"port": id})).collect::<Vec<_>>())
        };
        put("networks", networks);
        let devices = self.devices(facts, attached.volumes);
        if let Some(image) = facts
            .image
            .as_ref()
            .filter(|_| !request.boots_from_volume())
        {
            put("imageRef", json!(image.id));
        }
        if !devices.is_empty() {
            put("block_device_mapping_v2", json!(devices));
        }
        let own = request.key_name.as_ref().map(|reference| &reference.text);
        if let Some(name) = self.key_pair.as_ref().or(own) {
            put("key_name", json!(name));
        }
        if let Some(zone) = &request.zone {
            put("availability_zone", json!(zone.text));
        }
        if let Some(text) = user_data {
            put("user_data", json!(text));
        }
        let mut body = json!({"server": server});
        let mut hints = request.spec.scheduler_hints.clone();
        hints.extend(
            facts
                .server_group
                .iter()
                .map(|id| ("group".to_owned(), json!(id))),
        );
        if !hints.is_empty() {
            body["os:scheduler_hints"] = json!(hints);
        }
        body
    }

    /// The disks, where there are others than the image's alone. Those that were made go with the server,
    /// whoever deletes it, unless they are to stay.
    fn devices(&self, facts: &Facts, volumes: &[String]) -> Vec<Value> {
        if volumes.is_empty() {
            return Vec::new();
        }
        let has_root = self.volumes.iter().any(|volume| volume.is_root);
        let image = facts.image.as_ref().filter(|_| !has_root).map(|image| {
            json!({
                "uuid": image.id,
                "source_type": "image",
                "destination_type": "local",
                "boot_index": 0,
                "delete_on_termination": true,
            })
        });
        let volumes = self.volumes.iter().zip(volumes).map(|(planned, id)| {
            json!({
                "uuid": id,
                "source_type": "volume",
                "destination_type": "volume",
                "boot_index": if planned.is_root { 0 } else { -1 },
                "delete_on_termination": !planned.stays,
            })
        });
        image.into_iter().chain(volumes).collect()
    }
}
