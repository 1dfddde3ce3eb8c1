use super::*;
use crate::driver::Silent;
use crate::rpc::fake_driver::service;
use serde_json::json;

fn call(method: &str, params: Value) -> Result<Value> {
    let Value::Object(params) = params else {
        unreachable!()
    };
    service().dispatch(method, params, Arc::new(Silent))
}

fn provider() -> Value {
    json!({"driver_name": "va_fake", "provider_name": "p", "theirs": 1})
}

#[test]
fn answers_fit_their_schemas() {
    let provider = provider();
    for (method, params) in [
        ("version", json!({})),
        ("driver.list", json!({})),
        ("driver.steps", json!({"driver_id": "fake"})),
        (
            "driver.validate",
            json!({"driver_id": "fake", "step_index": -1}),
        ),
        ("provider.networks", json!({"provider": provider})),
        ("provider.sec_groups", json!({"provider": provider})),
        ("provider.images", json!({"provider": provider})),
        ("provider.sizes", json!({"provider": provider})),
        (
            "server.show",
            json!({"provider": provider, "server_name": "a"}),
        ),
        (
            "server.create",
            json!({"provider": provider, "server": {"server_name": "a"}}),
        ),
        (
            "server.action",
            json!({"provider": provider, "server_name": "a", "action": "stop"}),
        ),
        (
            "server.delete",
            json!({"provider": provider, "server_name": "a", "force": true}),
        ),
        ("server.recover", json!({"provider": provider})),
    ] {
        let found = find(method).unwrap();
        let requests = jsonschema::validator_for(found.request_schema().as_value()).unwrap();
        let answers = jsonschema::validator_for(found.answer_schema().as_value()).unwrap();
        assert!(requests.is_valid(&params), "{method}");
        let answer = call(method, params).unwrap();
        if let Err(error) = answers.validate(&answer) {
            panic!("{method}: {error}");
        }
    }
}

#[test]
fn listings_carry_what_a_form_offers() {
    let answer = call("provider.networks", json!({"provider": provider()})).unwrap();
    assert_eq!(answer["networks"][0]["name"], "default");
    assert_eq!(
        answer["option_choices"],
        json!([{"const": "default", "title": "default"}])
    );
}

#[test]
fn deleting_is_an_action_too() {
    let answer = call(
        "server.action",
        json!({"provider": provider(), "server_name": "a", "action": "delete"}),
    )
    .unwrap();
    assert_eq!(answer["message"], "deleted a, force false");
}

#[test]
fn an_unknown_method_is_refused_with_what_may_be_meant() {
    let error = call("server.lst", json!({})).unwrap_err();
    assert_eq!(error.kind(), Kind::UnknownMethod);
    assert!(error.message().contains("server.list"), "{error}");
    let error = call("make.coffee", json!({})).unwrap_err();
    assert!(error.message().contains("driver.validate"), "{error}");
}

#[test]
fn a_driver_that_is_not_there_is_named_by_its_member() {
    let error = call("provider.status", json!({"provider": {"driver_name": "x"}})).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.field(), Some("/provider/driver_name"));
    let error = call("provider.status", json!({"provider": {}})).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidField);
    let error = call("driver.steps", json!({"driver_id": "x"})).unwrap_err();
    assert_eq!(error.field(), Some("/driver_id"));
}

#[test]
fn a_panic_is_internal_and_keeps_its_words_to_itself() {
    let error = call(
        "server.show",
        json!({"provider": provider(), "server_name": "panics"}),
    )
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[test]
fn nothing_begins_once_it_is_cancelled() {
    let service = service();
    service.context().cancel.cancel();
    let error = service
        .dispatch("version", Map::new(), Arc::new(Silent))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}
