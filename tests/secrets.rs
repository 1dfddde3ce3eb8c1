//! Marked secrets through every method and many subcommands: they are in no error, no log at trace, no
//! file that is left, no argument and no environment of a child; and while it works in no file that it has open or
//! has mapped, and in no core.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{Call, Server, stand_in};
use rustix::process::Signal;
use serde_json::{Value, json};
use va_driver::testing::METHODS;

/// What no other text holds.
const MARK: &str = "M4rkedS3cr3t";

/// The methods whose answers are the record that they were given, or rendered from it.
const ANSWER_IT: [&str; 5] = [
    "driver.validate",
    "provider.render",
    "provider.write",
    "config_drive.build",
    "server.plan",
];

fn providers() -> [Value; 3] {
    [
        json!({"driver_name": "libvirt", "provider_name": "p", "uri": "test:///default",
            "password": MARK}),
        json!({"driver_name": "openstack", "provider_name": "p", "connect_timeout": 1, "timeout": 2,
            "identity_url": "http://127.0.0.1:9/v3", "username": "u", "tenant": "t", "password": MARK}),
        json!({"driver_name": "mine", "provider_name": "p", "access_key_id": "A", "region": "eu-west-1",
            "secret_access_key": MARK}),
    ]
}

fn server() -> Value {
    json!({"server_name": "web-1", "image": "a.qcow2", "size": "small", "network": "default",
        "user_data": format!("#cloud-config\npassword: {MARK}\n"),
        "minion": {"id": "web-1", "master": "10.0.0.1",
            "keys": {"private": format!("-----BEGIN RSA PRIVATE KEY-----\n{MARK}\n"), "public": "none"}}})
}

/// Salt's programs, which write down their arguments and their environment.
fn children(state: &Path) -> PathBuf {
    let bin = state.join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["salt-run", "salt-cloud", "salt-key"] {
        let said = state.join("children").display().to_string();
        let script = format!("#!/bin/sh\n{{ echo \"$0\" \"$@\"; env; }} >> {said}\nexit 1\n");
        stand_in(&bin, name, &script);
    }
    bin
}

/// The program with all of its files in `state`, which says all that it can.
fn command(state: &Path, args: &[&str]) -> Command {
    let mut command = common::program(state);
    let path = format!("{}:/usr/bin:/bin", state.join("bin").display());
    command
        .args(args)
        .env("PATH", path)
        .env("TMPDIR", state.join("tmp"))
        .env("VA_DRIVER_LOG", "trace")
        .current_dir(state.join("tmp"))
        .stdin(Stdio::piped());
    command
}

fn run(state: &Path, args: &[&str], input: &str) -> Output {
    let mut child = command(state, args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // one that takes no input has closed it
    let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// The files below `folder` that hold the mark.
fn marked(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(marked(&path));
        } else if holds(&fs::read(&path).unwrap_or_default()) {
            found.insert(path);
        }
    }
    found
}

fn holds(bytes: &[u8]) -> bool {
    bytes
        .windows(MARK.len())
        .any(|window| window == MARK.as_bytes())
}

fn state() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    for folder in ["tmp", "salt", "salt/pki", "salt/pki/minions"] {
        fs::create_dir(state.path().join(folder)).unwrap();
    }
    children(state.path());
    let manifest = state.path().join("drivers.d/mine.yaml");
    fs::create_dir(manifest.parent().unwrap()).unwrap();
    let begun = [
        "driver",
        "new",
        "mine",
        "--output",
        manifest.to_str().unwrap(),
    ];
    assert!(run(state.path(), &begun, "").status.success());
    state
}

