//! Drivers that are programs: the one of the documentation, and one that misbehaves.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Call, Server, lines, run_in};
use rustix::process::Signal;
use serde_json::{Value, json};

/// Installs the program at `source` as the drivers `names`.
fn install(state: &Path, source: &str, names: &[&str]) {
    let directory = state.join("drivers.d");
    fs::create_dir_all(&directory).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    for name in names {
        let file = directory.join(name);
        fs::copy(&source, &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn install_twins(state: &Path, names: &[&str]) {
    install(state, "tests/external/twin", names);
}

fn provider(driver: &str) -> Value {
    json!({"driver_name": driver, "provider_name": "p", "password": "hunter2-hunter2"})
}

fn status(driver: &str) -> Call {
    Call::new("provider.status").with("provider", provider(driver))
}

/// The answers to `calls`, asked at once of one program, by their index.
fn ask(state: &Path, calls: &[Call]) -> BTreeMap<u64, Value> {
    let input: String = (calls.iter().enumerate())
        .map(|(index, call)| call.line(index))
        .collect();
    let output = run_in(state, &["rpc"], input.as_bytes());
    let answers = lines(&output).into_iter();
    let answers = answers.filter(|message| message.get("id").is_some());
    answers
        .map(|answer| (answer["id"].as_u64().unwrap(), answer))
        .collect()
}

/// Nothing that the twins have started runs any more.
fn nothing_runs(state: &Path) {
    let pids = fs::read_to_string(state.join("pids")).unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    for line in pids.lines() {
        let pid = line.split(' ').next_back().unwrap();
        let stat = Path::new("/proc").join(pid).join("stat");
        let runs = || fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
        while runs() {
            assert!(Instant::now() < end, "{line} runs");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_driver_that_cannot_be_used_is_listed_as_broken_and_takes_nothing_else_down() {
    let state = tempfile::tempdir().unwrap();
    let broken = [
        ("ends", "has ended before it answered version"),
        ("noise", "no JSON"),
        ("other-id", "nobody waits for"),
        (
            "other-version",
            "no version of the protocol that is known here",
        ),
        ("too-long", "a line of more than 8388608 bytes"),
        ("twice", "nobody waits for"),
        (
            "version-hangs",
            "has not answered version within 10 seconds",
        ),
        ("wrong-steps", "is no driver: /result/steps"),
        ("wrong-interpreter", "cannot be started"),
        ("no-executable", "chmod +x"),
    ];
    install_twins(state.path(), &broken.map(|(name, _)| name));
    install_twins(state.path(), &["good"]);
    let directory = state.path().join("drivers.d");
    fs::write(
        directory.join("wrong-interpreter"),
        "#!/nonexistent/python\n",
    )
    .unwrap();
    fs::set_permissions(
        directory.join("no-executable"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();

    let calls = [
        Call::new("driver.list"),
        Call::new("driver.steps").with("driver_id", "libvirt"),
        status("noise"),
        status("wrong-interpreter"),
        status("good"),
    ];
    let input: String = (calls.iter().enumerate())
        .map(|(index, call)| call.line(index))
        .collect();
    let answers = lines(&run_in(state.path(), &["rpc"], input.as_bytes()));
    // what hangs is waited for by nobody but who asked for it
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[4]["id"], 0);
    let by_id = |id: u64| answers.iter().find(|answer| answer["id"] == id).unwrap();
    let list = &by_id(0)["result"];
    let ids: Vec<_> = (list["drivers"].as_array().unwrap().iter())
        .map(|driver| driver["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["libvirt", "openstack", "good"]);
    assert_eq!(list["drivers"][2]["friendly_name"], "Good");
    for (name, why) in broken {
        let entries = list["broken"].as_array().unwrap();
        let file = directory.join(name);
        let entry = entries
            .iter()
            .find(|entry| entry["file"] == file.to_str().unwrap());
        let entry = entry.unwrap_or_else(|| panic!("{name}: {list}"));
        assert!(
            entry["message"].as_str().unwrap().contains(why),
            "{name}: {entry}"
        );
    }
    assert!(by_id(1)["result"]["steps"].is_array());
    assert_eq!(by_id(2)["error"]["data"]["kind"], "internal");
    assert_eq!(by_id(2)["error"]["data"]["field"], "/provider/driver_name");
    let no_start = &by_id(3)["error"];
    assert_eq!(no_start["data"]["kind"], "unsupported", "{no_start}");
    assert_eq!(by_id(4)["result"]["message"], "good");
    nothing_runs(state.path());
}

#[test]
fn what_a_driver_answers_is_passed_on_without_secrets() {
    let state = tempfile::tempdir().unwrap();
    let names = [
        "kind",
        "whole-error",
        "secret",
        "secret-answer",
        "dies",
        "environment",
        "children",
        "no-newline",
        // a gigabyte of it
        "stderr",
    ];
    install_twins(state.path(), &names);
    let answers = ask(state.path(), &names.map(status));
    let text = format!("{answers:?}");
    assert!(!text.contains("hunter2"), "{text}");
    let error = |index: u64| &answers[&index]["error"];
    assert_eq!(error(0)["message"], "the fan has stopped");
    assert_eq!(error(0)["data"]["kind"], "internal");
    assert!(
        error(0)["data"]["source"][0]
            .as_str()
            .unwrap()
            .contains("fan_stopped")
    );
    let whole = json!({"kind": "quota_exceeded", "field": "/provider/host_ip", "retryable": true, "source": ["rack 7: full"]});
    assert_eq!(error(1)["message"], "no room");
    assert_eq!(error(1)["data"], whole);
    assert_eq!(error(2)["message"], "login with [secret] refused");
    assert_eq!(error(2)["data"]["source"][0], "password=[secret]");
    assert_eq!(answers[&3]["result"]["message"], "logged in with [secret]");
    let died = error(4);
    assert!(
        died["message"]
            .as_str()
            .unwrap()
            .contains("has ended before it answered provider.status"),
        "{died}"
    );
    assert_eq!(died["data"]["source"][0], "out of coffee, [secret]");
    let environment = answers[&5]["result"]["message"].as_str().unwrap();
    // LC_CTYPE is Python's own
    assert!(
        environment
            .split(' ')
            .all(|name| ["HOME", "LANG", "LC_CTYPE", "PATH"].contains(&name)),
        "{environment}"
    );
    assert_eq!(answers[&6]["result"]["message"], "children");
    assert_eq!(answers[&7]["result"]["message"], "no-newline");
    assert_eq!(answers[&8]["result"]["message"], "stderr");
    nothing_runs(state.path());
    let asked = fs::read_to_string(state.path().join("asked")).unwrap();
    assert_eq!(asked.matches("kind version\n").count(), 1, "{asked}");
}

#[test]
fn an_interruption_ends_a_driver_that_hangs_and_all_that_it_has_started() {
    let state = tempfile::tempdir().unwrap();
    install_twins(state.path(), &["hangs"]);
    let mut server = Server::start_in(state.path());
    server.send(status("hangs").line(1).as_bytes());
    server.send(Call::new("version").line(2).as_bytes());
    assert_eq!(server.receive()["id"], 2);
    let pids = state.path().join("pids");
    while fs::read_to_string(&pids)
        .unwrap_or_default()
        .lines()
        .count()
        < 2
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.signal(Signal::TERM);
    let answer = server.receive();
    assert_eq!(answer["error"]["data"]["kind"], "cancelled", "{answer}");
    assert_eq!(server.end().0, Some(143));
    nothing_runs(state.path());
}

fn create(driver: &str, server: Value) -> Call {
    Call::new("server.create")
        .with("provider", provider(driver))
        .with("server", server)
        .with("progress", true)
}

#[test]
fn a_creation_tells_how_far_it_is_and_a_failed_one_leaves_no_key() {
    let state = tempfile::tempdir().unwrap();
    let names = ["good", "create-refused", "create-dies"];
    install_twins(state.path(), &names);
    let pki = state.path().join("pki");
    fs::create_dir(&pki).unwrap();
    for folder in [
        "minions",
        "minions_pre",
        "minions_rejected",
        "minions_denied",
    ] {
        fs::create_dir(pki.join(folder)).unwrap();
    }
    let minion = json!({"pki_dir": pki, "keysize": 2048, "master": "192.0.2.1"});
    let server = |name: &str| json!({"server_name": name, "minion": minion});
    let mut calls = names
        .map(|name| create(name, server(name)))
        .into_iter()
        .collect::<Vec<_>>();
    calls.push(create(
        "good",
        json!({"server_name": "other", "size": "big"}),
    ));
    let input: String = (calls.iter().enumerate())
        .map(|(index, call)| call.line(index))
        .collect();
    let output = run_in(state.path(), &["rpc"], input.as_bytes());
    let messages = lines(&output);
    let progress = json!({"id": 0, "phase": "mount", "done": 2, "total": 2});
    assert!(
        messages.iter().any(|message| message["params"] == progress),
        "{messages:?}"
    );
    let by_id = |id: u64| messages.iter().find(|message| message["id"] == id).unwrap();

    let created = &by_id(0)["result"];
    assert_eq!(
        (&created["created"], &created["ready"]),
        (&json!(true), &json!(true)),
        "{created}"
    );
    assert_eq!(created["server"]["id"], "7");
    assert_eq!(created["server"]["status"], "UNKNOWN");
    assert_eq!(created["minion"]["accepted"], true);
    let given: Value =
        serde_json::from_slice(&fs::read(state.path().join("good.server")).unwrap()).unwrap();
    assert!(
        given["minion"]["keys"]["private"]
            .as_str()
            .unwrap()
            .contains("PRIVATE KEY")
    );
    assert!(given["minion"].get("pki_dir").is_none(), "{given}");

    assert_eq!(by_id(1)["error"]["data"]["kind"], "conflict");
    assert_eq!(by_id(1)["error"]["data"]["field"], "/server/size");
    // it was there all the same
    let died = &by_id(2)["error"];
    assert_eq!(died["data"]["kind"], "partial_failure", "{died}");
    assert_eq!(died["data"]["left_behind"][0]["name"], "create-dies");
    let refused = &by_id(3)["error"];
    assert_eq!(refused["data"]["field"], "/server/size");
    assert_eq!(refused["data"]["kind"], "invalid_field");
    let keys: Vec<_> = fs::read_dir(pki.join("minions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(keys, ["good"]);
    nothing_runs(state.path());
}

#[test]
fn the_driver_of_the_documentation_takes_a_server_from_the_form_to_its_end() {
    let state = tempfile::tempdir().unwrap();
    let at = state.path();
    install(at, "docs/examples/external/rack", &["rack"]);
    let (rack, pki) = (at.join("machines"), at.join("pki"));
    for folder in [rack.clone(), pki.join("minions"), pki.join("minions_pre")] {
        fs::create_dir_all(folder).unwrap();
    }
    let call = |method: &str, params: Value| {
        let mut call = Call::new(method);
        for (name, value) in params.as_object().unwrap() {
            call = call.with(name, value.clone());
        }
        let mut answer = call.run_in(at);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    };
    let form = json!({"driver_id": "rack", "step_index": 0, "field_values": {"provider_name": "left", "directory": rack}});
    let finished = call("driver.validate", form);
    assert_eq!(finished["new_step_index"], -1, "{finished}");
    let conf = finished["provider_conf"].as_str().unwrap();
    assert!(
        conf.contains("driver: \"va_external\"") && conf.contains("driver_id: \"rack\""),
        "{conf}"
    );
    let provider = finished["provider"].clone();

    assert_eq!(
        call("provider.status", json!({"provider": provider}))["message"],
        "0 machines"
    );
    let sizes = call("provider.sizes", json!({"provider": provider}));
    assert_eq!(sizes["option_choices"][0]["const"], "one-unit");
    let server = json!({"server_name": "web", "size": "one-unit", "minion": {"pki_dir": pki, "keysize": 2048}});
    let wanted = json!({"provider": provider, "server": server});
    assert_eq!(call("server.plan", wanted.clone())["create"], true);
    assert_eq!(call("server.create", wanted.clone())["created"], true);
    assert!(pki.join("minions/web").exists());
    assert_eq!(call("server.create", wanted.clone())["created"], false);
    assert!(pki.join("minions/web").exists());
    let servers = call("server.list", json!({"provider": provider}));
    assert_eq!(servers["servers"][0]["name"], "web");
    let named = json!({"provider": provider, "server_name": "web"});
    assert_eq!(
        call("server.show", named.clone())["server"]["size"],
        "one-unit"
    );
    let mut action = named.clone();
    action["action"] = json!("stop");
    assert_eq!(call("server.action", action)["server"]["state"], "stopped");
    let mut look = named.clone();
    look["dry_run"] = json!(true);
    let look = call("server.delete", look);
    assert_eq!(look["would_remove"].as_array().unwrap().len(), 2, "{look}");
    let deleted = call("server.delete", named.clone());
    assert_eq!(deleted["minion_id"], "web", "{deleted}");
    assert!(!pki.join("minions/web").exists());
    assert_eq!(call("server.delete", named)["deleted"], false);
    let unknown = Call::new("server.show")
        .with("provider", provider)
        .with("server_name", "web")
        .run_in(at);
    assert_eq!(unknown["error"]["data"]["kind"], "not_found", "{unknown}");
}

#[test]
fn what_a_driver_does_not_answer_is_unsupported_where_salt_has_no_driver_for_it_either() {
    let state = tempfile::tempdir().unwrap();
    install_twins(state.path(), &["good"]);
    let call = Call::new("provider.billing").with("provider", provider("good"));
    let error = call.run_in(state.path());
    assert_eq!(error["error"]["data"]["kind"], "unsupported", "{error}");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("provider.billing") && message.contains("provider.render"),
        "{error}"
    );
}

#[test]
fn a_program_of_ones_own_has_one_driver_more_in_all_that_it_does() {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--offline",
            "--example",
            "va-shelf",
            "--message-format",
            "json",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let messages = lines(&built).into_iter();
    let mut programs =
        messages.filter_map(|message| Some(message["executable"].as_str()?.to_owned()));
    let program = programs.find(|path| path.ends_with("/va-shelf")).unwrap();

    let state = tempfile::tempdir().unwrap();
    let shelf = state.path().join("shelf");
    fs::create_dir(&shelf).unwrap();
    let file = state.path().join("provider.json");
    let record = json!({"driver_name": "shelf", "provider_name": "mine", "directory": shelf});
    fs::write(&file, record.to_string()).unwrap();
    let run = |args: &[&str], input: &str| {
        let mut command = Command::new(&program);
        command
            .args(args)
            .env("HOME", state.path())
            .stdin(Stdio::piped());
        command
            .env("VA_DRIVER_STATE_DIR", state.path())
            .env("VA_DRIVER_DRIVERS", "/nonexistent");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let json = |args: &[&str]| {
        let output = run(args, "");
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let provider = ["--json", "--provider-file", file.to_str().unwrap()];
    let with = |args: &[&str]| json(&[args, &provider].concat());
    assert_eq!(
        with(&["server", "create", "web", "--size", "board"])["created"],
        true
    );
    assert_eq!(with(&["server", "list"])["servers"][0]["name"], "web");
    let refused = run(
        &[&["server", "create", "db", "--image", "x"][..], &provider].concat(),
        "",
    );
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a shelf has no image"));
    assert_eq!(with(&["server", "delete", "web"])["deleted"], true);
    let form = Call::new("driver.validate")
        .with("driver_id", "shelf")
        .with("step_index", 0)
        .with(
            "field_values",
            json!({"provider_name": "mine", "directory": shelf}),
        );
    let output = run(&["rpc"], &form.line(1));
    let result = &lines(&output)[0]["result"];
    let conf = result["provider_conf"].as_str().unwrap();
    assert!(conf.contains("driver_id: \"shelf\""), "{result}");
}

/// The first block of commands in a section of the documentation.
fn commands(heading: &str) -> String {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drivers.md")).unwrap();
    let section = page.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let block = section.lines().skip_while(|line| !line.starts_with("    "));
    let block = block.take_while(|line| line.starts_with("    "));
    block.map(str::trim_start).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_documentation_leads_from_nothing_to_a_server_and_its_end() {
    let state = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("docs"), state.path().join("docs")).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_va-driver")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let output = Command::new("sh")
        .args([
            "-euxc",
            &format!("umask 022\n{}", commands("An executable of your own")),
        ])
        .env_clear()
        .env("PATH", path)
        .env("HOME", state.path())
        .env("VA_DRIVER_STATE_DIR", state.path().join("state"))
        .current_dir(state.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for words in ["Its directory", "0 machines", "\"created\": true", "web"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(
        fs::read_dir(state.path().join("machines")).unwrap().count(),
        0
    );
}
