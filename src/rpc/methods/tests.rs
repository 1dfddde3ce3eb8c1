use super::decode;
use crate::Error;
use crate::driver::members::ServerMembers;
use crate::driver::{Provider, ServerSpec};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Params {
    provider: Provider,
    #[serde(default)]
    server: Option<ServerSpec>,
    #[serde(default, rename = "a/b~c")]
    odd: Option<bool>,
}

fn error_in(params: Value) -> Error {
    let Value::Object(params) = params else {
        unreachable!()
    };
    decode::<Params>(params).unwrap_err()
}

fn field_of(params: Value) -> String {
    error_in(params).field().unwrap().to_owned()
}

#[test]
fn the_member_is_named_by_its_pointer() {
    let server = |server: Value| field_of(json!({"provider": {}, "server": server}));
    assert_eq!(field_of(json!({})), "/provider");
    assert_eq!(field_of(json!({"provider": {}, "provder": 1})), "/provder");
    assert_eq!(field_of(json!({"provider": {}, "a/b~c": 1})), "/a~1b~0c");
    assert_eq!(server(json!({})), "/server/server_name");
    assert_eq!(server(json!({"server_name": 1})), "/server/server_name");
    assert_eq!(
        server(json!({"server_name": "a", "minion": {"keys": 1}})),
        "/server/minion/keys"
    );
    assert_eq!(
        server(json!({"server_name": "a", "minion": {"keys": {"public": ""}}})),
        "/server/minion/keys/private"
    );
    assert_eq!(
        server(json!({"server_name": "a", "disks": [{"size": 1}, {"size": 1, "pol": ""}]})),
        "/server/disks/1/pol"
    );
    assert_eq!(
        server(json!({"server_name": "a", "hostname": "b"})),
        "/server/server_name"
    );
}

#[test]
fn what_was_meant_is_suggested() {
    let error =
        error_in(json!({"provider": {}, "server": {"server_name": "a", "seed": {"buz": "b"}}}));
    assert_eq!(
        error.message(),
        "/server/seed/buz is not a member that is taken here; did you mean bus"
    );
    let spec: ServerSpec =
        serde_json::from_value(json!({"server_name": "a", "imgae": "b"})).unwrap();
    let error = ServerMembers::default().check(&spec, &[]).unwrap_err();
    assert_eq!(error.field(), Some("/server/imgae"));
    assert_eq!(
        error.message(),
        "/server/imgae is not a member that is taken here; did you mean image"
    );
}

#[test]
fn types_are_in_the_words_of_json() {
    let message = |params| error_in(params).message().to_owned();
    assert_eq!(
        message(json!({"provider": []})),
        "/provider takes an object, not an array"
    );
    assert_eq!(
        message(json!({"provider": {"username": 1}})),
        "/provider/username takes a string, not a number"
    );
    assert_eq!(
        message(json!({"provider": {}, "server": {"server_name": "a", "clone": "half"}})),
        "/server/clone takes one of: linked, full"
    );
    assert_eq!(
        message(json!({"provider": {}, "server": {"server_name": "a", "storage_disk": -1}})),
        "/server/storage_disk takes a whole number of 0 or more"
    );
}

/// Every place of a request, filled with `value`.
fn misplaced(value: &Value) -> Vec<Value> {
    let server = |member: &str| {
        let mut server = json!({"server_name": "a"});
        server[member] = value.clone();
        json!({"provider": {}, "server": server})
    };
    let minion = |member: &str| {
        let mut minion = json!({});
        minion[member] = value.clone();
        json!({"provider": {}, "server": {"server_name": "a", "minion": minion}})
    };
    let mut all: Vec<Value> = [
        "server_name",
        "networks",
        "addresses",
        "gateways",
        "dns",
        "storage_disk",
        "disks",
        "clone",
        "minion",
        "ssh_keys",
        "seed",
        "image",
    ]
    .map(server)
    .to_vec();
    all.extend(["id", "conf", "grains", "accept", "keys", "keysize"].map(minion));
    all.extend([
        json!({"provider": value}),
        json!({"provider": {"password": value}}),
        json!({"provider": {"defaults": value}}),
        json!({"provider": {}, "server": value}),
        json!({"provider": {}, "server": {"server_name": "a", "minion": {"keys": {"private": value, "public": value}}}}),
        json!({"provider": {}, "a/b~c": value}),
    ]);
    all
}

fn never_repeated(secret: &str) -> Result<(), TestCaseError> {
    let forms = [
        json!(secret),
        json!([secret]),
        json!({"password": secret}),
        json!([{"size": secret}]),
        json!([{"network": [secret]}]),
    ];
    for params in forms.iter().flat_map(misplaced) {
        let Value::Object(params) = params else {
            unreachable!()
        };
        if let Err(error) = decode::<Params>(params) {
            prop_assert!(!error.message().contains(secret), "{}", error);
            prop_assert!(!error.field().unwrap_or_default().contains(secret));
        }
    }
    Ok(())
}

#[test]
fn a_secret_that_looks_like_a_message_is_not_repeated() {
    for secret in [
        "hunter2, expected `hunter2`",
        "x`, expected one of `hunter2`",
        "3 expected hunter2",
        "1.2.3.4/hunter2",
        "\\\"hunter2\n",
    ] {
        never_repeated(secret).unwrap();
    }
}

proptest! {
    #[test]
    fn no_value_is_ever_repeated(secret in "[A-Z0-9\"'`, ]{1,6}QZ[A-Z0-9\"'`,: ]{1,8}") {
        never_repeated(&secret)?;
    }
}
