use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::driver::{Context, CreateOptions, Created, Driver, Provider, ServerSpec};
use crate::template::TemplateDirectory;
use crate::{Kind, Result};

/// A cloud that Salt itself supports.
#[derive(Debug)]
struct Foreign;

impl Driver for Foreign {
    fn driver_id(&self) -> &'static str {
        "foreign"
    }

    fn friendly_name(&self) -> &'static str {
        "Foreign"
    }
}

/// Stands for salt-cloud: it looks at its arguments and at the profile, and does what the server's
/// name says.
const SALT_CLOUD: &str = r#"#!/bin/sh
[ "$1 $3 $4 $5 $7" = "--config-dir --out json --profile --" ] || exit 64
profile="$2/cloud.profiles.d/$6.conf"
grep -q 'provider: "far"' "$profile" || exit 65
case "$8" in
made) printf '{"made": {"id": "i-1", "size": "small", "public_ips": ["192.0.2.7"], "private_ips": ["10.0.0.7"]}}';;
private) printf '{"private": {"private_ips": ["10.0.0.7"]}}';;
refused) printf '{"refused": {"Error": "no room left"}}';;
stands) echo 'stands already exists' >&2; printf '{}';;
talks) echo 'No machines were found';;
fails) echo 'the cloud is down' >&2; printf '{"fails": {"id": "i-2"}}'; exit 1;;
esac
"#;

/// Runs one of the ignored tests below in a process of its own with this PATH.
fn alone(test: &str, path: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("driver::base::salt_cloud::tests::{test}"),
            "--ignored",
        ])
        .env("PATH", path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn create(dir: &Path, name: &str) -> Result<Created> {
    let templates = dir.join("templates/foreign");
    fs::create_dir_all(&templates).unwrap();
    fs::write(
        templates.join("provider.conf"),
        "VAR_PROVIDER_NAME: {driver: foreign}\n",
    )
    .unwrap();
    fs::write(
        templates.join("profile.conf"),
        "VAR_PROFILE_NAME: {provider: VAR_PROVIDER_NAME, image: VAR_IMAGE}\n",
    )
    .unwrap();
    let cx = Context {
        templates: TemplateDirectory::with_overrides(dir.join("templates")),
        ..Context::below(dir)
    };
    let provider = Provider {
        provider_name: "far".to_owned(),
        ..Provider::default()
    };
    let spec = ServerSpec {
        server_name: name.to_owned(),
        ..ServerSpec::default()
    };
    let server = Foreign.server_members().check(&spec, &[])?;
    Foreign.create_server(&cx, &provider, server, CreateOptions::default())
}

fn profile(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("cloud.profiles.d/va-{name}.conf"))
}

#[test]
fn servers_are_made_by_salt_cloud() {
    let bin = tempfile::tempdir().unwrap();
    let program = bin.path().join("salt-cloud");
    fs::write(&program, SALT_CLOUD).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.path().display());
    alone("child_makes_servers", &path);
}

#[test]
#[ignore = "run in a process of its own by servers_are_made_by_salt_cloud"]
fn child_makes_servers() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();

    let made = create(dir, "made").unwrap();
    assert!(made.created && made.ready);
    let server = made.server;
    assert_eq!((server.id.as_str(), server.size.as_str()), ("i-1", "small"));
    assert_eq!(
        (server.ip.as_str(), server.provider.as_str()),
        ("192.0.2.7", "far")
    );
    assert_eq!(
        (server.public_ips, server.private_ips),
        (vec!["192.0.2.7".into()], vec!["10.0.0.7".into()])
    );
    assert!(profile(dir, "made").exists());
    assert_eq!(create(dir, "private").unwrap().server.ip, "10.0.0.7");

    for (name, source) in [
        ("refused", Some("no room left")),
        ("stands", Some("stands already exists")),
        ("talks", None),
        ("fails", Some("the cloud is down")),
    ] {
        let error = create(dir, name).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert_eq!(
            error.sources().first().map(String::as_str),
            source,
            "{error}"
        );
        assert!(!profile(dir, name).exists(), "{name}");
    }

    // what a creation before has left is not a later one's to remove
    let kept = fs::read_to_string(profile(dir, "made")).unwrap();
    fs::rename(profile(dir, "made"), profile(dir, "fails")).unwrap();
    create(dir, "fails").unwrap_err();
    assert_eq!(fs::read_to_string(profile(dir, "fails")).unwrap(), kept);

    fs::write(profile(dir, "made"), "mine: {}\n").unwrap();
    let error = create(dir, "made").unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::AlreadyExists, Some("/server/server_name"))
    );
    assert_eq!(
        fs::read_to_string(profile(dir, "made")).unwrap(),
        "mine: {}\n"
    );

    let error = create(dir, "-made").unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::InvalidField, Some("/server/server_name"))
    );
}

#[test]
fn without_salt_cloud_nothing_is_left() {
    let bin = tempfile::tempdir().unwrap();
    fs::write(bin.path().join("salt-cloud"), "not to be run").unwrap();
    alone("child_has_no_salt_cloud", bin.path().to_str().unwrap());
}

#[test]
#[ignore = "run in a process of its own by without_salt_cloud_nothing_is_left"]
fn child_has_no_salt_cloud() {
    let dir = tempfile::tempdir().unwrap();
    let error = create(dir.path(), "made").unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(
        error.message().contains("install it on this Salt master"),
        "{error}"
    );
    assert!(!profile(dir.path(), "made").exists());
}
