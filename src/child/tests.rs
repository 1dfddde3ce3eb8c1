use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Input, Limits, Output, Program, find};
use crate::redact::Secrets;
use crate::transaction::Cancel;
use crate::{Kind, Result};

const LONG: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Program {
    Program::new("sh").args(["-c", script])
}

fn limits(time: Duration) -> Limits {
    Limits {
        grace: Duration::from_millis(100),
        ..Limits::new(time, 1000)
    }
}

fn run(script: &str) -> Result<Output> {
    shell(script).run(Input::Bytes(b""), limits(LONG), &Cancel::default())
}

/// Whether the process that wrote its id into `file` is gone, or will be in a moment.
fn is_gone(file: &std::path::Path) -> bool {
    let id = fs::read_to_string(file).unwrap();
    let stat = format!("/proc/{}/stat", id.trim());
    (0..200).any(|_| {
        let gone = fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
        if !gone {
            thread::sleep(Duration::from_millis(10));
        }
        gone
    })
}

#[test]
fn what_a_child_says_and_how_it_ends_is_answered() {
    let output = shell("cat; echo no >&2; exit 3")
        .run(Input::Bytes(b"in"), limits(LONG), &Cancel::default())
        .unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.status.code()),
        (&b"in"[..], Some(3))
    );
    assert_eq!(output.stderr, "no");
}

#[test]
fn a_child_sees_nothing_of_the_environment_but_the_plain_things() {
    let output = shell("env")
        .run(Input::Bytes(b""), limits(LONG), &Cancel::default())
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let own = ["PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"];
    for line in text.lines() {
        let (name, _) = line.split_once('=').unwrap();
        assert!(own.contains(&name), "{line}");
    }
    assert!(text.contains("PATH="));
}

#[test]
fn one_that_runs_too_long_ends_with_all_that_it_has_started_even_against_its_will() {
    let dir = tempfile::tempdir().unwrap();
    let (own, other) = (dir.path().join("own"), dir.path().join("other"));
    let script = format!(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > {}; sleep 600' & echo $$ > {}; while :; do sleep 1; done",
        other.display(),
        own.display(),
    );
    let error = shell(&script)
        .run(
            Input::Bytes(b""),
            limits(Duration::from_secs(1)),
            &Cancel::default(),
        )
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(is_gone(&own) && is_gone(&other));
}

#[test]
fn one_that_ends_takes_what_it_has_started_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other");
    let script = format!("sleep 600 & echo $! > {}; echo done", other.display());
    assert_eq!(run(&script).unwrap().stdout, b"done\n");
    assert!(is_gone(&other));
}

#[test]
fn an_interruption_ends_it_and_says_what_it_said_last() {
    let cancel = Cancel::default();
    let dir = tempfile::tempdir().unwrap();
    let begun = dir.path().join("begun");
    let script = format!("echo at work >&2; touch {}; sleep 600", begun.display());
    let error = thread::scope(|scope| {
        let child = scope.spawn(|| shell(&script).run(Input::Bytes(b""), limits(LONG), &cancel));
        while !begun.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        cancel.cancel();
        child.join().unwrap().unwrap_err()
    });
    assert_eq!(
        (error.kind(), error.sources()),
        (Kind::Cancelled, &["at work".to_owned()][..])
    );
}

#[test]
fn output_is_bounded_and_an_endless_one_ends_the_child() {
    let error = run("yes").unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
    assert!(error.message().contains("more than 1000 bytes"), "{error}");
    let output = run("yes | head -c 20000000 >&2; echo end >&2").unwrap();
    assert!(output.stderr.len() < 64 << 10 && output.stderr.ends_with("end"));
}

#[test]
fn secrets_are_in_nothing_that_it_says_on_stderr() {
    let params =
        json!({"provider": {"access_secret": "hunter2", "private_key": "-----B\nAAAAAAAA\n"}});
    let output = shell("echo login hunter2 >&2; echo AAAAAAAA >&2")
        .secrets(Secrets::of(params.as_object().unwrap()))
        .run(Input::Bytes(b""), limits(LONG), &Cancel::default())
        .unwrap();
    assert_eq!(output.stderr, "login [secret]\n[secret]");
}

#[test]
fn what_cannot_be_started_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, kind) in [
        (dir.path().join("none"), Kind::NotFound),
        (file, Kind::PermissionDenied),
    ] {
        let program = Program::new(path);
        let error = program
            .run(Input::Bytes(b""), limits(LONG), &Cancel::default())
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(program.hold(10).unwrap_err().kind(), kind);
    }
}

#[test]
fn one_that_is_held_answers_line_by_line() {
    let mut held = shell("while read -r line; do echo \"<$line>\"; done; printf end")
        .hold(20)
        .unwrap();
    let cancel = Cancel::default();
    let receive = |held: &super::Held| held.receive(Instant::now() + LONG, &cancel);
    held.send(b"a".to_vec()).unwrap();
    held.send(b"b".to_vec()).unwrap();
    assert_eq!(receive(&held).unwrap(), b"<a>");
    assert_eq!(receive(&held).unwrap(), b"<b>");
    let none = held.receive(Instant::now(), &cancel).unwrap_err();
    assert_eq!(none.kind(), Kind::Timeout);
    held.send(b"123456789012345678901".to_vec()).unwrap();
    assert_eq!(receive(&held).unwrap_err().kind(), Kind::Internal);
    assert!(held.end().is_ok() && held.has_ended());
}

#[test]
fn one_that_is_held_and_ends_is_gone_with_its_last_words() {
    let mut held = shell("read -r line; echo $line; printf whole; echo broken >&2")
        .hold(20)
        .unwrap();
    held.send(b"a".to_vec()).unwrap();
    held.close_input();
    let receive = || held.receive(Instant::now() + LONG, &Cancel::default());
    assert_eq!(receive().unwrap(), b"a");
    assert_eq!(receive().unwrap(), b"whole");
    assert_eq!(receive().unwrap_err().kind(), Kind::ConnectionFailed);
    assert_eq!(
        held.send(Vec::new()).unwrap_err().kind(),
        Kind::ConnectionFailed
    );
}

#[test]
fn a_tied_child_ends_with_all_that_it_has_started_once_nobody_holds_its_input() {
    let dir = tempfile::tempdir().unwrap();
    let (own, other) = (dir.path().join("own"), dir.path().join("other"));
    let script = format!(
        "cat; sleep 600 & echo $! > {}; echo $$ > {}; echo ready; wait",
        other.display(),
        own.display(),
    );
    let mut held = shell(&script).tied().hold(100).unwrap();
    let said = held.receive(Instant::now() + LONG, &Cancel::default());
    assert_eq!(said.unwrap(), b"ready", "it sees no input itself");
    held.close_input();
    assert!(is_gone(&own) && is_gone(&other));
    assert!(held.has_ended());
    let missing = Program::new("no-such-program").tied().hold(1).unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[test]
fn a_program_is_found_only_where_it_can_be_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("salt-cloud");
    fs::write(&path, "").unwrap();
    let look = || find("salt-cloud".as_ref(), [dir.path().to_owned()]);
    let set_mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o644);
    assert_eq!(look(), None);
    set_mode(0o755);
    assert_eq!(look(), Some(path.clone()));
}
