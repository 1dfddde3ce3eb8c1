use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{BuildRequest, build};
use crate::Kind;
use crate::config_drive::testing::seed;

fn request() -> BuildRequest {
    BuildRequest {
        seed: seed(),
        output: None,
        replace: false,
    }
}

#[test]
fn without_a_file_the_answer_holds_the_image() {
    let answer = build(&request()).unwrap();
    let image = STANDARD.decode(answer.image.unwrap().expose()).unwrap();
    assert_eq!(image, *seed().image().unwrap());
    assert_eq!(answer.size, image.len() as u64);
    assert_eq!(answer.sha256, hex::encode(Sha256::digest(&image)));
    assert_eq!(answer.label, "config-2");
}

#[test]
fn a_file_is_for_its_owner_only_and_never_replaced_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("seed.iso");
    let mut request = request();
    request.output = Some(path.clone());
    let answer = build(&request).unwrap();
    assert_eq!(answer.image, None);
    assert_eq!(answer.output.as_ref(), Some(&path));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert_eq!(fs::read(&path).unwrap(), *seed().image().unwrap());

    fs::write(&path, "precious").unwrap();
    let error = build(&request).unwrap_err();
    assert_eq!(error.kind(), Kind::AlreadyExists);
    assert_eq!(error.field(), Some("/output"));
    assert_eq!(fs::read(&path).unwrap(), b"precious");

    request.replace = true;
    build(&request).unwrap();
    assert_eq!(fs::read(&path).unwrap(), *seed().image().unwrap());
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn a_dangling_link_is_a_file_that_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("seed.iso");
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &path).unwrap();
    let mut request = request();
    request.output = Some(path);
    assert_eq!(build(&request).unwrap_err().kind(), Kind::AlreadyExists);
    assert!(!dir.path().join("elsewhere").exists());
}

#[test]
fn where_no_file_can_be_the_answer_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for (path, kind) in [
        (dir.path().to_path_buf(), Kind::InvalidField),
        (dir.path().join("no/seed.iso"), Kind::NotFound),
    ] {
        let request = BuildRequest {
            output: Some(path),
            replace: true,
            ..request()
        };
        let error = build(&request).unwrap_err();
        assert_eq!((error.kind(), error.field()), (kind, Some("/output")));
    }
}

#[test]
fn the_seeds_members_are_named_from_the_request_on() {
    let mut request = request();
    request.seed.hostname = "no host".into();
    assert_eq!(build(&request).unwrap_err().field(), Some("/seed/hostname"));
}

#[test]
fn unknown_members_are_refused() {
    let mut document = json!({ "seed": { "uuid": uuid::Uuid::nil(), "hostname": "a" } });
    serde_json::from_value::<BuildRequest>(document.clone()).unwrap();
    document["seed"]["hostnames"] = json!(1);
    assert!(serde_json::from_value::<BuildRequest>(document).is_err());
}
