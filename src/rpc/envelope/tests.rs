use super::*;
use proptest::prelude::*;
use serde_json::json;

fn one(text: &str) -> Result<Request, Value> {
    match read(text.as_bytes()).unwrap() {
        Message::One(result) => result.map_err(|answer| serde_json::to_value(answer).unwrap()),
        Message::Batch(_) => panic!("a batch"),
    }
}

#[test]
fn a_request_without_params_has_none() {
    let request = one(r#"{"jsonrpc":"2.0","id":1,"method":"version"}"#).unwrap();
    assert_eq!(request.id, Some(json!(1)));
    assert_eq!(request.method, "version");
    assert_eq!(request.params, Ok(Map::new()));
}

#[test]
fn a_request_without_id_is_a_notification_and_one_with_null_is_not() {
    let id = |text| one(text).unwrap().id;
    assert_eq!(id(r#"{"jsonrpc":"2.0","method":"version"}"#), None);
    assert_eq!(
        id(r#"{"jsonrpc":"2.0","method":"version","id":null}"#),
        Some(Value::Null)
    );
}

#[test]
fn what_is_no_request_is_answered_with_its_id_where_it_has_one() {
    for (text, id) in [
        ("1", Value::Null),
        (r#"{"jsonrpc":"2.0","method":1,"id":"a"}"#, json!("a")),
        (r#"{"jsonrpc":"1.0","method":"version","id":2}"#, json!(2)),
        (r#"{"method":"version","id":2}"#, json!(2)),
        (r#"{"jsonrpc":"2.0","id":2}"#, json!(2)),
        (
            r#"{"jsonrpc":"2.0","method":"version","id":[]}"#,
            Value::Null,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"version","id":true}"#,
            Value::Null,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"version","id":123456789012345678901}"#,
            Value::Null,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"version","id":3,"x":1}"#,
            json!(3),
        ),
        (
            r#"{"jsonrpc":"2.0","method":"version","id":3,"id":4}"#,
            Value::Null,
        ),
        ("[]", Value::Null),
    ] {
        let answer = one(text).unwrap_err();
        assert_eq!(answer["id"], id, "{text}");
        assert_eq!(answer["error"]["code"], -32600, "{text}");
        assert_eq!(answer["error"]["data"]["kind"], "invalid_request", "{text}");
    }
}

#[test]
fn what_is_not_json_has_the_code_of_a_parse_error() {
    let answer = one(r#"{"jsonrpc":"2.0""#).unwrap_err();
    assert_eq!(answer["error"]["code"], PARSE_ERROR);
    assert_eq!(answer["error"]["data"]["kind"], "invalid_request");
}

#[test]
fn a_parameter_given_twice_is_named() {
    let request =
        one(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":{"c":1,"c":2}}}"#).unwrap();
    assert_eq!(request.params.unwrap_err().field(), Some("/b/c"));
}

#[test]
fn params_given_twice_are_no_request() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{},"params":{}}"#;
    assert_eq!(one(text).unwrap_err()["error"]["code"], -32600);
}

#[test]
fn params_by_position_are_refused() {
    for params in ["[1]", "null", "1"] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{params}}}"#);
        let error = one(&text).unwrap().params.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField, "{params}");
    }
}

#[test]
fn a_batch_keeps_faults_to_the_requests_that_have_them() {
    let text = r#"[{"jsonrpc":"2.0","id":1,"method":"a"}, 1, {"jsonrpc":"2.0","id":2,"method":"a","params":{"x":1,"x":1}}]"#;
    let Some(Message::Batch(items)) = read(text.as_bytes()) else {
        panic!("no batch")
    };
    assert!(items[0].as_ref().unwrap().params.is_ok());
    assert!(items[1].is_err());
    let error = items[2].as_ref().unwrap().params.as_ref().unwrap_err();
    assert_eq!(error.field(), Some("/x"));
}

#[test]
fn a_batch_is_bounded() {
    let text = format!("[{}1]", "1,".repeat(MAX_BATCH));
    assert_eq!(one(&text).unwrap_err()["error"]["code"], -32600);
}

#[test]
fn blank_lines_are_nothing() {
    assert!(read(b"").is_none());
    assert!(read(b" \t\r").is_none());
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = read(&line);
    }

    #[test]
    fn ids_come_back_as_they_were_sent(id in prop_oneof![any::<i64>().prop_map(Value::from), ".{0,8}".prop_map(Value::from)]) {
        let text = json!({"jsonrpc": "2.0", "id": id, "method": "a"}).to_string();
        let answer = Answer::new(one(&text).unwrap().id.unwrap(), Ok(Value::Null));
        prop_assert_eq!(&serde_json::to_value(answer).unwrap()["id"], &id);
    }
}
