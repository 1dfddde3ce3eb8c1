//! How large a server is, and what it looks like in answers.

use std::collections::HashMap;

use super::addresses::{Addresses, interfaces};
use super::state::status;
use crate::driver::{self, HOURS_PER_MONTH};
use crate::drivers::openstack::api::called;
use crate::drivers::openstack::api::compute::{Flavor, Server};
use crate::drivers::openstack::api::volume::Volume;
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::settings::Settings;

/// What servers refer to, by id.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    pub(super) flavors: HashMap<String, Flavor>,
    pub(super) volumes: HashMap<String, Volume>,
    pub(super) images: HashMap<String, String>,
}

/// A server's flavour, from wherever it is known.
#[derive(Debug, Default)]
struct Measures {
    size: String,
    cpus: u64,
    ram: u64,
    root: u64,
    ephemeral: u64,
}

/// The image that this program has written down when it made `server`.
pub(super) fn recorded_image(server: &Server) -> Option<String> {
    let image = Record::of(&server.metadata)?.image;
    (!image.is_empty()).then_some(image)
}

impl Lookup {
    /// `server` as answers show it.
    pub(super) fn server(
        &self,
        settings: &Settings,
        server: &Server,
        full: bool,
    ) -> driver::Server {
        let measures = self.measures(server);
        let hourly = settings.prices.get(&measures.size).copied().unwrap_or(0.0);
        let addresses = Addresses::of(&server.addresses);
        let attached = || {
            server
                .volumes
                .iter()
                .filter_map(|one| self.volumes.get(&one.id))
        };
        // The root disk of a server that was started from a volume is that volume.
        let root = server.image.as_ref().map_or(0, |_| measures.root);
        let mut shown = driver::Server {
            ip: addresses.first,
            size: measures.size,
            image: self.image(server),
            used_ram: measures.ram,
            used_cpu: measures.cpus,
            used_disk: root
                + measures.ephemeral
                + attached().map(|volume| volume.size).sum::<u64>(),
            cost: hourly,
            estimated_cost: hourly * HOURS_PER_MONTH,
            public_ips: addresses.public,
            private_ips: addresses.private,
            created_at: Some(server.created.clone()).filter(|at| !at.is_empty()),
            ..driver::Server::new(
                &settings.provider_name,
                &called(server.name.clone(), &server.id),
                server.id.clone(),
                status(&server.status, server.power_state),
            )
        };
        if full {
            let record = Record::of(&server.metadata);
            shown.interfaces = interfaces(&server.addresses);
            shown.managed = Some(record.is_some());
            if let Some(record) = record {
                shown.role = record.role;
                shown.made_by = record.provider;
                shown.minion_id = record.minion.map(|minion| minion.id);
            }
        }
        shown
    }

    /// The image's name; its id where it has no name any more.
    fn image(&self, server: &Server) -> Option<String> {
        if let Some(name) = recorded_image(server) {
            return Some(name);
        }
        match &server.image {
            Some(id) => Some(self.images.get(id).unwrap_or(id).clone()),
            None => server
                .volumes
                .iter()
                .filter_map(|one| self.volumes.get(&one.id)?.image.as_ref())
                .find_map(|image| image.name.clone()),
        }
    }

