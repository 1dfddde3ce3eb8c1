//! The protocol, at the program's own stdin and stdout.

mod common;

use common::dispositions::ignored_here;
use common::{Call, Server, lines, run_with_input};
use rustix::process::Signal;
use serde_json::{Value, json};

fn provider() -> Value {
    json!({"driver_name": "libvirt", "provider_name": "p", "uri": "test:///default", "password": "hunter2"})
}

fn rpc(input: &[u8]) -> Vec<Value> {
    let output = run_with_input(&["rpc"], input);
    assert_eq!(output.status.code(), Some(0));
    lines(&output)
}

#[test]
fn version_tells_the_protocol_versions() {
    let version = Call::new("version").result();
    assert_eq!(version["name"], "va-driver");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["protocol_versions"], json!(["1"]));
}

#[test]
fn drivers_are_listed_with_their_steps() {
    let drivers = Call::new("driver.list").result();
    let libvirt = &drivers["drivers"][0];
    assert_eq!(libvirt["id"], "libvirt");
    assert!(libvirt["friendly_name"].is_string());
    let steps = Call::new("driver.steps")
        .with("driver_id", "libvirt")
        .result();
    for (plain, full) in libvirt["steps"]
        .as_array()
        .unwrap()
        .iter()
        .zip(steps["steps"].as_array().unwrap())
    {
        assert_eq!(plain["fields"], full["fields"]);
        jsonschema::draft7::new(&full["schema"]).unwrap();
        assert!(full["ui_schema"].is_object());
    }
}

#[test]
fn a_form_is_walked_through() {
    let first = Call::new("driver.validate")
        .with("driver_id", "libvirt")
        .with("step_index", -1)
        .result();
    assert_eq!(first["new_step_index"], 0);
    let refused = Call::new("driver.validate")
        .with("driver_id", "libvirt")
        .with("step_index", 0)
        .with("field_values", json!({}))
        .result();
    assert_eq!(refused["new_step_index"], 0);
    assert!(refused["field_errors"]["provider_name"].is_string());
    let error = Call::new("driver.validate")
        .with("driver_id", "libvirt")
        .with("step_index", 99)
        .error();
    assert_eq!(error["data"]["field"], "/step_index");
}

#[test]
fn a_form_takes_a_whole_uri_and_keeps_every_setting() {
    let own = json!({
        "uri": "test:///default", "pool": "default-pool", "image_pool": "images", "seed_pool": "seeds",
        "virt_type": "qemu", "machine": "q35", "firmware": "uefi", "cpu": "maximum", "graphics": "none",
        "console_log": "/var/log/guests", "connect_timeout": 7, "timeout": 77, "currency": "EUR",
    });
    let mut values = own.clone();
    values["provider_name"] = json!("mine");
    values["network"] = json!("default");
    let step = Call::new("driver.validate")
        .with("driver_id", "libvirt")
        .with("step_index", 0)
        .with("field_values", values.clone())
        .result();
    assert_eq!(
        (&step["errors"], &step["new_step_index"]),
        (&json!([]), &json!(1))
    );
    let tls = json!({"uri": "qemu+tls://kvm1/system", "pkipath": "/etc/pki/kvm1"});
    for own in [own, tls] {
        let mut provider = own.clone();
        provider["driver_name"] = json!("libvirt");
        provider["provider_name"] = json!("mine");
        let rendered = Call::new("provider.render")
            .with("provider", provider)
            .result();
        let conf: Value =
            serde_yaml::from_str(rendered["provider_conf"].as_str().unwrap()).unwrap();
        for (name, value) in own.as_object().unwrap() {
            assert_eq!(&conf["mine"][name], value, "{name}");
        }
    }
}

#[test]
fn a_host_is_asked() {
    let status = Call::new("provider.status")
        .with("provider", provider())
        .result();
    assert_eq!(status["success"], true);
    let networks = Call::new("provider.networks")
        .with("provider", provider())
        .result();
    assert_eq!(networks["networks"][0]["name"], "default");
    assert_eq!(networks["option_choices"].as_array().unwrap().len(), 1);
    let servers = Call::new("server.list")
        .with("provider", provider())
        .result();
    assert_eq!(servers["servers"][0]["hostname"], "test");
}

