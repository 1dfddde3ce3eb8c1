use std::net::IpAddr;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::decode;
use crate::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Card {
    name: String,
    #[serde(default)]
    address: Option<IpAddr>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    mtu: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[allow(dead_code)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Bridge,
    Tap(u8),
}

fn error_of(value: &Value) -> Error {
    decode::<Vec<Card>>(value, "/a/b").unwrap_err()
}

#[test]
fn members_are_named_from_where_the_value_stands() {
    for (value, field, message) in [
        (json!({}), "/a/b", "/a/b takes an array, not an object"),
        (json!([{}]), "/a/b/0/name", "/a/b/0/name is missing"),
        (
            json!([{"name": 1}]),
            "/a/b/0/name",
            "/a/b/0/name takes a string, not a number",
        ),
        (
            json!([{"name": "x", "mt": 1}]),
            "/a/b/0/mt",
            "/a/b/0/mt is not a member that is taken here; did you mean mtu",
        ),
        (
            json!([{"name": "x", "mode": "hunter2"}]),
            "/a/b/0/mode",
            "/a/b/0/mode takes one of: bridge, tap",
        ),
    ] {
        let error = error_of(&value);
        assert_eq!((error.field(), error.message()), (Some(field), message));
    }
}

proptest! {
    #[test]
    fn no_value_is_ever_repeated(secret in "[A-Z0-9\"'`, ]{0,6}QZ[A-Z0-9\"'`,: ]{0,8}") {
        let forms = [json!(secret), json!([secret]), json!({"tap": secret}), json!({"bridge": secret})];
        for form in &forms {
            for member in ["name", "address", "mode", "mtu"] {
                let mut card = json!({"name": "x"});
                card[member] = form.clone();
                if let Err(error) = decode::<Vec<Card>>(&json!([card]), "") {
                    prop_assert!(!format!("{error:?}").contains("QZ"), "{error:?}");
                }
            }
        }
    }
}
