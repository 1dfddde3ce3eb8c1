//! What every driver's guests read at their first boot.

use serde_json::json;
use uuid::Uuid;

use super::Keys;
use crate::config_drive::{Seed, SeedMinion};
use crate::driver::ServerSpec;
use crate::salt::MinionId;
use crate::{Error, Secret};

/// The seed of the server `uuid`: its names, keys, user-data and minion. Its network is the driver's.
pub(in crate::drivers) fn guest_seed(
    spec: &ServerSpec,
    uuid: Uuid,
    minion: Option<(&MinionId, &Keys)>,
) -> Seed {
    // `_` is allowed in a server's name and not in a host's
    let hostname = spec.server_name.replace('_', "-");
    let mut seed = Seed::new(uuid, hostname.clone());
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
    if let (Some(wanted), Some((id, keys))) = (&spec.minion, minion) {
        let mut conf = wanted.conf.clone();
        if let Some(master) = &wanted.master {
            conf.insert("master".to_owned(), json!(master));
        }
        if let Some(finger) = &wanted.master_finger {
            conf.insert("master_finger".to_owned(), json!(finger));
        }
        let masterless = conf
            .get("file_client")
            .is_some_and(|client| client == "local");
        if masterless && !conf.contains_key("master") {
            // else it looks for a host called `salt`, and goes on for ever
            conf.entry("master_type")
                .or_insert_with(|| json!("disable"));
        }
        if wanted.sign_key.is_some() {
            conf.insert("verify_master_pubkey_sign".to_owned(), json!(true));
        }
        let mut grains = wanted.grains.clone();
        if let Some(role) = &spec.role {
            grains.entry("role").or_insert_with(|| json!(role));
        }
        seed.minion = Some(SeedMinion {
            id: id.to_string(),
            conf,
            grains,
            public_key: keys.public.clone(),
            private_key: keys.private.clone(),
            master_key: wanted.master_key.clone(),
            sign_key: wanted.sign_key.clone(),
            pkg_name: None,
        });
    }
    seed
}

/// An error of the seed's as one of the request's: its pointers start at the seed.
pub(in crate::drivers) fn as_request_error(error: Error) -> Error {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample;
    use super::{MinionId, Uuid, guest_seed};

    fn conf(minion: Value) -> Value {
        let server = json!({"server_name": "web1", "minion": minion});
        let spec = serde_json::from_value(server).unwrap();
        let id = MinionId::new("web1").unwrap();
        let seed = guest_seed(&spec, Uuid::from_u128(1), Some((&id, &sample())));
        Value::Object(seed.minion.unwrap().conf)
    }

    #[test]
    fn a_minion_has_one_master_or_several_or_none() {
        assert_eq!(conf(json!({"master": "a"})), json!({"master": "a"}));
        assert_eq!(
            conf(json!({"master": ["a", "b"], "conf": {"master_type": "failover"}})),
            json!({"master": ["a", "b"], "master_type": "failover"})
        );
        let local = json!({"file_client": "local"});
        assert_eq!(
            conf(json!({"conf": local})),
            json!({"file_client": "local", "master_type": "disable"})
        );
        // only files are its own
        assert_eq!(
            conf(json!({"master": "a", "conf": local})),
            json!({"master": "a", "file_client": "local"})
        );
        assert_eq!(
            conf(json!({"sign_key": "a key"})),
            json!({"verify_master_pubkey_sign": true})
        );
    }
}
