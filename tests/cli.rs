//! The subcommands, as a shell starts them.

#[path = "cli/comfort.rs"]
mod comfort;
mod common;
#[path = "cli/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};

use common::{program, run, run_with_input};
use serde_json::{Value, json};
use va_driver::Kind;

const TEST: [&str; 2] = ["--uri", "test:///default"];

fn with(args: &[&str], more: &[&str]) -> Output {
    run(&[args, more].concat())
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(stdout(output)).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn without_arguments_it_shows_help_with_examples() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("va-driver wizard libvirt"));
}

#[test]
fn the_version_is_told() {
    let output = run(&["--version"]);
    assert_eq!(
        stdout(&output),
        concat!("va-driver ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert_eq!(json_of(&run(&["version"]))["name"], "va-driver");
}

#[test]
fn a_pipe_gets_json_and_tables_only_where_asked() {
    let servers = json_of(&with(&["server", "list"], &TEST));
    assert_eq!(servers["servers"][0]["hostname"], "test");
    let table = with(&["server", "list", "--table"], &TEST);
    assert!(stdout(&table).starts_with("NAME"), "{}", stdout(&table));
    assert!(!stdout(&table).contains('\x1b'));
}

#[test]
fn errors_are_on_stderr_and_exit_by_their_kind() {
    let output = with(&["server", "show", "absent"], &TEST);
    assert_eq!(
        output.status.code(),
        Some(Kind::NotFound.exit_code().into())
    );
    assert!(stderr(&output).starts_with("error[not_found]: "));
    assert!(stderr(&output).contains("  argument: NAME\n"));
    assert!(stderr(&output).contains("va-driver server list"));
    assert_eq!(stdout(&output), "");
    let output = with(&["server", "show", "absent", "--json"], &TEST);
    assert_eq!(json_of(&output)["error"]["data"]["kind"], "not_found");
    let output = run(&["server", "shwo"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_a_provider_what_only_reads_shows_the_test_host_and_says_so_in_a_line() {
    let output = run(&["provider", "status"]);
    assert!(output.status.success());
    assert_eq!(stderr(&output).lines().count(), 1);
    assert!(stderr(&output).contains("test:///default"));
    let data = json_of(&run(&["provider", "data"]));
    assert_eq!(data["server_count"], 1);
}

#[test]
fn without_a_provider_nothing_is_changed_anywhere() {
    let state = tempfile::tempdir().unwrap();
    for args in [
        &["server", "create", "web-1", "--image", "a", "--size", "b"][..],
        &["server", "create", "web-1", "--dry-run"],
        &["server", "stop", "test"],
        &["server", "delete", "test"],
        &["server", "delete", "test", "--dry-run"],
        &["server", "recover"],
        &["image", "import", "a.qcow2"],
        &["provider", "write"],
    ] {
        for uri in [None, Some(""), Some(" ")] {
            let mut command = program(state.path());
            let output = command
                .args(args)
                .envs(uri.map(|uri| ("VA_DRIVER_URI", uri)))
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(3), "{args:?} {output:?}");
            let said = stderr(&output);
            assert!(said.contains("no provider was given"), "{args:?} {said}");
            for way_out in ["--provider ", "--provider-file", "--uri", "--os-cloud"] {
                assert!(said.contains(way_out), "{said}");
            }
        }
    }
    // an unset variable of a script is not this machine
    for args in [&["server", "list"][..], &["server", "delete", "test"]] {
        let output = with(args, &["--uri", ""]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(stderr(&output).contains("--uri is empty"), "{output:?}");
    }
}

#[test]
fn the_help_has_every_exit_code() {
    let help = run(&["--help"]);
    let (_, codes) = stdout(&help).split_once("Exit codes").unwrap();
    let (codes, _) = codes.split_once("Environment").unwrap();
    let told: Vec<u8> = codes
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let mut known: Vec<u8> = Kind::ALL.iter().map(|kind| kind.exit_code()).collect();
    known.extend([0, Kind::NOT_READY_EXIT_CODE]);
    for code in known {
        assert!(told.contains(&code), "{code} of {told:?}");
    }
}

#[test]
fn a_providers_name_that_can_never_be_a_file_is_refused_alike_by_form_render_and_write() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("provider.json");
    for name in ["../x", "", "a\nb", &"x".repeat(201)] {
        let record =
            json!({"driver_name": "libvirt", "provider_name": name, "uri": "test:///default"});
        fs::write(&file, record.to_string()).unwrap();
        let file = file.to_str().unwrap();
        for args in [&["provider", "render"][..], &["provider", "write"]] {
            let output = with(args, &["--provider-file", file]);
            assert_eq!(output.status.code(), Some(3), "{output:?}");
            let field = "field: /provider/provider_name";
            assert!(stderr(&output).contains(field), "{output:?}");
        }
        let values = json!({"provider_name": name, "host_protocol": "test"}).to_string();
        let args = ["validate", "libvirt", "--step", "0", "--values", &values];
        let result = json_of(&run(&args));
        assert!(result["field_errors"]["provider_name"].is_string());
        assert_eq!(result["new_step_index"], 0);
    }
}

#[test]
fn the_provider_comes_from_files_stdin_salt_and_the_environment() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("salt/cloud.providers.d");
    fs::create_dir_all(&folder).unwrap();
    let conf = "mine:\n  driver: va_libvirt\n  uri: test:///default\n";
    fs::write(folder.join("mine.conf"), conf).unwrap();
    let named = |extra: &[(&str, &str)], args: &[&str]| {
        let mut command = program(state.path());
        command.args(["server", "list"]).args(args);
        let output = command.envs(extra.iter().copied()).output().unwrap();
        json_of(&output)["servers"][0]["provider"].clone()
    };
    assert_eq!(named(&[], &["--provider", "mine"]), "mine");
    assert_eq!(named(&[("VA_DRIVER_PROVIDER", "mine")], &[]), "mine");
    assert_eq!(
        named(&[("VA_DRIVER_URI", "test:///default")], &[]),
        "ad-hoc"
    );
    assert_eq!(
        named(
            &[("VA_DRIVER_PROVIDER", "absent")],
            &["--uri", "test:///default"]
        ),
        "ad-hoc"
    );
    let record = "driver_name: libvirt\nprovider_name: theirs\nuri: test:///default\n";
    let output = run_with_input(
        &["server", "list", "--provider-file", "-"],
        record.as_bytes(),
    );
    assert_eq!(json_of(&output)["servers"][0]["provider"], "theirs");
    let output = run(&["server", "list", "--provider", "absent"]);
    assert_eq!(
        output.status.code(),
        Some(Kind::NotFound.exit_code().into())
    );
}

#[test]
fn a_provider_is_written_for_salt_and_read_again() {
    let state = tempfile::tempdir().unwrap();
    let salt = state.path().join("salt");
    fs::create_dir(&salt).unwrap();
    let record = json!({
        "driver_name": "libvirt", "provider_name": "mine", "uri": "test:///default",
        "password": "hunter2",
    });
    let file = state.path().join("provider.json");
    fs::write(&file, record.to_string()).unwrap();
    let write = |more: &[&str]| {
        let mut command = program(state.path());
        let output = command
            .args(["provider", "write", "--provider-file"])
            .arg(&file)
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(!stdout(&output).contains("hunter2"));
        json_of(&output)
    };
    let told = write(&["--dry-run"]);
    assert_eq!(
        (&told["dry_run"], &told["would_change"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(told["would_write"][0]["change"], "made");
    assert!(!salt.join("cloud.providers.d").exists());
    let written = write(&[]);
    let path = written["provider_file"].as_str().unwrap();
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(write(&["--dry-run"])["would_change"], false);
    assert_eq!(write(&[])["changed"], false);
    // what would change is told by its name: its value may be a secret
    let mut other = record.clone();
    other["password"] = json!("hunter2 too");
    fs::write(&file, other.to_string()).unwrap();
    let told = write(&["--dry-run"]);
    let expected = json!({"path": path, "change": "changed", "members": ["mine.password"]});
    assert_eq!(told["would_write"][0], expected);
    assert_eq!(told["would_write"][1]["change"], "none");
    assert!(!fs::read_to_string(path).unwrap().contains("too"));
    let mut command = program(state.path());
    let output = command
        .args(["provider", "status", "--provider", "mine"])
        .output()
        .unwrap();
    assert_eq!(json_of(&output)["success"], true);
}

#[test]
fn a_former_drivers_file_is_imported_and_what_salt_reads_otherwise_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("salt/cloud.providers.d");
    fs::create_dir(state.path().join("salt")).unwrap();
    let file = state.path().join("old.conf");
    let import = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let mut command = program(state.path());
        command.args(["provider", "import"]).arg(&file).args(more);
        command.output().unwrap()
    };
    let old = "old:\n  driver: libvirt\n  url: test:///default\n  password: hunter2\n";
    let told = import(old, &["--dry-run"]);
    assert_eq!(json_of(&told)["dry_run"], true);
    assert!(!folder.exists());
    let told = import(old, &[]);
    assert!(!stdout(&told).contains("hunter2"));
    let renamed = json!([{"member": "url", "becomes": "uri"}]);
    assert_eq!(json_of(&told)["providers"][0]["changed"], renamed);
    let written = fs::read_to_string(folder.join("old.conf")).unwrap();
    assert!(written.contains("va_libvirt"), "{written}");

    let told = import("new:\n  driver: libvirt\n  deploy: no\n", &[]);
    assert_eq!(told.status.code(), Some(3));
    assert!(stderr(&told).contains("line 3"), "{}", stderr(&told));
}

#[test]
fn dry_runs_change_nothing() {
    let deleted = json_of(&with(
        &["server", "delete", "test", "--force", "--dry-run"],
        &TEST,
    ));
    let domain = json!([{"resource": "domain", "name": "test"}]);
    assert_eq!(
        (&deleted["dry_run"], &deleted["would_remove"]),
        (&json!(true), &domain)
    );
    // what the deed would be refused for, the dry run is, too
    let output = with(&["server", "delete", "test", "--dry-run"], &TEST);
    assert_eq!(
        output.status.code(),
        Some(Kind::Conflict.exit_code().into())
    );
    let absent = json_of(&with(&["server", "delete", "absent", "--dry-run"], &TEST));
    assert_eq!(absent["would_change"], false);
    let output = with(&["server", "stop", "absent", "--dry-run"], &TEST);
    assert_eq!(
        output.status.code(),
        Some(Kind::NotFound.exit_code().into())
    );
    let stopped = json_of(&with(&["server", "stop", "test", "--dry-run"], &TEST));
    assert!(
        stopped["message"].as_str().unwrap().contains("running"),
        "{stopped}"
    );
    let output = with(&["server", "rescue", "test", "--dry-run"], &TEST);
    assert_eq!(
        output.status.code(),
        Some(Kind::Unsupported.exit_code().into())
    );
    let away = ["--uri", "qemu+unix:///system?socket=/nonexistent/sock"];
    for args in [
        &["server", "delete", "a", "--dry-run"][..],
        &["server", "stop", "a", "--dry-run"],
        &["server", "recover", "--dry-run"],
        &["image", "import", "a.qcow2", "--dry-run"],
    ] {
        let output = with(args, &away);
        let code = Kind::ConnectionFailed.exit_code();
        assert_eq!(output.status.code(), Some(code.into()), "{output:?}");
    }
    let output = with(&["server", "create", "web-1", "--dry-run"], &TEST);
    // The test host has no image; that a plan was asked for shows in what is missed.
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("option: --image") || stderr(&output).contains("option: --size")
    );
}

#[test]
fn keys_are_made_and_known_by_their_fingerprint() {
    let made = json_of(&run(&["key", "generate", "--bits", "2048"]));
    let key = made["public_key"].as_str().unwrap();
    let known = json_of(&run_with_input(
        &["key", "fingerprint", "-"],
        key.as_bytes(),
    ));
    assert_eq!(known["fingerprint"], made["fingerprint"]);
}

#[test]
fn a_form_is_validated_with_values_from_anywhere() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "provider_name: mine\n").unwrap();
    let at = format!("@{}", file.path().display());
    for (values, input) in [
        (r#"{"provider_name": "mine"}"#, ""),
        (at.as_str(), ""),
        ("-", "provider_name: mine\n"),
    ] {
        let args = ["validate", "libvirt", "--step", "0", "--values", values];
        let result = json_of(&run_with_input(&args, input.as_bytes()));
        assert!(result["field_errors"]["host_ip"].is_string(), "{result}");
        assert!(result["field_errors"].get("provider_name").is_none());
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let state = tempfile::tempdir().unwrap();
    for args in [
        &["schema"][..],
        &["--help"],
        &["server", "list", "--uri", "test:///default"],
    ] {
        let mut child = program(state.path())
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(stderr(&output), "", "{args:?}");
    }
}

#[test]
fn the_wizard_works_on_a_terminal_only_and_says_so() {
    let output = run(&["wizard", "libvirt"]);
    assert_eq!(
        output.status.code(),
        Some(Kind::Unsupported.exit_code().into())
    );
    assert!(stderr(&output).contains("terminal"));
}

#[test]
fn the_doctor_checks_this_machine() {
    let output = run(&["doctor"]);
    let report = json_of(&output);
    let names: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"libvirt library") && names.contains(&"state directory"));
    assert!(!names.contains(&"leftovers"), "no host was named");
    let expected = if report["ok"] == true { 0 } else { 12 };
    assert_eq!(output.status.code(), Some(expected));
}

#[test]
fn completions_and_man_pages_are_made() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert!(stdout(&script).contains("va-driver"), "{shell}");
    }
    assert!(stdout(&run(&["man"])).contains(".TH va-driver 1"));
    let dir = tempfile::tempdir().unwrap();
    let output = run(&["man", "--output", dir.path().to_str().unwrap()]);
    assert!(output.status.success());
    assert!(dir.path().join("va-driver-server-create.1").exists());
}

#[test]
fn a_command_line_that_is_not_understood_is_json_where_that_was_asked_for() {
    for args in [&["server", "show", "--json"][..], &["--json", "srver"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let error = &json_of(&output)["error"];
        assert_eq!(error["data"]["kind"], "invalid_request");
        let message = error["message"].as_str().unwrap();
        assert!(
            !message.contains("Usage") && !message.contains('\n'),
            "{message}"
        );
        assert!(stderr(&output).contains("Usage:"));
    }
    assert_eq!(stdout(&run(&["server", "show"])), "");
}

#[test]
fn a_server_without_a_name_is_refused_in_the_words_of_a_shell() {
    let output = with(&["server", "create"], &TEST);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("give it as the first argument"));
}

#[test]
fn the_pki_directory_may_be_near() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("pki/minions")).unwrap();
    let made = program(dir.path())
        .args(["key", "generate", "--bits", "2048", "-o", ".", "--id", "m1"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let accepted = program(dir.path())
        .args(["key", "accept", "m1", "m1.pub", "--pki-dir", "pki"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(accepted.status.success(), "{accepted:?}");
    assert!(dir.path().join("pki/minions/m1").exists());
}
