//! The digest by which a creation that is asked for again is told from another one.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::driver::ServerSpec;

/// `spec` without the minion's keys and where they are accepted: they do not shape the server, and a
/// caller may make a new pair for each try.
pub(in crate::drivers) fn without_keys(spec: &ServerSpec) -> Value {
    let mut spec = serde_json::to_value(spec).unwrap_or_default();
    if let Some(minion) = spec.get_mut("minion").and_then(Value::as_object_mut) {
        for name in ["keys", "keysize", "pki_dir", "accept"] {
            minion.remove(name);
        }
    }
    spec
}

/// SHA-256 of `value`, in hex; the order of members does not count.
pub(in crate::drivers) fn digest_of(value: Value) -> String {
    hex::encode(Sha256::digest(sorted(value).to_string()))
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
