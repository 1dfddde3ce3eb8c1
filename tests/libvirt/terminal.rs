//! What somebody new comes to in a terminal, by the program's own words; and files of many servers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::common::screen::Screen;
use crate::common::{program, stand_in};

/// The commands of the page for somebody new.
fn first_steps() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/first-steps.md");
    let page = fs::read_to_string(page).unwrap();
    let commands = page.lines().filter_map(|line| line.strip_prefix("    $ "));
    commands.map(ToOwned::to_owned).collect()
}

#[test]
fn somebody_new_comes_from_the_program_alone_to_a_server_on_a_daemon_of_their_own() {
    let bed = Bed::session();
    let home = tempfile::tempdir().unwrap();
    let Some(screen) = Screen::open(home.path(), &[]) else {
        return;
    };
    // the daemon is another user's than the test
    let images = bed.path("fresh");
    fs::create_dir(&images).unwrap();
    fs::set_permissions(&images, fs::Permissions::from_mode(0o777)).unwrap();
    let help = screen.runs("va-driver");
    assert!(help.contains("va-driver host prepare"), "{help}");
    let own = format!(
        "'{}' --pool fresh --pool-path {}",
        bed.env("VA_URI_UNIX"),
        images.display()
    );
    let image = bed.pool().join(IMAGE);
    let mut expected = vec![
        "it answers: libvirt",
        "",
        "",
        "success  yes",
        IMAGE,
        IMAGE,
        "created",
        "ACTIVE",
        "created at",
        "web-1 is deleted",
    ]
    .into_iter();
    for command in first_steps() {
        let command = command.replace("qemu:///session", &own);
        let command = match command.split_once("https://") {
            Some((begin, _)) => format!("{begin}{}", image.display()),
            None => command.replace("debian-12-generic-amd64.qcow2", IMAGE),
        };
        let shown = screen.runs(&command);
        let expected = expected.next().unwrap();
        assert!(
            shown.contains(expected),
            "{command}: no {expected:?}: {shown}"
        );
        assert!(!shown.contains("error: "), "{command}: {shown}");
        if command.contains("prepare") {
            assert!(shown.contains("making the pool fresh"), "{shown}");
            let again = screen.runs(&command);
            assert!(again.contains("the pool fresh is here"), "{again}");
            assert!(again.contains("changed        no"), "{again}");
        }
        if command.contains("server create") {
            let again = screen.runs(&format!("{command} -o json | grep created"));
            assert!(again.contains("\"created\": false"), "{again}");
            let age = screen.runs("va-driver server list --full -o table | head -1");
            assert!(age.contains("AGE"), "{age}");
        }
    }
    assert_eq!(expected.next(), None);
    let left = screen.runs("va-driver server list");
    assert!(left.contains("no servers"), "{left}");
    assert_eq!(fs::read_dir(&images).unwrap().count(), 1, "the image alone");
}

/// How many servers are in a file; of a disk on which nothing is, so that they are quiet.
const MANY: usize = 30;

#[test]
fn a_file_of_many_servers_changes_nothing_twice_and_one_that_was_cut_off_is_made_whole() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let blank = "blank-many.raw";
    fs::write(bed.pool().join(blank), vec![0; 1 << 20]).unwrap();
    bed.refresh();
    let mut provider = bed.provider();
    provider["flavours"] = json!({"least": {"num_cpus": 1, "memory": 32_768, "vol_capacity": 1}});
    provider["defaults"] = json!({"image": blank, "size": "least", "network": "default"});
    let provider_file = master.path("provider.json");
    fs::write(&provider_file, provider.to_string()).unwrap();
    let names: Vec<_> = (1..=MANY)
        .map(|number| format!("of-many-{number}"))
        .collect();
    let spec: Vec<_> = names
        .iter()
        .map(|name| format!("- server_name: {name}"))
        .collect();
    let file = master.path("many.yaml");
    fs::write(&file, spec.join("\n")).unwrap();
    let command = |args: &[&str]| {
        let mut command = program(&master.state());
        command
            .args(args)
            .arg("--provider-file")
            .arg(&provider_file);
        command
    };
    let create = [
        "server",
        "create",
        "--wait",
        "defined",
        "--spec",
        file.to_str().unwrap(),
    ];
    let there = || {
        let listed = bed.virsh(&["list", "--all", "--name"]);
        listed
            .lines()
            .filter(|line| names.contains(&(*line).to_owned()))
            .count()
    };

    let mut cut = command(&create)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while there() < 1 {
        assert!(begun.elapsed() < Duration::from_secs(120), "none is made");
        std::thread::sleep(Duration::from_millis(20));
    }
    cut.kill().unwrap();
    cut.wait().unwrap();
    assert!(there() < names.len(), "it was too fast to be cut off");

    let outcomes = |output: Output| {
        assert!(output.status.success(), "{output:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let results = answer["results"].as_array().unwrap().clone();
        let outcome = |one: &Value| one["outcome"].as_str().unwrap().to_owned();
        results.iter().map(outcome).collect::<Vec<_>>()
    };
    let run = |args: &[&str]| command(args).output().unwrap();
    let whole = outcomes(run(&create));
    assert!(
        whole.iter().any(|outcome| outcome == "created"),
        "{whole:?}"
    );
    assert_eq!(there(), names.len());
    let again = outcomes(run(&create));
    assert!(
        again.iter().all(|outcome| outcome == "unchanged"),
        "{again:?}"
    );

    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let deleted = run(&[&["server", "delete"], &names[..]].concat());
    assert!(deleted.status.success(), "{deleted:?}");
    // what the cut left that no later run took over
    let recovered: Output = run(&["server", "recover"]);
    assert!(recovered.status.success(), "{recovered:?}");
    for name in names {
        assert_eq!(bed.leftovers(name), [""; 0]);
    }
    bed.virsh(&["vol-delete", blank, "default"]);
}