    fn measures(&self, server: &Server) -> Measures {
        let own = &server.flavor;
        if let Some(name) = &own.original_name {
            return Measures {
                size: name.clone(),
                cpus: own.vcpus,
                ram: own.ram,
                root: own.disk,
                ephemeral: own.ephemeral,
            };
        }
        let id = own.id.clone().unwrap_or_default();
        match self.flavors.get(&id) {
            Some(flavor) => Measures {
                size: called(flavor.name.clone(), &flavor.id),
                cpus: flavor.vcpus,
                ram: flavor.ram,
                root: flavor.disk,
                ephemeral: flavor.ephemeral,
            },
            // deleted since
            None => Measures {
                size: id,
                ..Measures::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings() -> Settings {
        let provider = serde_json::from_value(json!({
            "provider_name": "lab", "host_ip": "cloud.example", "username": "u", "password": "p",
            "prices": {"m1.small": 0.1}
        }));
        Settings::read(&provider.unwrap()).unwrap()
    }

    /// A server as Nova shows it at microversion 2.79, with other values for `more`.
    fn server(more: &Value) -> Server {
        let mut members = json!({
            "id": "0d7dff8e-cfb6-42be-972b-a2432f77b2e7", "name": "web", "status": "ACTIVE",
            "tenant_id": "7e77", "metadata": {"owner": "ops"}, "hostId": "",
            "image": {"id": "a4c0", "links": []},
            "flavor": {
                "vcpus": 2, "ram": 512, "disk": 5, "ephemeral": 3, "swap": 0,
                "original_name": "m1.small", "extra_specs": {}
            },
            "addresses": {}, "OS-EXT-STS:task_state": null, "OS-EXT-STS:power_state": 1,
            "os-extended-volumes:volumes_attached": [], "config_drive": "", "key_name": null
        });
        let object = members.as_object_mut().unwrap();
        object.extend(more.as_object().unwrap().clone());
        serde_json::from_value(members).unwrap()
    }

    fn lookup() -> Lookup {
        let volumes: Vec<Volume> = serde_json::from_value(json!([
            {"id": "v1", "size": 20, "volume_image_metadata": {"image_name": "debian-12"}},
            {"id": "v2", "size": 7}
        ]))
        .unwrap();
        let flavor: Flavor = serde_json::from_value(json!({
            "id": "42", "name": "m1.small", "vcpus": 2, "ram": 512, "disk": 5,
            "OS-FLV-EXT-DATA:ephemeral": 3
        }))
        .unwrap();
        Lookup {
            flavors: [("42".to_owned(), flavor)].into(),
            volumes: volumes.into_iter().map(|v| (v.id.clone(), v)).collect(),
            images: [("a4c0".to_owned(), "debian-11".to_owned())].into(),
        }
    }

    #[test]
    fn a_server_holds_what_its_flavour_gives_and_its_volumes() {
        let attached = json!([{"id": "v1"}, {"id": "v2"}]);
        let volumes = |image: Value| json!({"image": image, "os-extended-volumes:volumes_attached": attached});
        for (more, disk, image) in [
            (json!({}), 8, Some("debian-11")),
            (volumes(json!({"id": "a4c0"})), 35, Some("debian-11")),
            // started from a volume: the flavour's own root disk is not there
            (volumes(json!("")), 30, Some("debian-12")),
            (json!({"image": {"id": "gone"}}), 8, Some("gone")),
            (json!({"image": null}), 3, None),
        ] {
            let shown = lookup().server(&settings(), &server(&more), false);
            assert_eq!(shown.used_disk, disk, "{more}");
            assert_eq!(shown.image.as_deref(), image, "{more}");
            assert_eq!((shown.used_cpu, shown.used_ram), (2, 512));
            assert_eq!((shown.cost, shown.estimated_cost), (0.1, 73.0));
        }
    }

    #[test]
    fn an_older_nova_names_the_flavour_by_its_id() {
        let shown = |id: &str| {
            let old = server(&json!({"flavor": {"id": id, "links": []}}));
            lookup().server(&settings(), &old, false)
        };
        let server = shown("42");
        assert_eq!((server.size.as_str(), server.used_cpu), ("m1.small", 2));
        assert_eq!(server.used_disk, 8);
        assert_eq!(shown("43").size, "43");
    }

    #[test]
    fn a_server_is_shown_whatever_of_it_cannot_be_read() {
        let odd = server(&json!({
            "name": null, "status": 7, "metadata": {"va-driver.creation": {}, "owner": "ops"},
            "addresses": {"lan": null, "wan": [null, {"addr": "10.1.0.5"}]},
            "flavor": {"vcpus": -1, "ram": null, "disk": "x", "original_name": "m1.small"},
            "os-extended-volumes:volumes_attached": [{"id": null}, {"id": "v2"}],
            "OS-EXT-STS:power_state": "on", "fault": []
        }));
        let shown = lookup().server(&settings(), &odd, true);
        assert_eq!(shown.name, odd.id);
        assert_eq!((shown.used_cpu, shown.used_ram, shown.used_disk), (0, 0, 7));
        assert_eq!(
            (shown.ip.as_str(), shown.managed),
            ("10.1.0.5", Some(false))
        );
        let nothing = json!({"metadata": null, "addresses": null, "flavor": null});
        let shown = lookup().server(&settings(), &server(&nothing), true);
        assert_eq!((shown.name.as_str(), shown.size.as_str()), ("web", ""));
    }

    #[test]
    fn the_full_view_tells_what_was_recorded() {
        let mut record = Record::new(
            uuid::Uuid::new_v4(),
            "ab".into(),
            "mine".into(),
            "m1.small".into(),
            Some("web".into()),
        );
        record.minion = Some(crate::drivers::minion::RecordedMinion {
            id: "web-1".into(),
            fingerprint: "aa:bb".into(),
            pki_dir: None,
        });
        let ours = server(&json!({"metadata": record.metadata()}));
        let shown = lookup().server(&settings(), &ours, true);
        assert_eq!(shown.managed, Some(true));
        assert_eq!(shown.role.as_deref(), Some("web"));
        assert_eq!(shown.minion_id.as_deref(), Some("web-1"));
        assert_eq!(shown.image.as_deref(), Some("mine"));
        let foreign = lookup().server(&settings(), &server(&json!({})), true);
        assert_eq!((foreign.managed, foreign.role), (Some(false), None));
    }
}
