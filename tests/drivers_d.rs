//! Drivers in a page, as a shell and a program see them.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{lines, run_in};
use serde_json::{Value, json};

/// A manifest of an own kind of machine, with `steps`.
fn page(name: &str, steps: &str) -> String {
    format!(
        "driver: 1\nname: {name}\nneeds: {{salt_driver: saltify}}\nsteps: {steps}\nprovider: {{VAR_PROVIDER_NAME: \
         {{driver: saltify, zone: VAR_ZONE}}}}\nprofile: {{VAR_PROFILE_NAME: {{provider: VAR_PROVIDER_NAME, \
         ssh_host: VAR_IP}}}}\nserver:\n  - {{id: ip, format: host}}\n"
    )
}

const STEPS: &str = "{provider: {remove: [username, password, location], add: [{id: zone, secret: true}]}, network: \
                     false, image: false}";

fn put(state: &Path, name: &str, text: &str) {
    let dir = state.join("drivers.d");
    fs::create_dir_all(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    let file = dir.join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
}

fn json_of(state: &Path, args: &[&str]) -> Value {
    let output = run_in(state, args, b"");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn error_of(state: &Path, args: &[&str]) -> String {
    let output = run_in(state, args, b"");
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_driver_is_there_as_soon_as_its_file_is_and_gone_with_it() {
    let state = tempfile::tempdir().unwrap();
    let ids = || -> Vec<Value> {
        let listed = json_of(state.path(), &["driver", "list"]);
        let drivers = listed["drivers"].as_array().unwrap();
        drivers.iter().map(|driver| driver["id"].clone()).collect()
    };
    assert_eq!(json!(ids()), json!(["libvirt", "openstack"]));
    put(state.path(), "rack.yaml", &page("Racks", STEPS));
    put(state.path(), "bad.yaml", "driver: 1\nname: X\nstps: {}\n");
    assert_eq!(json!(ids()), json!(["libvirt", "openstack", "rack"]));
    let listed = json_of(state.path(), &["driver", "list"]);
    assert_eq!(listed["broken"][0]["line"], 3);
    let told = listed["broken"][0]["message"].as_str().unwrap();
    assert!(told.contains("did you mean steps"), "{told}");
    assert!(error_of(state.path(), &["steps", "bad"]).contains("bad.yaml, line 3"));
    assert!(error_of(state.path(), &["steps", "rakc"]).contains("rack"));
    let shown = json_of(state.path(), &["driver", "show", "rack"]);
    assert_eq!(shown["server_fields"][0]["id"], "ip");
    assert_eq!(shown["steps"][0]["fields"].as_array().unwrap().len(), 2);
    fs::remove_file(state.path().join("drivers.d/rack.yaml")).unwrap();
    assert_eq!(json!(ids()), json!(["libvirt", "openstack"]));
}

#[test]
fn a_page_that_was_begun_is_in_order_and_one_with_a_slip_is_told_where() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("rack.yaml");
    let file = file.to_str().unwrap();
    json_of(state.path(), &["driver", "new", "rack", "--output", file]);
    assert!(error_of(state.path(), &["driver", "new", "rack", "-o", file]).contains("exists"));
    assert!(error_of(state.path(), &["driver", "new", "Rack"]).contains("lower case"));
    let checked = json_of(state.path(), &["driver", "check", file]);
    assert_eq!(checked["id"], "rack");
    let text = fs::read_to_string(file)
        .unwrap()
        .replace("key: VAR_SECRET_ACCESS_KEY", "key: VAR_SECRET_KEY");
    fs::write(file, &text).unwrap();
    let line = text
        .lines()
        .position(|line| line.contains("VAR_SECRET_KEY"))
        .unwrap()
        + 1;
    let said = error_of(state.path(), &["driver", "check", file]);
    assert!(
        said.contains(&format!(
            "rack.yaml, line {line}: provider uses VAR_SECRET_KEY"
        )),
        "{said}"
    );
    let named = state.path().join("libvirt.yaml");
    fs::write(&named, &text).unwrap();
    assert!(
        error_of(state.path(), &["driver", "check", named.to_str().unwrap()])
            .contains("program itself")
    );
}

#[test]
fn a_provider_of_a_page_is_written_and_found_again_by_its_name_and_its_secret_is_in_no_error() {
    let state = tempfile::tempdir().unwrap();
    put(state.path(), "rack.yaml", &page("Racks", STEPS));
    fs::create_dir(state.path().join("salt")).unwrap();
    let record = json!({"driver_name": "rack", "provider_name": "cellar", "zone": "hunter2-zone"});
    let file = state.path().join("cellar.json");
    fs::write(&file, record.to_string()).unwrap();
    let file = ["--provider-file", file.to_str().unwrap()];
    json_of(state.path(), &[&["provider", "write"], &file[..]].concat());
    let rendered = json_of(
        state.path(),
        &["provider", "render", "--provider", "cellar"],
    );
    assert_eq!(
        rendered,
        json_of(state.path(), &[&["provider", "render"], &file[..]].concat())
    );
    assert!(
        rendered["provider_conf"]
            .as_str()
            .unwrap()
            .contains("hunter2-zone")
    );
    let requests = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "server.plan", "params": {
            "provider": record, "server": {"server_name": "web", "ip": "a b"}}}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "server.plan", "params": {
            "provider": {"driver_name": "rack", "provider_name": "cellar", "zone": "hunter2-zone", "zoen": 1},
            "server": {"server_name": "hunter2-zone", "ip": "192.0.2.7"}}}),
    ];
    let input = requests.map(|request| format!("{request}\n")).concat();
    let output = run_in(state.path(), &["rpc"], input.as_bytes());
    let answers = lines(&output);
    let fields: Vec<_> = answers
        .iter()
        .map(|one| one["error"]["data"]["field"].clone())
        .collect();
    assert!(
        fields.contains(&json!("/server/ip")) && fields.contains(&json!("/provider/zoen")),
        "{answers:?}"
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("hunter2"));
}

#[test]
fn templates_of_the_administrators_count_over_the_page() {
    let state = tempfile::tempdir().unwrap();
    put(state.path(), "rack.yaml", &page("Racks", STEPS));
    let templates = state.path().join("templates/rack");
    fs::create_dir_all(&templates).unwrap();
    fs::write(
        templates.join("provider.conf"),
        "VAR_PROVIDER_NAME: {driver: saltify, mine: VAR_ZONE}\n",
    )
    .unwrap();
    let tera = "{{ VAR_PROFILE_NAME }}:\n  provider: {{ VAR_PROVIDER_NAME }}\n  master: {{ VAR_THIS_IP }}\n";
    fs::write(templates.join("profile.conf.tera"), tera).unwrap();
    fs::write(state.path().join("config.yaml"), "this_ip: 192.0.2.1\n").unwrap();
    let record = json!({"driver_name": "rack", "provider_name": "cellar", "zone": "z"});
    let file = state.path().join("cellar.json");
    fs::write(&file, record.to_string()).unwrap();
    let args = [
        "provider",
        "render",
        "--provider-file",
        file.to_str().unwrap(),
    ];
    let rendered = json_of(state.path(), &args);
    assert!(
        rendered["provider_conf"]
            .as_str()
            .unwrap()
            .contains("mine: \"z\"")
    );
    assert!(
        rendered["profile_conf"]
            .as_str()
            .unwrap()
            .contains("192.0.2.1")
    );
    fs::write(state.path().join("config.yaml"), "this_pi: 192.0.2.1\n").unwrap();
    assert!(error_of(state.path(), &args).contains("did you mean this_ip"));
}
