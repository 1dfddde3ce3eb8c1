//! The form, walked on real hosts to its end, and what it renders, used.

use std::fs;

use serde_json::{Map, Value, json};

use crate::common;
use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;

/// Walks the form with `answers`, one map a step; the last step's result.
fn walk(master: &Master, answers: [Value; 3]) -> Value {
    let validate = |index: i64, values: &Map<String, Value>| {
        let request = json!({"driver_id": "libvirt", "step_index": index, "field_values": values});
        let result = master.ok("driver.validate", &request);
        assert_eq!(result["errors"], json!([]), "{result}");
        result
    };
    let mut values = Map::new();
    let mut result = validate(-1, &values);
    for (index, answer) in answers.into_iter().enumerate() {
        assert_eq!(result["new_step_index"], index);
        for (field, value) in answer.as_object().unwrap() {
            if let Some(choices) = result["option_choices"].get(field) {
                let choices = choices.as_array().unwrap();
                let offered = choices
                    .iter()
                    .any(|choice| choice == value || choice["const"] == *value);
                assert!(offered, "{value} is not offered as {field}: {choices:?}");
            }
            values.insert(field.clone(), value.clone());
        }
        result = validate(i64::try_from(index).unwrap(), &values);
    }
    assert_eq!(result["new_step_index"], -1);
    result
}

#[test]
fn a_provider_is_made_step_by_step_and_used_by_its_name() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let result = walk(
        &master,
        [
            json!({"provider_name": "lab", "host_ip": bed.env("VA_HOST_TCP"), "host_protocol": "qemu+tcp"}),
            json!({"network": "default"}),
            json!({"image": IMAGE, "size": "va-small"}),
        ],
    );
    // As a program of Salt's finds it: in files of these names.
    let salt = master.state().join("salt");
    for (directory, member) in [
        ("cloud.providers.d", "provider_conf"),
        ("cloud.profiles.d", "profile_conf"),
    ] {
        fs::create_dir_all(salt.join(directory)).unwrap();
        fs::write(
            salt.join(directory).join("lab.conf"),
            result[member].as_str().unwrap(),
        )
        .unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = common::run_in(&master.state(), arguments, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let images = run(&["provider", "images", "--provider", "lab", "--json"]);
    let names: Vec<_> = images["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["name"].clone())
        .collect();
    assert!(names.contains(&json!(IMAGE)), "{images}");

    // What the form gave is a provider for the protocol as it is.
    let spec = json!({"server_name": "by-form"});
    let request = json!({"provider": result["provider"], "server": spec, "wait": "defined"});
    assert_eq!(master.ok("server.create", &request)["created"], true);
    let listed = run(&["server", "list", "--provider", "lab", "--json"]);
    let own = listed["servers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|server| server["name"] == "by-form");
    assert_eq!(own.unwrap()["size"], "va-small");
    let request = json!({"provider": result["provider"], "server_name": "by-form"});
    master.ok("server.delete", &request);
    assert_eq!(bed.leftovers("by-form"), [""; 0]);
}

/// What libvirt's test driver makes a host of.
const HOST: &str = "<node><network><name>lan</name><bridge name='br7'/></network>\
    <pool type='dir'><name>default</name><target><path>/images</path></target>\
    <volume type='file'><name>plain.qcow2</name><capacity>1048576</capacity>\
    <target><path>/images/plain.qcow2</path><format type='qcow2'/></target></volume></pool></node>";

#[test]
fn the_form_shows_what_a_host_has() {
    let master = Master::new();
    let file = master.path("host.xml");
    fs::write(&file, HOST).unwrap();
    let result = walk(
        &master,
        [
            json!({"provider_name": "try", "host_ip": file, "host_protocol": "test"}),
            json!({"network": "lan"}),
            json!({"image": "plain.qcow2", "size": "va-small"}),
        ],
    );
    let status = master.ok("provider.status", &json!({"provider": result["provider"]}));
    assert_eq!(status["success"], true);
    let spec = json!({"server_name": "tried"});
    let plan = master.ok(
        "server.plan",
        &json!({"provider": result["provider"], "server": spec}),
    );
    assert_eq!(plan["create"], true);
}

#[test]
fn a_host_that_refuses_keeps_the_form_where_it_is() {
    let master = Master::new();
    let values =
        json!({"provider_name": "lab", "host_ip": "127.0.0.1:1", "host_protocol": "qemu+tcp"});
    let request = json!({"driver_id": "libvirt", "step_index": 0, "field_values": values});
    let result = master.ok("driver.validate", &request);
    assert_eq!(result["new_step_index"], 0);
    // beside the field that it is about
    let error = result["field_errors"]["host_ip"].as_str().unwrap();
    assert!(error.contains("refuses connections"), "{result}");
    assert_eq!(result["errors"], json!([error]));
}

#[test]
fn a_pool_that_is_not_there_is_told_at_its_field_with_those_there_are() {
    let master = Master::new();
    let validate = |index: i64, values: Value| {
        let request = json!({"driver_id": "libvirt", "step_index": index, "field_values": values});
        master.ok("driver.validate", &request)
    };
    let mut values = json!({"provider_name": "try", "uri": "test:///default"});
    let result = validate(0, values.clone());
    assert_eq!(result["option_choices"]["pool"], json!(["default-pool"]));
    // that host has no pool `default`, which counts where none is chosen
    values["network"] = json!("default");
    let result = validate(1, values.clone());
    assert_eq!(result["new_step_index"], 1, "{result}");
    let error = result["field_errors"]["pool"].as_str().unwrap();
    assert!(
        error.contains("no pool default") && error.contains("default-pool"),
        "{error}"
    );
    values["pool"] = json!("default-pool");
    assert_eq!(validate(1, values)["new_step_index"], 2);
}
