use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::fault::{fault, kind_of};
use super::host::Host;
use super::master::{pki_dir, setting};
use super::profile::Profile;
use super::workspace::Workspace;
use crate::Kind;
use crate::driver::{Context, Driver, Provider, ServerSpec};
use crate::template::TemplateDirectory;

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

/// A context with these templates.
fn context(dir: &Path, provider: &str, profile: &str) -> Context {
    let templates = dir.join("templates/foreign");
    fs::create_dir_all(&templates).unwrap();
    fs::write(templates.join("provider.conf"), provider).unwrap();
    fs::write(templates.join("profile.conf"), profile).unwrap();
    Context {
        templates: TemplateDirectory::with_overrides(dir.join("templates")),
        ..Context::below(dir)
    }
}

fn far() -> Provider {
    serde_json::from_value(json!({
        "provider_name": "far",
        "password": "hunter2-password",
        "defaults": {"image": "debian"},
    }))
    .unwrap()
}

fn spec(members: Value) -> ServerSpec {
    serde_json::from_value(members).unwrap()
}

const PROVIDER: &str = "VAR_PROVIDER_NAME: {driver: foreign, password: VAR_PASSWORD}\n";
const PROFILE: &str = "VAR_PROFILE_NAME: {provider: VAR_PROVIDER_NAME, image: VAR_IMAGE, minion: {id: a, grains: {x: 1}}}\n";

#[test]
fn a_failure_is_what_salt_says_of_it() {
    for (said, kind) in [
        ("Profile p is not defined", Kind::Internal),
        ("web already exists under far:foreign", Kind::AlreadyExists),
        (
            "There was a profile error: AuthFailure: bad key",
            Kind::AuthFailed,
        ),
        ("Quota exceeded for cores", Kind::QuotaExceeded),
        (
            "HTTPSConnectionPool: Max retries: Failed to establish a new connection",
            Kind::ConnectionFailed,
        ),
        ("the read operation timed out", Kind::Timeout),
        ("The image m was not found", Kind::NotFound),
        (
            "The cloud driver, 'x', could not be loaded",
            Kind::Unsupported,
        ),
        (
            "Command 'ssh -oPasswordAuthentication=no deploy.sh' failed. Exit code: 1",
            Kind::Internal,
        ),
        ("boo", Kind::Internal),
    ] {
        assert_eq!(kind_of(said), kind, "{said}");
    }
    let error = fault(
        "create web",
        "[ERROR   ] 401 by the cloud\nError: There was a profile error: boo\n",
    );
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::AuthFailed, Some("/provider"))
    );
    assert_eq!(
        error.message(),
        "salt-cloud did not create web: There was a profile error: boo"
    );
    assert_eq!(fault("create web", "").kind(), Kind::Internal);
}

#[test]
fn the_profile_has_what_was_asked_for_over_the_providers_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let cx = context(dir.path(), PROVIDER, PROFILE);
    let provider = far();
    let host = Host::of(&Foreign, &cx, &provider).unwrap();
    let profile = |members| Profile::of(&host, &spec(members));
    let plain = profile(json!({"name": "web"})).unwrap();
    assert_eq!(
        (plain.name.as_str(), &plain.members["image"]),
        ("far-profile", &json!("debian"))
    );
    let minion = json!({"id": "b", "grains": {"y": 2}, "conf": {"z": 3}});
    let asked = profile(json!({"name": "web", "image": "alpine", "role": "db", "minion": minion}));
    let members = asked.unwrap().members;
    assert_eq!(members["image"], "alpine");
    let expected = json!({"id": "b", "grains": {"x": 1, "y": 2, "role": "db"}, "z": 3});
    assert_eq!(members["minion"], expected);
    // the same as the default is no reason to refuse it
    profile(json!({"name": "web", "image": "debian"})).unwrap();
    let refused = profile(json!({"name": "web", "size": "small"})).unwrap_err();
    assert_eq!(
        (refused.kind(), refused.field()),
        (Kind::Unsupported, Some("/server/size"))
    );
}

#[test]
fn the_workspace_is_private_has_the_masters_settings_and_no_keys_of_its() {
    let dir = tempfile::tempdir().unwrap();
    let etc = dir.path().join("etc");
    for folder in [
        "cloud.conf.d",
        "cloud.providers.d",
        "master.d",
        "pki/master",
    ] {
        fs::create_dir_all(etc.join(folder)).unwrap();
    }
    fs::write(etc.join("cloud.conf.d/a.conf"), "deploy: false\n").unwrap();
    fs::write(etc.join("cloud.providers.d/other.conf"), "other: {}\n").unwrap();
    fs::write(etc.join("master"), "pki_dir: /elsewhere\nuser: salt\n").unwrap();
    fs::write(etc.join("master.d/b.conf"), "user: root\n").unwrap();
    assert_eq!(setting(&etc, "user"), Some(json!("root")));
    assert_eq!(setting(&etc, "deploy"), Some(json!(false)));
    assert_eq!(pki_dir(&etc), Path::new("/elsewhere"));

    let made = Workspace::make(&etc, "far: {}\n", None).unwrap();
    let top = made.path().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&top), mode(&top.join("cloud.providers.d/x.conf"))),
        (0o700, 0o600)
    );
    assert!(top.join("cloud.conf.d/a.conf").exists() && top.join("master.d/b.conf").exists());
    assert!(!top.join("cloud.providers.d/other.conf").exists());
    let own = fs::read_to_string(top.join("cloud.conf.d/zzz-va-driver.conf")).unwrap();
    assert!(own.contains(top.join("keys").to_str().unwrap()), "{own}");
    assert_eq!(made.answer().unwrap(), None);
    fs::write(made.out_file(), "no JSON").unwrap();
    assert_eq!(made.answer().unwrap_err().kind(), Kind::Internal);
    fs::File::create(made.out_file())
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert!(made.answer().unwrap_err().message().contains("more than"));
    drop(made);
    assert!(!top.exists());

    // one of a process that was killed
    let left = std::env::temp_dir().join("va-driver.salt-cloud.4294967295.x");
    fs::create_dir_all(&left).unwrap();
    Workspace::make(&etc, "far: {}\n", None).unwrap();
    assert!(!left.exists());
}

#[test]
fn a_provider_that_is_none_of_salt_clouds_is_refused_and_secrets_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let provider = far();
    let cx = context(dir.path(), PROVIDER, PROFILE);
    let host = Host::of(&Foreign, &cx, &provider).unwrap();
    assert_eq!(host.secrets.hide("with hunter2-password"), "with [secret]");
    for conf in [
        "VAR_PROVIDER_NAME: {}\n",
        "a: {driver: x}\nb: {driver: x}\n",
        "-a: {driver: x}\n",
    ] {
        let cx = context(dir.path(), conf, PROFILE);
        assert_eq!(
            Host::of(&Foreign, &cx, &provider).unwrap_err().kind(),
            Kind::Conflict,
            "{conf}"
        );
    }
}
