use serde_json::json;

use crate::driver::{Context, Driver, FieldValues, ProviderMembers, provider_members};

provider_members! {
    taken {
        URI = "uri": "where the host is";
    }
    refused {}
    passed_over {}
}

/// A driver that takes `uri` beside its form.
#[derive(Debug)]
struct Plain;

impl Driver for Plain {
    fn driver_id(&self) -> &'static str {
        "plain"
    }

    fn friendly_name(&self) -> &'static str {
        "Plain"
    }

    fn provider_members(&self) -> &'static ProviderMembers {
        &MEMBERS
    }
}

fn values(more: &serde_json::Value) -> FieldValues {
    let mut values = json!({
        "provider_name": "a",
        "username": "b",
        "password": "hunter2",
        "location": "c",
    });
    let members = values.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    members.clone()
}

#[test]
fn a_value_of_the_wrong_type_is_named_and_not_repeated() {
    let cx = Context::below("/nonexistent");
    for (member, value) in [
        ("uri", json!(["hunter2"])),
        ("uri", json!({"hunter2": "hunter2"})),
        ("password", json!(["hunter2"])),
        ("username", json!({"a": "hunter2"})),
    ] {
        let result = Plain.validate_field_values(&cx, 0, &values(&json!({member: value})));
        let shown = match &result {
            Ok(result) => {
                assert_eq!(result.new_step_index, 0, "{result:?}");
                assert!(result.field_errors.contains_key(member), "{result:?}");
                format!("{:?} {:?}", result.errors, result.field_errors)
            }
            Err(error) => {
                assert_eq!(
                    error.field(),
                    Some(format!("/field_values/{member}").as_str())
                );
                format!("{error:?}")
            }
        };
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