#[test]
fn no_method_passes_over_what_a_provider_may_have_meant() {
    let lists = [
        "provider.status",
        "provider.images",
        "provider.render",
        "server.list",
        "server.recover",
    ];
    let refused = |method: &str, provider: Value| {
        let error = Call::new(method).with("provider", provider).error();
        (
            error["data"]["field"].clone(),
            error["message"].as_str().unwrap().to_owned(),
        )
    };
    for method in lists {
        let provider = json!({"driver_name": "libvirt", "provider_name": "a", "host_ipp": "kvm9"});
        let (field, message) = refused(method, provider);
        assert_eq!(field, "/provider/host_ipp");
        assert!(message.contains("did you mean host_ip"), "{message}");
        let provider = json!({"driver_name": "openstack", "auth": {"pasword": "x"}});
        assert_eq!(refused(method, provider).0, "/provider/auth/pasword");
        let provider = json!({"driver_name": "openstack", "vendor_profile": "x"});
        assert_eq!(refused(method, provider).0, "/provider/vendor_profile");
    }
    let provider = json!({"driver_name": "libvirt", "defaults": {"netwrk": "lan"}});
    let (field, message) = refused("provider.status", provider);
    assert_eq!(field, "/provider/defaults/netwrk");
    assert!(message.contains("network"), "{message}");
    let provider = json!({"driver": "va_libvirt", "url": "test:///default", "owner": "ops"});
    let status = Call::new("provider.status")
        .with("provider", provider)
        .result();
    assert_eq!(status["success"], true);
}

#[test]
fn faults_are_told_by_kind_and_member() {
    let cases = [
        (Call::new("server.lst"), "unknown_method", -32601, None),
        (
            Call::new("driver.steps").with("driver_id", "x"),
            "not_found",
            -32004,
            Some("/driver_id"),
        ),
        (
            Call::new("version").with("x", 1),
            "invalid_field",
            -32602,
            Some("/x"),
        ),
        (
            Call::new("server.show").with("provider", provider()),
            "invalid_field",
            -32602,
            Some("/server_name"),
        ),
        (
            Call::new("server.show")
                .with("provider", provider())
                .with("server_name", "absent"),
            "not_found",
            -32004,
            Some("/server_name"),
        ),
        (
            Call::new("server.plan").with("provider", provider()).with(
                "server",
                json!({"server_name": "a", "minion": {"keys": []}}),
            ),
            "invalid_field",
            -32602,
            Some("/server/minion/keys"),
        ),
    ];
    for (call, kind, code, field) in cases {
        let error = call.error();
        assert_eq!(error["data"]["kind"], kind, "{error}");
        assert_eq!(error["code"], code, "{error}");
        assert_eq!(error["data"]["field"].as_str(), field, "{error}");
    }
    let error = Call::new("server.lst").error();
    assert!(error["message"].as_str().unwrap().contains("server.list"));
}

#[test]
fn a_member_given_twice_and_params_by_position_are_refused() {
    let answers = rpc(
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"driver.steps\",\"params\":{\"driver_id\":\"a\",\"driver_id\":\"b\"}}\n\
          {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"driver.steps\",\"params\":[\"a\"]}\n",
    );
    let fields: Vec<_> = answers
        .iter()
        .map(|answer| answer["error"]["data"]["field"].as_str())
        .collect();
    assert!(fields.contains(&Some("/driver_id")) && fields.contains(&None));
    for answer in answers {
        assert_eq!(answer["error"]["data"]["kind"], "invalid_field");
    }
}

