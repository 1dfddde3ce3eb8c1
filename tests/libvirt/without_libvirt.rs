//! The program where there is no libvirt.

use std::process::Command;

use serde_json::json;

use crate::common::{Call, program};

#[test]
fn libvirt_is_not_linked() {
    let output = Command::new("readelf")
        .args(["-d", env!("CARGO_BIN_EXE_va-driver")])
        .output()
        .unwrap();
    let dynamic = String::from_utf8(output.stdout).unwrap();
    assert!(dynamic.contains("libc.so"), "{dynamic}");
    assert!(!dynamic.contains("libvirt"), "{dynamic}");
}

#[test]
fn without_libvirt_all_else_works() {
    let state = tempfile::tempdir().unwrap();
    let mut command = program(state.path());
    let output = command
        .arg("--version")
        .env("VA_DRIVER_LIBVIRT_SO", "/nonexistent")
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains(env!("CARGO_PKG_VERSION"))
    );

    let provider =
        json!({"driver_name": "libvirt", "provider_name": "p", "uri": "test:///default"});
    let lines = Call::new("version").line(1)
        + &Call::new("driver.steps")
            .with("driver_id", "libvirt")
            .line(2)
        + &Call::new("provider.status")
            .with("provider", provider)
            .line(3);
    let mut command = program(state.path());
    let mut child = command
        .arg("rpc")
        .env("VA_DRIVER_LIBVIRT_SO", "/nonexistent")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let mut answers = crate::common::lines(&output);
    answers.sort_by_key(|answer| answer["id"].as_u64());
    assert_eq!(answers[0]["result"]["name"], "va-driver");
    assert!(answers[1]["result"]["steps"].is_array());
    let error = &answers[2]["error"];
    assert_eq!(error["data"]["kind"], "unsupported", "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("libvirt"),
        "{error}"
    );
}

#[test]
fn libvirt_says_nothing_by_itself() {
    let state = tempfile::tempdir().unwrap();
    let provider =
        json!({"driver_name": "libvirt", "provider_name": "p", "uri": "test:///default"});
    let line = Call::new("server.show")
        .with("provider", provider)
        .with("server_name", "no-such-server")
        .line(1);
    let output = crate::common::run_in(state.path(), &["rpc"], line.as_bytes());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let answers = crate::common::lines(&output);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["error"]["data"]["kind"], "not_found");
}
