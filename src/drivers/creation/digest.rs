//! The digest by which a creation that is asked for again is told from another one.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::driver::ServerSpec;

/// `spec` without the minion's keys and where they are accepted: they do not shape the server, and a
/// caller may make a new pair for each try.
pub(in crate::drivers) fn without_keys(spec: &ServerSpec) -> Value {
    let clone = spec.clone;
    let mut spec = serde_json::to_value(spec).unwrap_or_default();
    // said always: digests of servers that exist were made so
    spec["clone"] = json!(clone);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{digest_of, without_keys};

    #[test]
    fn the_digests_of_servers_that_exist_stay_what_they_were() {
        let said = json!({"name": "a", "size": "b", "networks": ["c"], "minion": {"accept": true}});
        let spec = serde_json::from_value(said).unwrap();
        let was = json!({"server_name": "a", "size": "b", "networks": ["c"], "clone": "linked", "minion": {}});
        assert_eq!(digest_of(without_keys(&spec)), digest_of(was));
    }
}
