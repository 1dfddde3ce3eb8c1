//! What a cloud says of its networks, as openstacksdk has it: which one servers are on that name none, which one
//! floating IPs lead to, which one they come from.

use serde_json::{Map, Value};

use crate::driver::ProviderMember;
use crate::drivers::openstack::settings::members::{EXTERNAL_NETWORK, NAT_DESTINATION, NETWORK};

const NETWORKS: &str = "networks";
/// What is said of one, and the member that names it here. Only the first may be said of several.
const ROLES: [(&str, &ProviderMember); 3] = [
    ("nat_source", EXTERNAL_NETWORK),
    ("nat_destination", NAT_DESTINATION),
    ("default_interface", NETWORK),
];

/// Has `cloud` name its networks by members of this program's; an error says what is wrong.
pub(super) fn choose(cloud: &mut Map<String, Value>) -> Result<(), String> {
    let networks = match cloud.shift_remove(NETWORKS) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(networks)) => networks,
        Some(_) => return Err(format!("{NETWORKS} takes a list of mappings")),
    };
    for (role, member) in ROLES {
        let mut has_it = networks.iter().filter(|network| is_true(&network[role]));
        let Some(first) = has_it.next() else { continue };
        if has_it.next().is_some() && member != EXTERNAL_NETWORK {
            return Err(format!("{NETWORKS}: {role} is said of more than one"));
        }
        let name = match &first["name"] {
            Value::String(name) => name.clone(),
            Value::Number(digits) => digits.to_string(),
            _ => return Err(format!("{NETWORKS}: one of them has no name")),
        };
        cloud
            .entry(member.name)
            .or_insert_with(|| Value::String(name));
    }
    Ok(())
}

/// As openstacksdk reads it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        value => *value == Value::Bool(true),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(mut cloud: Value) -> Result<Value, String> {
        choose(cloud.as_object_mut().unwrap()).map(|()| cloud)
    }

    #[test]
    fn networks_are_what_is_said_of_them() {
        let lan = json!({"name": "lan", "nat_destination": "True", "default_interface": true});
        let outer = json!({"name": 7, "routes_externally": true, "nat_source": true});
        let other = json!({"name": "other", "nat_source": true, "default_interface": "no"});
        assert_eq!(
            chosen(json!({"networks": [lan, outer, other]})),
            Ok(json!({"network": "lan", "nat_destination": "lan", "external_network": "7"}))
        );
        let said = json!({"networks": [lan], "network": "own"});
        let named = json!({"network": "own", "nat_destination": "lan"});
        assert_eq!(chosen(said), Ok(named));
        for wrong in [
            json!({"networks": [lan, lan]}),
            json!({"networks": [{"default_interface": true}]}),
            json!({"networks": {"name": "lan"}}),
        ] {
            assert!(chosen(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