const SSH: &str = r#"#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"#;
const VIRSH: &str = r#"#!/bin/sh
[ "$3" = qemu:///system ] || exit 1
shift 3
exec /usr/bin/virsh -q -c '{uri}' "$@"
"#;
const HELPER: &str = r#"#!/usr/bin/env python3
import os, socket, threading
daemon = socket.socket(socket.AF_UNIX)
daemon.connect("{socket}")
def there():
    while data := os.read(0, 65536):
        daemon.sendall(data)
    daemon.shutdown(socket.SHUT_WR)
threading.Thread(target=there, daemon=True).start()
while data := daemon.recv(65536):
    os.write(1, data)
"#;

#[test]
fn a_host_is_prepared_over_ssh_by_a_script_that_changes_nothing_twice() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let bin = master.path("bin");
    fs::create_dir(&bin).unwrap();
    let images = master.path("fresh-images");
    fs::create_dir_all(master.state().join("salt")).unwrap();
    // ssh that stays on this machine, and programs there that know no other daemon than the bed's
    let uri = bed.env("VA_URI_UNIX");
    stand_in(&bin, "ssh", SSH);
    stand_in(&bin, "virsh", &VIRSH.replace("{uri}", uri));
    let (_, socket) = uri.split_once("socket=").unwrap();
    stand_in(&bin, "virt-ssh-helper", &HELPER.replace("{socket}", socket));
    let prepare = |more: &[&str]| {
        let mut command = program(&master.state());
        let path = format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", bin.display());
        command.env("PATH", path);
        command.args([
            "host",
            "prepare",
            "root@localhost",
            "--pool",
            "by-ssh",
            "--network",
            "by-ssh",
        ]);
        command.arg("--pool-path").arg(&images).args(more);
        command.output().unwrap()
    };
    let script = prepare(&["--dry-run"]);
    assert!(script.status.success(), "{script:?}");
    assert!(
        bed.try_virsh(&["pool-info", "by-ssh"]).is_err(),
        "a dry run"
    );
    let file = master.path("script");
    fs::write(&file, &script.stdout).unwrap();
    for checker in ["sh -n", "shellcheck"] {
        let words: Vec<_> = checker.split(' ').collect();
        match Command::new(words[0]).args(&words[1..]).arg(&file).output() {
            Ok(checked) => assert!(checked.status.success(), "{checker}: {checked:?}"),
            Err(_) => assert_eq!(checker, "shellcheck", "only that may be lacking"),
        }
    }
    for (said, changed) in [
        (
            ["making the pool by-ssh", "making the network by-ssh"],
            true,
        ),
        (
            ["the pool by-ssh is here", "the network by-ssh is here"],
            false,
        ),
    ] {
        let output = prepare(&[]);
        assert!(output.status.success(), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        for said in [said[0], said[1], "it answers: libvirt"] {
            assert!(told.contains(said), "{said}: {told}");
        }
        let written: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(written["changed"], changed, "{written}");
    }
    let provider = master.state().join("salt/cloud.providers.d/localhost.conf");
    let provider = fs::read_to_string(provider).unwrap();
    assert!(
        provider.contains("qemu+ssh://root@localhost/system"),
        "{provider}"
    );
    assert!(provider.contains("by-ssh"), "{provider}");
    assert!(bed.virsh(&["pool-info", "by-ssh"]).contains("running"));
    assert!(bed.virsh(&["net-dumpxml", "by-ssh"]).contains("<dhcp>"));
    bed.virsh(&["net-destroy", "by-ssh"]);
    bed.virsh(&["net-undefine", "by-ssh"]);
    bed.virsh(&["pool-destroy", "by-ssh"]);
    bed.virsh(&["pool-undefine", "by-ssh"]);
}
