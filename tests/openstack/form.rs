//! The form, walked on a real cloud.

use serde_json::{Value, json};

use crate::common::Call;
use crate::common::openstack::OpenStack;

fn validate(step_index: i64, values: &Value) -> Value {
    Call::new("driver.validate")
        .with("driver_id", "openstack")
        .with("step_index", step_index)
        .with("field_values", values.clone())
        .result()
}

fn entered() -> Value {
    let bed = OpenStack::shared();
    json!({
        "provider_name": "lab",
        "username": bed.env("VA_OS_USERNAME"),
        "password": bed.env("VA_OS_PASSWORD"),
        "host_ip": bed.host_ip(),
        "tenant": bed.env("VA_OS_PROJECT"),
        "region": bed.env("VA_OS_REGION"),
    })
}

fn with(mut values: Value, more: &Value) -> Value {
    let members = values.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    values
}

/// The values that `result` offers for `field`.
fn offered(result: &Value, field: &str) -> Vec<String> {
    let choices = result["option_choices"][field].as_array();
    let choices = choices.unwrap_or_else(|| panic!("no {field}: {result}"));
    choices
        .iter()
        .map(|choice| {
            choice
                .get("const")
                .unwrap_or(choice)
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// The choice that shows `title`.
fn titled(result: &Value, field: &str, title: &str) -> String {
    let found = offered(result, field)
        .into_iter()
        .find(|value| value.split('|').next() == Some(title));
    found.unwrap_or_else(|| panic!("no {title}: {result}"))
}

#[test]
fn a_provider_is_made_step_by_step() {
    let start = validate(-1, &json!({}));
    assert_eq!(start["new_step_index"], 0);
    assert_eq!(start["option_choices"]["region"], json!(["RegionOne"]));

    let values = entered();
    let first = validate(0, &values);
    assert_eq!(first["errors"], json!([]), "{first}");
    assert_eq!(first["new_step_index"], 1);
    assert_eq!(offered(&first, "region"), ["RegionOne", "RegionTwo"]);
    // more than a page of each
    assert!(offered(&first, "network").len() > 10);
    assert!(offered(&first, "sec_group").len() > 10);

    let values = with(
        values,
        &json!({"network": titled(&first, "network", "private"), "sec_group": titled(&first, "sec_group", "web")}),
    );
    let second = validate(1, &values);
    assert_eq!(second["errors"], json!([]), "{second}");
    assert_eq!(second["new_step_index"], 2);

    let values = with(
        values,
        &json!({"image": titled(&second, "image", "tiny"), "size": titled(&second, "size", "m1.tiny")}),
    );
    let last = validate(2, &values);
    assert_eq!(last["errors"], json!([]), "{last}");
    assert_eq!(last["new_step_index"], -1);
    let provider = &last["provider"];
    assert_eq!(provider["driver_name"], "openstack");
    assert_eq!(provider["region"], "RegionOne");
    assert_eq!(provider["defaults"]["size"], "m1.tiny");
    assert!(last["provider_conf"].is_string() && last["profile_conf"].is_string());

    // what the form gave is a provider
    let status = Call::new("provider.status").with("provider", provider.clone());
    assert_eq!(status.result()["success"], true);
}

#[test]
fn a_wrong_region_is_shown_with_those_there_are() {
    for region in ["nowhere", ""] {
        let result = validate(0, &with(entered(), &json!({"region": region})));
        assert_eq!(result["new_step_index"], 0, "{result}");
        let error = result["field_errors"]["region"].as_str().unwrap();
        assert!(error.contains("RegionTwo"), "{error}");
        assert_eq!(offered(&result, "region"), ["RegionOne", "RegionTwo"]);
        let shown = &result["schema"]["properties"]["region"];
        assert!(shown.to_string().contains("RegionTwo"), "{shown}");
    }
}

#[test]
fn what_a_cloud_refuses_is_shown_at_its_field() {
    for (values, field) in [
        (json!({"password": "not this one"}), "password"),
        (json!({"tenant": "nowhere"}), "tenant"),
        (json!({"host_ip": "no-such-host.invalid:5000"}), "host_ip"),
        (json!({"username": ""}), "username"),
    ] {
        let result = validate(0, &with(entered(), &values));
        assert_eq!(result["new_step_index"], 0, "{result}");
        assert!(result["field_errors"][field].is_string(), "{result}");
    }
}

#[test]
fn a_plain_name_is_taken_as_well_as_one_with_its_id() {
    let first = validate(0, &entered());
    let network = titled(&first, "network", "private");
    assert_eq!(network, "private");
    assert!(
        offered(&first, "network")
            .iter()
            .any(|value| value.starts_with("twin|"))
    );
    let groups = json!({"network": "private", "sec_group": "twin"});
    let result = validate(1, &with(entered(), &groups));
    assert!(result["field_errors"]["sec_group"].is_string(), "{result}");
    let groups = json!({"network": "private", "sec_group": "web"});
    assert_eq!(validate(1, &with(entered(), &groups))["new_step_index"], 2);
}

#[test]
fn an_application_credential_stands_for_user_and_project() {
    let bed = OpenStack::shared();
    let result = validate(
        0,
        &json!({
            "provider_name": "lab",
            "identity_url": bed.env("VA_OS_AUTH_URL"),
            "region": bed.env("VA_OS_REGION"),
            "application_credential_id": bed.env("VA_OS_APP_CRED_ID"),
            "application_credential_secret": bed.env("VA_OS_APP_CRED_SECRET"),
        }),
    );
    assert_eq!(result["errors"], json!([]), "{result}");
    assert_eq!(result["new_step_index"], 1);
}