#[test]
fn no_method_tells_a_secret_that_it_was_given() {
    let state = state();
    let pki = state.path().join("salt/pki");
    let output = state.path().join("tmp/drive.iso");
    let mut lines = String::new();
    let mut asked = Vec::new();
    for method in METHODS {
        let ask = |params: Value| {
            let mut call = Call::new(method.name);
            for (name, value) in params.as_object().unwrap().clone() {
                call = call.with(&name, value);
            }
            call
        };
        let mut calls = vec![
            ask(json!({"password": MARK, "token": {"secret": MARK}})),
            ask(json!({"public_key": MARK, "id": "web-1", "pki_dir": pki, "private_key": MARK})),
            ask(
                json!({"driver_id": "openstack", "step_index": 0, "field_values": {
                "provider_name": "p", "identity_url": "http://127.0.0.1:9/v3", "username": "u",
                "password": MARK}}),
            ),
            ask(
                json!({"seed": {"format": "openstack", "hostname": "web-1", "instance_id": "i-1",
                "minion": {"id": "web-1", "private_key": MARK}}, "output": output}),
            ),
        ];
        for provider in providers() {
            for more in [
                json!({}),
                json!({"server_name": "web-1"}),
                json!({"server": server(), "wait": "minion", "timeout": 1}),
                json!({"server_name": "web-1", "action": "start"}),
                json!({"image": {"source": format!("http://u:{MARK}@127.0.0.1:9/a.raw?sig={MARK}")}}),
                json!({"profiles": [MARK]}),
            ] {
                let mut params = more;
                params["provider"] = provider.clone();
                calls.push(ask(params));
            }
            let mut wrong = provider;
            wrong["password"] = json!([MARK]);
            calls.push(ask(json!({"provider": wrong})));
        }
        for call in calls {
            lines += &call.line(asked.len());
            asked.push(method.name);
        }
    }
    let output = run(state.path(), &["rpc"], &lines);
    assert!(!holds(&output.stderr), "the log holds it");
    let mut answers = 0;
    for line in common::lines(&output) {
        answers += 1;
        let method = asked[usize::try_from(line["id"].as_u64().unwrap()).unwrap()];
        let is_its_own = ANSWER_IT.contains(&method) && line.get("result").is_some();
        assert!(
            is_its_own || !holds(line.to_string().as_bytes()),
            "{method}: {line}"
        );
    }
    assert_eq!(answers, asked.len());
    // what was asked for: Salt's configuration; all else that a file may hold is a drive
    let left = marked(state.path());
    let asked_for = |path: &&PathBuf| {
        path.components()
            .any(|part| part.as_os_str() == "cloud.providers.d")
            || path.extension().is_some_and(|ending| ending == "iso")
    };
    let left: Vec<_> = left.iter().filter(|path| !asked_for(path)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn no_subcommand_tells_a_secret_that_a_file_holds() {
    let state = state();
    for (number, provider) in providers().into_iter().enumerate() {
        let file = state.path().join(format!("provider-{number}"));
        fs::write(&file, provider.to_string()).unwrap();
        let given = ["--provider-file", file.to_str().unwrap(), "-vv"];
        for command in [
            &["provider", "status"][..],
            &["provider", "data"],
            &["provider", "sizes"],
            &["server", "list"],
            &["server", "list", "--table"],
            &["server", "show", "web-1"],
            &["server", "create", "web-1", "--image", "a", "--size", "s"],
            &["server", "create", "web-1", "--minion", "--wait", "minion"],
            &["server", "start", "web-1"],
            &["server", "delete", "web-1"],
            &["server", "recover"],
            &["image", "import", "/nonexistent.raw"],
            &["doctor"],
        ] {
            let output = run(state.path(), &[command, &given].concat(), "");
            let told = holds(&output.stdout) || holds(&output.stderr);
            assert!(
                !told,
                "{command:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        fs::remove_file(file).unwrap();
    }
    for broken in [
        format!("password: [{MARK}"),
        format!("{{\"password\": \"{MARK}\""),
    ] {
        let file = state.path().join("broken");
        fs::write(&file, broken).unwrap();
        let args = [
            "server",
            "list",
            "--provider-file",
            file.to_str().unwrap(),
            "-vv",
        ];
        let output = run(state.path(), &args, "");
        assert!(!holds(&output.stderr) && !holds(&output.stdout));
        fs::remove_file(file).unwrap();
    }
    let said = fs::read_to_string(state.path().join("children")).unwrap();
    assert!(
        said.contains("salt-cloud") && said.contains("PATH="),
        "{said}"
    );
    let left = marked(state.path());
    assert!(left.is_empty(), "{left:?}");
}

/// What of the process `id` holds the mark, for whoever may look: its arguments and environment, its open files, what it
/// has mapped of files for others to see.
fn told_of(id: &str) -> Vec<String> {
    let of = |what: &str| format!("/proc/{id}/{what}");
    let mut looked_at = vec![of("cmdline"), of("environ")];
    let open = fs::read_dir(of("fd")).into_iter().flatten().flatten();
    let files = open.map(|entry| entry.path());
    let files = files.filter(|path| fs::metadata(path).is_ok_and(|about| about.is_file()));
    looked_at.extend(files.map(|path| path.display().to_string()));
    let maps = fs::read_to_string(of("maps")).unwrap_or_default();
    let shared = maps.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let range = words.next()?;
        words
            .next()?
            .ends_with('s')
            .then(|| of(&format!("map_files/{range}")))
    });
    looked_at.extend(shared);
    looked_at.retain(|path| holds(&fs::read(path).unwrap_or_default()));
    looked_at
}

/// The processes that `id` has started.
fn children_of(id: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let ids = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_its = |other: &String| {
        let stat = fs::read_to_string(format!("/proc/{other}/stat")).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        after.split_whitespace().nth(1) == Some(id)
    };
    ids.filter(is_its).collect()
}

#[test]
fn while_it_works_nothing_that_others_can_see_holds_a_secret_nor_does_a_core() {
    // a cloud that takes the connection and says nothing
    let cloud = TcpListener::bind("127.0.0.1:0").unwrap();
    cloud.set_nonblocking(true).unwrap();
    for signal in [Signal::SEGV, Signal::QUIT, Signal::ABORT, Signal::KILL] {
        let state = state();
        let mut session = Server::of(command(state.path(), &["rpc"]).spawn().unwrap());
        let [on_libvirt, mut on_openstack, _] = providers();
        on_openstack["identity_url"] = json!(format!("http://{}/v3", cloud.local_addr().unwrap()));
        on_openstack["timeout"] = json!(60);
        let call = Call::new("provider.data").with("provider", on_libvirt);
        session.send(call.line(1).as_bytes());
        session.receive();
        let mut spec = server();
        spec.as_object_mut().unwrap().remove("minion");
        let call = Call::new("server.create").with("server", spec);
        let call = call.with("provider", on_openstack);
        session.send(call.line(2).as_bytes());
        let until = Instant::now() + Duration::from_secs(60);
        let _held = loop {
            match cloud.accept() {
                Ok(taken) => break taken,
                Err(error) => assert!(Instant::now() < until, "{signal:?}: {error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };

        let id = session.child.id().to_string();
        for process in [vec![id.clone()], children_of(&id)].concat() {
            assert_eq!(told_of(&process), [""; 0], "{signal:?}");
        }
        let left = marked(state.path());
        assert!(left.is_empty(), "{signal:?}: {left:?}");
        let ended = loop {
            // the first SEGV, where nothing is wrong, is the one that Rust looks into
            session.signal(signal);
            if let Some(ended) = session.child.try_wait().unwrap() {
                break ended;
            }
            assert!(Instant::now() < until, "{signal:?} does not end it");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(ended.signal(), Some(signal.as_raw()));
        assert!(!ended.core_dumped(), "{signal:?}");
        let left = marked(state.path());
        assert!(left.is_empty(), "{signal:?}: {left:?}");
    }
}
