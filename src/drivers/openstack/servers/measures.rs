//! How large a server is, and what it looks like in answers.

use std::collections::HashMap;

use super::addresses::{Addresses, interfaces};
use super::state::status;
use crate::driver::{self, HOURS_PER_MONTH};
use crate::drivers::openstack::api::compute::{Flavor, Server};
use crate::drivers::openstack::api::volume::Volume;
use crate::drivers::openstack::record::Record;
use crate::drivers::openstack::settings::Settings;

/// What servers refer to, by id.
#[derive(Debug, Default)]
pub(super) struct Known {
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

impl Known {
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
            ..driver::Server::new(
                &settings.provider_name,
                &server.name,
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
                size: flavor.name.clone(),
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
