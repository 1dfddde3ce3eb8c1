//! The digest by which a creation that is asked for again is told from another one.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Request;
use crate::drivers::libvirt::settings::Settings;

/// SHA-256, in hex, of everything about `request` that shapes the server. Keys, and where they are
/// accepted, do not: a caller may make a new pair for each try.
pub(crate) fn digest(settings: &Settings, request: &Request) -> String {
    let mut spec = serde_json::to_value(&request.spec).unwrap_or_default();
    if let Some(minion) = spec.get_mut("minion").and_then(Value::as_object_mut) {
        for name in ["keys", "keysize", "pki_dir", "accept"] {
            minion.remove(name);
        }
    }
    let names_network = request.spec.network.is_some() || !request.spec.networks.is_empty();
    let whole = sorted(json!({
        "server": spec,
        "image": request.image,
        "size": request.size,
        "flavour": {
            "num_cpus": request.flavour.num_cpus,
            "memory": request.flavour.memory,
            "max_memory": request.flavour.max_memory(),
            "vol_capacity": request.flavour.vol_capacity,
        },
        "pool": request.pool,
        "network": settings.defaults.network.as_ref().filter(|_| !names_network),
    }));
    hex::encode(Sha256::digest(whole.to_string()))
}

/// The same with the members of every object in one order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map
                .into_iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(Map::from_iter(members))
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}
