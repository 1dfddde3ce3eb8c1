//! What the guest of a plan reads at its first boot.

use serde_json::json;

use super::{Plan, Request};
use crate::config_drive::{Interface, Seed, SeedMinion};
use crate::{Error, Secret};

/// The minion's key pair.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) public: String,
    pub(crate) private: Secret,
    pub(crate) fingerprint: String,
}

/// Puts the seed together.
pub(super) fn build(plan: &Plan, request: &Request, keys: Option<&Keys>) -> Seed {
    let spec = &request.spec;
    // `_` is allowed in a server's name and not in a host's
    let hostname = spec.server_name.replace('_', "-");
    let mut seed = Seed::new(plan.uuid, hostname.clone());
    seed.format = request.seed_format;
    if let Some(domain) = spec.domain.as_deref().filter(|domain| !domain.is_empty()) {
        seed.fqdn = Some(format!("{hostname}.{}", domain.trim_start_matches('.')));
    }
    seed.ssh_keys.clone_from(&spec.ssh_keys);
    seed.user_data = spec
        .user_data
        .clone()
        .filter(|text| !text.is_empty())
        .map(Secret::new);
    if let Some(role) = &spec.role {
        seed.meta.insert("role".to_owned(), role.clone());
    }
    if plan
        .interfaces
        .iter()
        .any(|interface| !interface.wanted.dhcp())
    {
        seed.interfaces = plan
            .interfaces
            .iter()
            .map(|interface| Interface {
                name: None,
                mac: interface.mac.clone(),
                mtu: None,
                dhcp: interface.wanted.dhcp(),
                addresses: interface.wanted.addresses.clone(),
                gateways: interface.wanted.gateways.clone(),
                dns: interface.wanted.dns.clone(),
            })
            .collect();
    }
    if let (Some(minion), Some(id), Some(keys)) = (&spec.minion, &request.minion_id, keys) {
        let mut conf = minion.conf.clone();
        if let Some(master) = &minion.master {
            conf.insert("master".to_owned(), json!(master));
        }
        if let Some(finger) = &minion.master_finger {
            conf.insert("master_finger".to_owned(), json!(finger));
        }
        let mut grains = minion.grains.clone();
        if let Some(role) = &spec.role {
            grains.entry("role").or_insert_with(|| json!(role));
        }
        seed.minion = Some(SeedMinion {
            id: id.to_string(),
            conf,
            grains,
            public_key: keys.public.clone(),
            private_key: keys.private.clone(),
            master_key: minion.master_key.clone(),
            pkg_name: None,
        });
    }
    seed
}

/// An error of the seed's as one of the request's: its pointers start at the seed.
pub(crate) fn as_request_error(error: Error) -> Error {
    let Some(field) = error.field() else {
        return error;
    };
    let member = match field.split('/').nth(1).unwrap_or_default() {
        "hostname" => "/server/server_name".to_owned(),
        "fqdn" => "/server/domain".to_owned(),
        "interfaces" => field.replacen("/interfaces", "/server/networks", 1),
        _ => format!("/server{field}"),
    };
    error.with_field(member)
}
