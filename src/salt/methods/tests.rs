use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::{KeyAccept, KeyFingerprint, KeyGenerate, KeyRevoke};
use super::{key_accept, key_fingerprint, key_generate, key_revoke};
use crate::Kind;

const KEY: &str = include_str!("../fixtures/minion.pub");

fn request<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[test]
fn generate_answers_the_key_or_writes_it() {
    let answer = key_generate(&request(json!({"bits": 2048}))).unwrap();
    assert!(
        answer
            .private_key
            .unwrap()
            .expose()
            .starts_with("-----BEGIN RSA PRIVATE KEY-----")
    );

    let directory = tempfile::tempdir().unwrap();
    let asked: KeyGenerate =
        request(json!({"bits": 2048, "output_dir": directory.path(), "id": "web"}));
    let answer = key_generate(&asked).unwrap();
    assert!(
        serde_json::to_value(&answer)
            .unwrap()
            .get("private_key")
            .is_none()
    );
    let mode = |name: &str| {
        fs::metadata(directory.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    assert_eq!((mode("web.pem"), mode("web.pub")), (0o400, 0o644));
    assert_eq!(
        fs::read_to_string(answer.public_key_path.unwrap()).unwrap(),
        answer.public_key
    );

    fs::remove_file(directory.path().join("web.pem")).unwrap();
    let error = key_generate(&asked).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::AlreadyExists, Some("/output_dir"))
    );
    assert!(
        !directory.path().join("web.pem").exists(),
        "half a pair must not stay"
    );
    for (half, field) in [
        (json!({"output_dir": "/tmp"}), "/id"),
        (json!({"id": "a"}), "/output_dir"),
    ] {
        assert_eq!(
            key_generate(&request(half)).unwrap_err().field(),
            Some(field)
        );
    }
}

#[test]
fn accept_and_revoke_go_together() {
    let pki = tempfile::tempdir().unwrap();
    fs::create_dir(pki.path().join("minions")).unwrap();
    let asked: KeyAccept = request(json!({"pki_dir": pki.path(), "id": "web", "public_key": KEY}));
    let accepted = key_accept(&asked).unwrap();
    assert!(accepted.accepted && !key_accept(&asked).unwrap().accepted);
    let revoke = |more: Value| {
        let mut asked = json!({"pki_dir": pki.path(), "id": "web"});
        asked
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        key_revoke(&request::<KeyRevoke>(asked))
    };
    assert_eq!(revoke(json!({})).unwrap_err().kind(), Kind::InvalidField);
    let both = json!({"public_key": KEY, "fingerprint": accepted.fingerprint});
    assert_eq!(revoke(both).unwrap_err().kind(), Kind::InvalidField);
    assert!(
        revoke(json!({"fingerprint": accepted.fingerprint}))
            .unwrap()
            .revoked
    );
    assert!(!revoke(json!({"public_key": KEY})).unwrap().revoked);
}

#[test]
fn fingerprints_of_text_and_file_are_the_same() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), KEY.replace('\n', "\r\n")).unwrap();
    let of = |value| key_fingerprint(&request::<KeyFingerprint>(value));
    let text = of(json!({"public_key": KEY})).unwrap();
    assert_eq!(
        text,
        of(json!({"path": file.path(), "hash_type": "sha256"})).unwrap()
    );
    assert_eq!(
        of(json!({"public_key": KEY, "hash_type": "sha512"}))
            .unwrap()
            .fingerprint
            .len(),
        64 * 3 - 1
    );
    assert_eq!(of(json!({})).unwrap_err().kind(), Kind::InvalidField);
    assert_eq!(
        of(json!({"path": "/nonexistent"})).unwrap_err().field(),
        Some("/path")
    );
}

#[test]
fn unknown_members_and_bad_ids_do_not_parse() {
    assert!(serde_json::from_value::<KeyGenerate>(json!({"bit": 2048})).is_err());
    assert!(
        serde_json::from_value::<KeyAccept>(
            json!({"pki_dir": "/p", "id": "../x", "public_key": ""})
        )
        .is_err()
    );
    assert!(serde_json::from_value::<KeyFingerprint>(json!({"hash_type": "md5"})).is_err());
}
