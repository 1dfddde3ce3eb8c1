use std::path::Path;

use serde_json::{Value, json};

use super::{Manifest, blank, parse};
use crate::driver::template_vars::Vars;
use crate::driver::{Action, BrokenDriver, Context, Driver, FieldValues, Provider, ServerSpec};
use crate::template::parse_yaml;

const EC2: &str = include_str!("../../../salt/drivers.d/ec2.yaml");
const GENERIC: &str = include_str!("../../../salt/drivers.d/generic.yaml");

fn read(text: &str) -> Result<Manifest, BrokenDriver> {
    parse(Path::new("x.yaml"), "x", text.as_bytes())
}

fn ec2() -> Manifest {
    parse(Path::new("ec2.yaml"), "ec2", EC2.as_bytes()).unwrap()
}

/// A manifest with `steps` and `rest`, which is right otherwise.
fn page(steps: &str, rest: &str) -> String {
    format!(
        "driver: 1\nname: X\nprovider: {{VAR_PROVIDER_NAME: {{driver: x}}}}\nprofile: {{VAR_PROFILE_NAME: \
         {{provider: VAR_PROVIDER_NAME}}}}\nsteps:\n  {steps}\n{rest}"
    )
}

fn add(field: &str) -> String {
    page(&format!("provider: {{add: [{field}]}}"), "")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_wrong_in_the_steps_is_said_with_its_line_and_the_way_out() {
    for (text, line, told) in [
        (
            page("provider: {remove: [usrname]}", ""),
            6,
            "did you mean username",
        ),
        (
            page("provider: {change: {imgae: {}}}", ""),
            6,
            "has no field imgae",
        ),
        (
            page("provider: {remove: [provider_name]}", ""),
            6,
            "provider_name stays",
        ),
        (
            page("provider: {change: {username: {id: u}}}", ""),
            6,
            "keeps its id",
        ),
        (page("netwrok: false", ""), 6, "did you mean network"),
        (
            page("extra: {add: [{id: a}]}", ""),
            6,
            "needs a name of its own",
        ),
        (page("extra: {name: Extra}", ""), 6, "no field left"),
        (
            page("network: {remove: [network, sec_group]}", ""),
            6,
            "write false",
        ),
        (
            page("provider: false\n  network: false\n  image: false", ""),
            6,
            "provider_name",
        ),
        (page("network: true", ""), 6, "leave it out"),
        (
            add("{id: username}"),
            6,
            "there is a field username already",
        ),
        (add("{id: a}, {id: a}"), 6, "there is a field a already"),
        (add("{id: servers}"), 6, "protocol"),
        (add("{id: defaults}"), 6, "protocol"),
        (add("{id: uri}"), 6, "protocol"),
        (add("{id: flavours}"), 6, "protocol"),
        (add("{id: driver}"), 6, "protocol"),
        (add("{id: provider_ip}"), 6, "protocol"),
        (add("{id: server_name}"), 6, "protocol"),
        (add("{id: Region}"), 6, "lower case"),
        (add("{id: access-key}"), 6, "lower case"),
        (add("{name: A}"), 6, "no id"),
        (add("{idd: a}"), 6, "did you mean id"),
        (add("{id: a, type: options}"), 6, "has no choices"),
        (
            add("{id: a, type: str, choices: [b]}"),
            6,
            "type is options",
        ),
        (add("{id: a, choices: []}"), 6, "no choice"),
        (add("{id: a, choices: [[b]]}"), 6, "neither text nor"),
        (add("{id: a, choices: x}"), 6, "choices are a list"),
        (
            add("{id: a, choices: [\"yes\", b], default: c}"),
            6,
            "must be one of: yes, b",
        ),
        (add("{id: a, choices: [b, yes]}"), 6, "put it in quotes"),
        (
            add("{id: a, choices: [b], secret: true}"),
            6,
            "everybody sees",
        ),
        (add("{id: a, secret: true, default: b}"), 6, "is secret"),
        (add("{id: a, format: port, default: 70000}"), 6, "a port"),
        (
            add("{id: a, choices: {salt-cloud: sizes, command: [a]}}"),
            6,
            "one source",
        ),
        (add("{id: a, choices: {command: [bin/x]}}"), 6, "whole path"),
        (
            add("{id: a, choices: {salt-clod: sizes}}"),
            6,
            "did you mean salt-cloud",
        ),
        (
            page("image: false", "server: [{id: size}]"),
            7,
            "every server may have size",
        ),
        (
            page("image: false", "server: [{id: name}]"),
            7,
            "every server may have name",
        ),
        (
            page("image: false", "server: [{id: ip}, {id: ip}]"),
            7,
            "two server fields",
        ),
        (
            page("image: false", "server: [{id: username}]"),
            7,
            "a step has a field username",
        ),
        (
            page("image: false", "actions: [snapshot]"),
            7,
            "start, stop, reboot",
        ),
    ] {
        let broken = read(&text).unwrap_err();
        assert!(broken.message.contains(told), "{text}\n{broken}");
        assert_eq!(broken.line, Some(line), "{text}\n{broken}");
    }
}

#[test]
fn what_is_wrong_with_the_file_itself_is_said() {
    let line = |(before, c): (char, char)| {
        let six = vec![format!("*{before}"); 6].join(", ");
        format!("{c}: &{c} [{six}]")
    };
    let lines = ('a'..='j').zip('b'..='k').map(line);
    let first = "a: &a [x, x, x, x, x, x, x, x]".to_owned();
    let all: Vec<_> = std::iter::once(first).chain(lines).collect();
    let longer = all.join("\n");
    for (text, told) in [
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        ("driver: 2\n", "reads manifests of version 1"),
        ("driver: 1\nname: [\n", "not valid YAML"),
        ("driver: 1\n---\ndriver: 1\n", "not valid YAML"),
        ("- driver\n", "no mapping"),
        (&longer, "not valid YAML"),
        (
            "driver: 1\nname: X\nprofil: {}\nprovider: {}\nprofile: {}",
            "did you mean profile",
        ),
        ("driver: 1\nname: X\nprovider: {}", "profile is missing"),
    ] {
        let broken = read(text).unwrap_err();
        assert!(broken.message.contains(told), "{text}\n{broken}");
    }
    let broken = parse(Path::new("x.yaml"), "x", b"driver: 1\nname: \xff\n").unwrap_err();
    assert_eq!(
        (broken.line, broken.message.as_str()),
        (Some(2), "it is not UTF-8 text")
    );
}

#[test]
fn a_variable_of_no_field_is_told_when_the_page_is_read() {
    let with = |provider: &str, profile: &str| {
        format!(
            "driver: 1\nname: X\nsteps: {{provider: {{remove: [password], add: [{{id: key, secret: true}}, \
             {{id: zone, blank: true}}]}}}}\nprovider:\n  VAR_PROVIDER_NAME: {{driver: x, {provider}}}\nprofile:\n  \
             VAR_PROFILE_NAME: {{provider: VAR_PROVIDER_NAME, {profile}}}\n"
        )
    };
    assert!(
        read(&with(
            "a: VAR_KEY, b: VAR_THIS_IP",
            "c: VAR_ZONE, d: VAR_ROLE"
        ))
        .is_ok()
    );
    for (provider, profile, line, told) in [
        ("a: VAR_ZOEN", "b: c", 5, "did you mean VAR_ZONE"),
        ("a: VAR_PASSWORD", "b: c", 5, "add a field password"),
        ("a: VAR_IMAGE_ID", "b: c", 5, "which no field gives"),
        ("a: b", "b: VAR_KEY", 5, "is secret"),
        ("VAR_ZONE: b", "b: c", 5, "as a key"),
    ] {
        let text = with(provider, profile);
        let broken = read(&text).unwrap_err();
        assert!(broken.message.contains(told), "{text}\n{broken}");
        let line = if profile.contains("VAR_KEY") { 7 } else { line };
        assert_eq!(broken.line, Some(line), "{text}\n{broken}");
    }
    let two = with("a: b", "b: c").replace("profile:\n", "profile:\n  other: {provider: x}\n");
    assert!(read(&two).unwrap_err().message.contains("one mapping"));
}

#[test]
fn the_page_to_begin_with_is_in_order() {
    let manifest = parse(Path::new("rack.yaml"), "rack", blank("rack").as_bytes()).unwrap();
    assert_eq!(
        (manifest.driver_id(), manifest.friendly_name()),
        ("rack", "rack")
    );
    assert_eq!(manifest.salt_driver(), Some("ec2"));
}

fn entered() -> FieldValues {
    let values = json!({
        "provider_name": "cloud", "region": "us-east-1", "access_key_id": "AKIA1",
        "secret_access_key": "hunter2: {{ x }}\n", "sec_group": "web", "image": "ami-1", "size": "t3.micro",
    });
    values.as_object().unwrap().clone()
}

#[test]
fn what_is_typed_enters_the_tree_and_changes_no_shape() {
    let cx = Context::below("/nonexistent");
    let mut values = entered();
    values.shift_remove("size");
    let text = EC2.replace("{choices: {salt-cloud: sizes}}", "{type: str, blank: true}");
    let manifest = parse(Path::new("ec2.yaml"), "ec2", text.as_bytes()).unwrap();
    for (index, next) in [(0, 1), (1, 2), (2, -1)] {
        let result = manifest.validate_field_values(&cx, index, &values).unwrap();
        assert_eq!(
            (result.new_step_index, result.errors),
            (next, Vec::<String>::new())
        );
        let Some(provider_conf) = result.provider_conf else {
            continue;
        };
        let provider = parse_yaml("p", &provider_conf).unwrap();
        assert_eq!(provider["cloud"]["key"], values["secret_access_key"]);
        assert_eq!(provider["cloud"]["ssh_username"], "ec2-user");
        assert_eq!(provider["cloud"].get("keyname"), None);
        let profile = parse_yaml("p", &result.profile_conf.unwrap()).unwrap();
        assert_eq!(
            profile,
            json!({"cloud-profile": {"provider": "cloud", "image": "ami-1", "securitygroup": "web"}})
        );
    }
}

#[test]
fn a_provider_is_read_out_of_salts_configuration_again() {
    let cx = Context::below("/nonexistent");
    let manifest = ec2();
    let record = json!({
        "driver_name": "ec2", "provider_name": "cloud", "region": "us-east-1", "access_key_id": "AKIA1",
        "secret_access_key": "hunter2", "ssh_username": "admin", "this_ip": "192.0.2.1",
        "defaults": {"sec_group": "web", "image": "ami-1", "size": "t3.micro"},
    });
    let provider: Provider = serde_json::from_value(record).unwrap();
    manifest.check_provider(&provider).unwrap();
    let rendered = manifest.render(&cx, &provider, None, &Vars::new()).unwrap();
    let mut stored = parse_yaml("p", &rendered.0).unwrap()["cloud"].clone();
    stored["provider_name"] = json!("cloud");
    let stored: Provider = serde_json::from_value(stored).unwrap();
    assert_eq!(stored.driver_id().unwrap(), "ec2");
    manifest.check_provider(&stored).unwrap();
    assert_eq!(
        manifest.render(&cx, &stored, None, &Vars::new()).unwrap(),
        rendered
    );
}

#[test]
fn a_provider_lacks_nothing_and_has_nothing_misspelt() {
    let check = |more: Value| {
        let mut record =
            json!({"provider_name": "a", "access_key_id": "b", "secret_access_key": "c"});
        record
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        ec2().check_provider(&serde_json::from_value(record).unwrap())
    };
    check(json!({"servers": [], "theirs": 1})).unwrap();
    for (more, field, told) in [
        (
            json!({"regoin": "x"}),
            "/provider/regoin",
            "did you mean region",
        ),
        (
            json!({"region": "mars"}),
            "/provider/region",
            "must be one of",
        ),
        (
            json!({"access_key_id": ""}),
            "/provider/access_key_id",
            "must be filled in",
        ),
    ] {
        let error = check(more).unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert!(error.message().contains(told), "{error}");
    }
}

#[test]
fn a_servers_own_fields_are_checked_and_keep_their_types() {
    let manifest = parse(Path::new("generic.yaml"), "generic", GENERIC.as_bytes()).unwrap();
    assert!(!manifest.takes_action(Action::Start));
    let fields = manifest.server_fields();
    let check = |more: Value| {
        let mut server = json!({"server_name": "web-1"});
        server
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let spec: ServerSpec = serde_json::from_value(server).unwrap();
        manifest.server_members().check(&spec, &fields).map(|_| ())
    };
    check(json!({"ip": "192.0.2.7", "port": "2222"})).unwrap();
    check(json!({"ip": "web-1.example.org", "port": 2222})).unwrap();
    for (server, field) in [
        (json!({}), "/server/ip"),
        (json!({"ip": "a b"}), "/server/ip"),
        (json!({"ip": "192.0.2.7", "port": 0}), "/server/port"),
        (
            json!({"ip": "192.0.2.7", "port": ["hunter2"]}),
            "/server/port",
        ),
        (json!({"ip": "192.0.2.7", "prot": 1}), "/server/prot"),
    ] {
        let error = check(server).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}

#[test]
fn choices_come_from_programs_side_by_side_and_a_failing_one_leaves_its_field_to_be_typed() {
    let steps = "provider: {add: [{id: a, choices: {command: [printf, '[\"x|1\", 2, {\"const\": \"c\", \"title\": \
                 \"C\"}, 2]']}}, {id: b, choices: {command: [\"false\"]}}, {id: c, choices: {command: [printf, \
                 '[]']}}, {id: d, choices: {command: [/nonexistent/program]}}, {id: e, choices: {command: [printf, \
                 hunter2]}}, {id: f, choices: {command: [sh, -c, 'cat > /dev/null; seq -s, 50000 | sed \
                 \"s/.*/[&]/\"']}}]}\n  network: false\n  image: false";
    let manifest = read(&page(steps, "")).unwrap();
    let cx = Context::below("/nonexistent");
    let start = manifest
        .validate_field_values(&cx, -1, &FieldValues::new())
        .unwrap();
    assert_eq!(
        json!(start.option_choices["a"]),
        json!(["x|1", "2", {"const": "c", "title": "C"}])
    );
    assert_eq!(start.option_choices["f"].len(), 50_000);
    assert_eq!(start.option_choices.keys().collect::<Vec<_>>(), ["a", "f"]);
    let values = json!({
        "provider_name": "p", "username": "u", "password": "w", "location": "l",
        "a": "x|1", "b": "typed", "c": "typed", "d": "typed", "e": "typed", "f": "7",
    });
    let values = values.as_object().unwrap().clone();
    let result = manifest.validate_field_values(&cx, 0, &values).unwrap();
    assert_eq!(
        (result.new_step_index, result.errors.len()),
        (-1, 0),
        "{result:?}"
    );
}

#[test]
fn a_program_reads_the_provider_so_far_and_sees_nothing_else_of_ours() {
    let steps = r#"network: {add: [{id: told, choices: {command: [sh, -c, 'printf "[\"%s\", \"%s\"]" "$(grep -o hunter2)" "$CARGO_MANIFEST_DIR."']}}], remove: [network, sec_group]}"#;
    let manifest = read(&page(steps, "")).unwrap();
    let cx = Context::below("/nonexistent");
    let values =
        json!({"provider_name": "p", "username": "u", "password": "hunter2", "location": "l"});
    let values = values.as_object().unwrap().clone();
    let result = manifest.validate_field_values(&cx, 0, &values).unwrap();
    assert_eq!(
        json!(result.option_choices["told"]),
        json!(["hunter2", "."]),
        "{result:?}"
    );
}