#[test]
fn what_is_no_message_is_answered_with_id_null_and_the_session_goes_on() {
    let version = Call::new("version").line("last");
    for bad in [
        "{\"jsonrpc\":",
        "\u{1}",
        "[1,",
        &"[".repeat(100_000),
        "nonsense",
    ] {
        let answers = rpc(format!("{bad}\n{version}").as_bytes());
        let refused = answers
            .iter()
            .find(|answer| answer["id"].is_null())
            .unwrap();
        assert_eq!(refused["error"]["code"], -32700);
        assert_eq!(refused["error"]["data"]["kind"], "invalid_request");
        assert!(answers.iter().any(|answer| answer["id"] == "last"));
    }
    let answers = rpc(&[b"\"\xff\"\n", version.as_bytes()].concat());
    assert_eq!(answers.len(), 2);
}

#[test]
fn a_request_cut_off_by_the_end_of_input_is_a_parse_error() {
    let line = Call::new("version").line(1);
    let answers = rpc(&line.as_bytes()[..line.len() - 3]);
    assert_eq!(answers[0]["error"]["code"], -32700);
    // Only its newline is missing: it is whole.
    let answers = rpc(line.trim_end().as_bytes());
    assert_eq!(answers[0]["result"]["name"], "va-driver");
}

#[test]
fn a_line_without_end_is_refused_in_little_memory() {
    let mut server = Server::start();
    let chunk = vec![b'x'; 1024 * 1024];
    for _ in 0..100 {
        server.send(&chunk);
    }
    server.send(b"\n");
    let answer = server.receive();
    assert_eq!(answer["error"]["data"]["kind"], "invalid_request");
    assert_eq!(answer["id"], Value::Null);
    server.send(Call::new("version").line(2).as_bytes());
    assert_eq!(server.receive()["id"], 2);
    let peak = server.peak_memory();
    assert!(peak < 50 * 1024, "{peak} KiB");
}

#[test]
fn quick_requests_overtake_slow_ones() {
    let mut server = Server::start();
    server.send(
        Call::new("key.generate")
            .with("bits", 4096)
            .line("slow")
            .as_bytes(),
    );
    server.send(Call::new("version").line("quick").as_bytes());
    assert_eq!(server.receive()["id"], "quick");
    assert_eq!(server.receive()["id"], "slow");
}

#[test]
fn a_batch_is_answered_as_the_specification_says() {
    let answers = rpc(
        br#"[{"jsonrpc":"2.0","id":"a","method":"version"},{"jsonrpc":"2.0","method":"version"},{"foo":1},1]
[]
[{"jsonrpc":"2.0","method":"version"}]
"#,
    );
    assert_eq!(answers.len(), 2, "{answers:?}");
    let batch = answers.iter().find_map(Value::as_array).unwrap();
    assert_eq!(batch.len(), 3);
    assert!(batch.iter().any(|answer| answer["id"] == "a"));
    let empty = answers.iter().find(|answer| answer.is_object()).unwrap();
    assert_eq!(empty["error"]["code"], -32600);
}

#[test]
fn notifications_are_not_answered() {
    let input =
        b"{\"jsonrpc\":\"2.0\",\"method\":\"version\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n\n";
    assert!(rpc(input).is_empty());
}

#[test]
fn signals_end_a_session_that_waits_for_input() {
    let hangup = (!ignored_here(Signal::HUP)).then_some((Signal::HUP, 129));
    let others = [(Signal::INT, 130), (Signal::TERM, 143)];
    for (signal, code) in others.into_iter().chain(hangup) {
        let mut server = Server::start();
        server.send(Call::new("version").line(1).as_bytes());
        server.receive();
        server.signal(signal);
        assert_eq!(server.end().0, Some(code));
    }
}

