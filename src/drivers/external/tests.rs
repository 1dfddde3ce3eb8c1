use serde_json::{Value, json};

use super::answers::server;
use super::message::{Message, read};
use crate::Kind;
use crate::driver::{Server, Status};

fn said(line: &Value) -> Result<Message, String> {
    read(line.to_string().as_bytes(), 7)
}

#[test]
fn a_line_that_is_no_answer_to_the_request_says_why() {
    for (line, why) in [
        (json!([]), "no JSON object"),
        (json!({"id": 8, "result": 1}), "the id is 7, not 8"),
        (json!({"id": "7", "result": 1}), "not \"7\""),
        (json!({"result": 1}), "not none"),
        (json!({"id": null, "result": 1}), "not null"),
        (json!({"id": 7}), "neither"),
        (
            json!({"id": 7, "result": 1, "error": {"message": "a"}}),
            "both",
        ),
        (json!({"id": 7, "error": "no"}), "an error otherwise"),
        (json!({"id": 7, "method": "version"}), "asks something"),
        (
            json!({"method": "progress", "params": {}}),
            "its progress otherwise",
        ),
    ] {
        let error = said(&line).unwrap_err();
        assert!(error.contains(why), "{line}: {error}");
    }
    assert!(read(b"\xff", 7).is_err());
    assert!(matches!(
        said(&json!({"method": "log"})),
        Ok(Message::Notification)
    ));
}

#[test]
fn an_error_is_of_the_kind_that_it_says_or_that_its_code_means() {
    for (error, kind) in [
        (json!({"message": "a", "code": -32004}), Kind::NotFound),
        (
            json!({"message": "a", "code": -32601, "data": null}),
            Kind::UnknownMethod,
        ),
        (
            json!({"message": "a", "code": -32004, "data": {"kind": "conflict"}}),
            Kind::Conflict,
        ),
        (
            json!({"message": "a", "code": -32004, "data": {"kind": "odd"}}),
            Kind::Internal,
        ),
        (json!({"message": "a"}), Kind::Internal),
    ] {
        let Ok(Message::Answer(Err(read))) = said(&json!({"id": 7, "error": error})) else {
            panic!("{error}");
        };
        assert_eq!(read.kind(), kind, "{error}");
    }
}

#[test]
fn a_server_has_what_it_says_of_itself_and_nothing_that_contradicts_it() {
    let read = |said| serde_json::from_value::<Server>(server("left", said)).unwrap();
    let plain = read(json!({"hostname": "web"}));
    let expected = Server::new("left", "web", "web".to_owned(), Status::Unknown);
    assert_eq!(plain, expected);
    let full = read(
        json!({"name": "web", "id": 7, "status": "SHUTOFF", "state": "running", "size": null,
        "private_ips": ["192.0.2.7"], "provider": "right", "unknown": 1}),
    );
    assert_eq!((full.id.as_str(), full.ip.as_str()), ("7", "192.0.2.7"));
    assert_eq!(
        (full.state.as_str(), full.provider.as_str()),
        ("stopped", "left")
    );
    assert!(serde_json::from_value::<Server>(server("left", json!({"id": 7}))).is_err());
}
