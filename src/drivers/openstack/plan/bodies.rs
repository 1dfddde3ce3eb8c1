//! The bodies of the requests that make a plan's parts.

use serde_json::{Value, json};

use super::said::{add_said, unless_empty};
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

/// That a floating IP which is there leads to `port`, or nowhere.
pub(crate) fn leading(port: Option<&str>) -> Value {
    json!({"floatingip": {"port_id": port}})
}

impl PlannedFloatingIp {
    /// The floating IP, leading to `port`.
    pub(crate) fn body(&self, port: &str) -> Value {
        if self.existing.is_some() {
            return leading(Some(port));
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
        let addresses = port.addresses.iter();
        let mut fixed: Vec<_> = addresses.map(|ip| json!({"ip_address": ip})).collect();
        if let Some(subnet) = &port.subnet {
            if fixed.is_empty() {
                fixed.push(json!({}));
            }
            for one in &mut fixed {
                one["subnet_id"] = json!(subnet);
            }
        }
        add_said(
            &mut body,
            [
                ("mac_address", json!(port.mac)),
                ("fixed_ips", unless_empty(&fixed)),
                ("security_groups", json!(port.sec_groups)),
                ("port_security_enabled", json!(port.port_security)),
                ("allowed_address_pairs", unless_empty(&port.address_pairs)),
            ],
        );
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
        match &volume.source {
            Source::Image(id) => body["imageRef"] = json!(id),
            Source::Snapshot(id) => body["snapshot_id"] = json!(id),
            Source::Nothing | Source::Volume(_) => {}
        }
        add_said(
            &mut body,
            [
                ("size", json!(volume.gib)),
                ("volume_type", json!(volume.volume_type)),
                ("availability_zone", json!(volume.zone)),
            ],
        );
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
        let mut metadata = record.metadata();
        metadata.extend(request.metadata.clone());
        let networks = if attached.ports.is_empty() {
            json!("none")
        } else {
            let ports = attached.ports.iter();
            json!(ports.map(|id| json!({"port": id})).collect::<Vec<_>>())
        };
        let mut server = json!({
            "name": self.name,
            "flavorRef": facts.flavor.id,
            "config_drive": request.spec.config_drive.unwrap_or(true),
            "metadata": metadata,
            "networks": networks,
        });
        let image = facts.image.as_ref();
        let image = image.filter(|_| !request.boots_from_volume());
        let devices = self.devices(facts, attached.volumes);
        let own = request.key_name.as_ref().map(|reference| &reference.text);
        let zone = request.zone.as_ref().map(|zone| &zone.text);
        add_said(
            &mut server,
            [
                ("description", json!(request.spec.description)),
                ("tags", unless_empty(&request.spec.tags)),
                ("imageRef", json!(image.map(|image| &image.id))),
                ("block_device_mapping_v2", unless_empty(&devices)),
                ("key_name", json!(self.key_pair.as_ref().or(own))),
                ("availability_zone", json!(zone)),
                ("user_data", json!(user_data)),
            ],
        );
        let mut body = json!({"server": server});
        let mut hints = request.spec.scheduler_hints.clone();
        if let Some(id) = &facts.server_group {
            hints.insert("group".to_owned(), json!(id));
        }
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
