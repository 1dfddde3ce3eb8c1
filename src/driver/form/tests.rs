use super::*;
use serde_json::json;

fn step() -> Step {
    Step::new("Provider info")
        .field("provider_name", "Name", FieldType::Str)
        .blank_field("location", "Location", FieldType::Str)
        .field("host_protocol", "Protocol", FieldType::Options)
        .choices("host_protocol", &["qemu", "test"])
        .field("netsec_desc", "Choose a network.", FieldType::Description)
}

fn wrong(values: Value) -> Vec<String> {
    let Value::Object(values) = values else {
        unreachable!()
    };
    step()
        .validate(&values)
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .collect()
}

#[test]
fn a_step_serialises_as_the_dashboard_reads_it() {
    let step = Step::new("Host").field("host_ip", "Host ip", FieldType::Str);
    assert_eq!(
        serde_json::to_string(&step).unwrap(),
        r#"{"name":"Host","fields":[{"id":"host_ip","name":"Host ip","type":"str","blank":false}]}"#
    );
}

#[test]
fn every_field_that_is_missing_or_empty_is_named() {
    assert_eq!(wrong(json!({})), ["provider_name", "host_protocol"]);
    assert_eq!(
        wrong(json!({"provider_name": " ", "host_protocol": null})),
        ["provider_name", "host_protocol"]
    );
    assert!(wrong(json!({"provider_name": "a", "host_protocol": "test"})).is_empty());
}

#[test]
fn a_providers_name_that_can_never_be_a_file_is_refused_where_it_is_entered() {
    let long = "x".repeat(201);
    for name in [
        "../x", "a/b", ".a", "a:b", "a\nb", "a ", "a\u{7}", "*", &long,
    ] {
        let values = json!({"provider_name": name, "host_protocol": "test"});
        assert_eq!(wrong(values), ["provider_name"], "{name:?}");
    }
    for name in ["a", "Rechenzentrum Süd 1", &long[..200]] {
        let values = json!({"provider_name": name, "host_protocol": "test"});
        assert!(wrong(values).is_empty(), "{name:?}");
    }
}

#[test]
fn a_choice_must_be_among_those_known() {
    assert_eq!(
        wrong(json!({"provider_name": "a", "host_protocol": "ftp"})),
        ["host_protocol"]
    );
}

#[test]
fn a_guess_is_not_imposed() {
    let step = Step::new("Cloud")
        .field("region", "Region", FieldType::Options)
        .suggestions("region", &["RegionOne"]);
    let filled = json!({"region": "north"});
    assert!(
        step.validate(filled.as_object().unwrap())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_with_its_pointer() {
    let Value::Object(values) = json!({"provider_name": {"a": 1}}) else {
        unreachable!()
    };
    let error = step().validate(&values).unwrap_err();
    assert_eq!(error.field(), Some("/field_values/provider_name"));
}
