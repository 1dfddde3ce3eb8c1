//! Connection URIs: nothing in them runs on the way, and no file is told by what libvirt says of it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Call, lines, program, stand_in};

/// The error of `provider.status`, and what a program `ssh` was called with meanwhile.
fn status(provider: &Value) -> (Value, Option<String>) {
    let state = tempfile::tempdir().unwrap();
    let bin = state.path().join("bin");
    let called = state.path().join("called");
    fs::create_dir(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\nexit 1\n",
        called.display()
    );
    stand_in(&bin, "ssh", &script);
    let mut command = program(state.path());
    command
        .arg("rpc")
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .stdin(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let line = Call::new("provider.status")
        .with("provider", provider.clone())
        .line(1);
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let answer = lines(&output).remove(0);
    (answer["error"].clone(), fs::read_to_string(called).ok())
}

fn provider(members: &Value) -> Value {
    let mut provider = json!({"driver_name": "libvirt", "provider_name": "p"});
    let all = provider.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    provider
}

#[test]
fn what_a_shell_would_run_never_comes_as_far_as_ssh() {
    let uri = "qemu+ssh://root@kvm1/system?keyfile=/k&socket=/run/libvirt/libvirt-sock";
    let (error, called) = status(&provider(&json!({"uri": uri})));
    assert_eq!(error["data"]["kind"], "connection_failed", "{error}");
    let called = called.expect("ssh was not called: the test does not test");
    assert!(called.contains("libvirt-sock"), "{called}");

    for (members, field) in [
        (
            json!({"uri": "qemu+ssh://kvm1/system?socket=/x%60touch%20x%60"}),
            "uri",
        ),
        (
            json!({"uri": "qemu+ssh://kvm1/system?socket=/x$(id)"}),
            "uri",
        ),
        (
            json!({"uri": "qemu+ssh://kvm1/system?keyfile=/x%0a-oProxyCommand=x"}),
            "uri",
        ),
        (json!({"uri": "qemu+ssh://a'b@kvm1/system"}), "uri"),
        (
            json!({"host_protocol": "qemu+ssh", "host_ip": "kvm\u{ff40}id\u{ff40}"}),
            "host_ip",
        ),
        (
            json!({"host_protocol": "qemu+ssh", "host_ip": "kvm1", "username": "a!b"}),
            "username",
        ),
    ] {
        let (error, called) = status(&provider(&members));
        assert_eq!(error["data"]["kind"], "invalid_field", "{members} {error}");
        assert_eq!(
            error["data"]["field"],
            format!("/provider/{field}"),
            "{error}"
        );
        assert_eq!(called, None, "{members}");
    }
}

#[test]
fn a_file_that_is_no_test_host_is_never_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets");
    fs::write(&path, "hunter2:x:0:0\n").unwrap();
    let of_passwd = fs::read_to_string("/etc/passwd").unwrap();
    let first = of_passwd.lines().next().unwrap();
    for path in [path.as_path(), Path::new("/etc/passwd")] {
        for (members, field) in [
            (json!({"uri": format!("test://{}", path.display())}), "uri"),
            (json!({"host_protocol": "test", "host_ip": path}), "host_ip"),
        ] {
            let (error, _) = status(&provider(&members));
            let said = error.to_string();
            assert_eq!(error["data"]["kind"], "invalid_field", "{said}");
            assert_eq!(error["data"]["field"], format!("/provider/{field}"));
            assert!(!said.contains("hunter2") && !said.contains(first), "{said}");
        }
    }
    // as a form, too
    let values = json!({
        "provider_name": "p", "host_protocol": "test", "host_ip": "/etc/passwd",
    });
    let result = Call::new("driver.validate")
        .with("driver_id", "libvirt")
        .with("step_index", 0)
        .with("field_values", values)
        .result();
    assert!(result["field_errors"]["host_ip"].is_string(), "{result}");
    assert!(!result.to_string().contains(first), "{result}");
}
