//! The bodies of the requests that make a plan's parts.

use serde_json::{Map, Value, json};

use super::{Facts, NewPort, Plan, PlannedFloatingIp, PlannedVolume, Request};
use crate::drivers::openstack::record::Record;

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
    pub(crate) fn port_body(&self, port: &NewPort, facts: &Facts) -> Value {
        let mut body = json!({
            "name": port.name,
            "description": self.description(),
            "network_id": port.network,
        });
        if let Some(mac) = &port.mac {
            body["mac_address"] = json!(mac);
        }
        if !port.addresses.is_empty() {
            let fixed = port.addresses.iter();
            let fixed: Vec<_> = fixed.map(|ip| json!({"ip_address": ip})).collect();
            body["fixed_ips"] = json!(fixed);
        }
        if !facts.sec_groups.is_empty() {
            body["security_groups"] = json!(facts.sec_groups);
        }
        json!({"port": body})
    }

    /// A volume.
    pub(crate) fn volume_body(&self, volume: &PlannedVolume) -> Value {
        let mut body = json!({
            "name": volume.name,
            "description": self.description(),
            "size": volume.gib,
            "metadata": {"va-driver.creation": self.creation},
        });
        if let Some(image) = &volume.image {
            body["imageRef"] = json!(image);
        }
        if let Some(kind) = &volume.volume_type {
            body["volume_type"] = json!(kind);
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
        put("config_drive", json!(true));
        put("metadata", json!(record.metadata()));
        let networks = if attached.ports.is_empty() {
            json!("none")
        } else {
            let ports = attached.ports.iter();
            json!(ports.map(|id| json!({"port": id})).collect::<Vec<_>>())
        };
        put("networks", networks);
        let devices = self.devices(facts, attached.volumes);
        if !self.boots_from_volume() {
            put("imageRef", json!(facts.image.id));
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
        json!({"server": server})
    }

    fn boots_from_volume(&self) -> bool {
        self.volumes.iter().any(|volume| volume.image.is_some())
    }

    /// The disks, where there are others than the image's alone. They go with the server, whoever
    /// deletes it.
    fn devices(&self, facts: &Facts, volumes: &[String]) -> Vec<Value> {
        if volumes.is_empty() {
            return Vec::new();
        }
        let image = (!self.boots_from_volume()).then(|| {
            json!({
                "uuid": facts.image.id,
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
                "boot_index": if planned.image.is_some() { 0 } else { -1 },
                "delete_on_termination": true,
            })
        });
        image.into_iter().chain(volumes).collect()
    }
}