#[test]
fn tests_in_the_background_of_a_script_can_interrupt_too() {
    let again = std::process::Command::new("/bin/sh")
        .args(["-c", r#"trap "" INT; exec "$@""#, "background"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "signals_end_a_session_that_waits_for_input",
            "--nocapture",
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(
        again.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn a_request_that_runs_when_a_signal_comes_is_answered() {
    let mut server = Server::start();
    server.send(Call::new("version").line(0).as_bytes());
    server.receive();
    server.send(
        Call::new("key.generate")
            .with("bits", 4096)
            .line(1)
            .as_bytes(),
    );
    std::thread::sleep(std::time::Duration::from_millis(100));
    server.signal(Signal::TERM);
    assert_eq!(server.receive()["id"], 1);
    assert_eq!(server.end().0, Some(143));
}

#[test]
fn closed_stdout_ends_it_without_a_panic() {
    let mut server = Server::start();
    server.stdout = None;
    server.send(Call::new("version").line(1).as_bytes());
    let (code, said) = server.end();
    assert_eq!(code, Some(141));
    assert!(!said.contains("panic"), "{said}");
}

#[test]
fn secrets_are_on_no_stream() {
    let keys = json!({"public": "hunter2", "private": "hunter2"});
    let server = json!({"server_name": "a", "image": "b", "minion": {"keys": keys}});
    let calls = [
        Call::new("provider.status").with("provider", provider()),
        Call::new("server.plan")
            .with("provider", provider())
            .with("server", server.clone()),
        Call::new("server.create")
            .with("provider", provider())
            .with("server", server),
        Call::new("server.plan")
            .with("provider", "hunter2")
            .with("server", "hunter2"),
        Call::new("server.plan").with("provider", provider()).with(
            "server",
            json!({"server_name": "a", "minion": {"keys": {"private": ["hunter2"]}}}),
        ),
        Call::new("server.plan")
            .with(
                "provider",
                json!({"driver_name": "libvirt", "password": ["hunter2"]}),
            )
            .with("server", json!({"server_name": "a"})),
        Call::new("server.list").with(
            "provider",
            json!({
                "driver_name": "libvirt", "uri": "test:///default", "password": "hunter2",
                "flavours": "hunter2",
            }),
        ),
        Call::new("key.accept")
            .with("pki_dir", "/nonexistent")
            .with("id", "a")
            .with("public_key", "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n"),
        Call::new("config_drive.build")
            .with("seed", json!({"minion": {"private_key": ["hunter2"]}})),
    ];
    let mut input: String = calls.iter().map(|call| call.line(1)).collect();
    input.push_str("{\"password\": \"hunter2\n");
    let output = run_with_input(&["rpc", "-vvv"], input.as_bytes());
    assert_eq!(lines(&output).len(), calls.len() + 1);
    for stream in [output.stdout, output.stderr] {
        let text = String::from_utf8(stream).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_caller_who_is_gone_ends_the_session_before_anything_is_written() {
    let mut session = Server::start();
    drop(session.stdout.take());
    assert_eq!(session.end().0, Some(141));
}

#[test]
fn without_a_stdout_there_is_no_session() {
    let state = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("sh")
        .args([
            "-c",
            "exec \"$0\" rpc <&- >&-",
            env!("CARGO_BIN_EXE_va-driver"),
        ])
        .env("VA_DRIVER_STATE_DIR", state.path())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(141));
}

#[test]
fn no_core_of_it_is_ever_written() {
    let mut session = Server::start();
    session.send(Call::new("version").line(1).as_bytes());
    session.receive();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", session.child.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let figures: Vec<_> = core.unwrap().split_whitespace().skip(4).take(2).collect();
    assert_eq!(figures, ["0", "0"]);
    drop(session.stdin.take());
    assert_eq!(session.end().0, Some(0));
}

/// What a file must not be, and a name of one must not have.
#[test]
fn a_path_that_leads_to_no_file_is_a_wrong_member_and_nothing_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let long = "a".repeat(300);
    let paths = [
        pipe.to_str().unwrap(),
        dir.path().to_str().unwrap(),
        "/dev/zero",
        "a\0b",
        &long,
    ];
    for path in paths {
        let error = Call::new("key.fingerprint").with("path", path).error();
        assert_eq!(error["data"]["kind"], "invalid_field", "{path}: {error}");
        assert_eq!(error["data"]["field"], "/path");
        let image = json!({"source": path, "name": "a.raw"});
        let mut pool = provider();
        pool["image_pool"] = json!("default-pool");
        let error = Call::new("image.import")
            .with("provider", pool)
            .with("image", image)
            .error();
        assert_eq!(error["data"]["kind"], "invalid_field", "{path}: {error}");
    }
}
