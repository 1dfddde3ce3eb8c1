use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{ExpectedKey, accept, revoke};
use crate::Kind;
use crate::salt::{HashType, MinionId, PublicKey};

fn key() -> PublicKey {
    PublicKey::from_pem(include_str!("../fixtures/minion.pub")).unwrap()
}

fn other() -> PublicKey {
    PublicKey::from_pem(include_str!("../fixtures/other.pub")).unwrap()
}

fn id() -> MinionId {
    MinionId::new("web-1.example.org").unwrap()
}

fn pki() -> tempfile::TempDir {
    let pki = tempfile::tempdir().unwrap();
    for state in [
        "minions",
        "minions_pre",
        "minions_rejected",
        "minions_denied",
    ] {
        fs::create_dir(pki.path().join(state)).unwrap();
    }
    pki
}

fn names(path: &Path) -> Vec<String> {
    fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_key_is_accepted_once() {
    let pki = pki();
    let first = accept(pki.path(), &id(), &key()).unwrap();
    assert!(first.is_new);
    assert_eq!(first.path, pki.path().join("minions/web-1.example.org"));
    assert_eq!(first.fingerprint, key().fingerprint(HashType::Sha256));
    assert_eq!(fs::read_to_string(&first.path).unwrap(), key().pem());
    assert_eq!(
        fs::metadata(&first.path).unwrap().permissions().mode() & 0o7777,
        0o644
    );
    assert!(!accept(pki.path(), &id(), &key()).unwrap().is_new);
    assert_eq!(names(&pki.path().join("minions")), ["web-1.example.org"]);
}

#[test]
fn never_over_another_key_in_any_state() {
    for (state, existing) in [
        ("minions", other()),
        ("minions_pre", other()),
        ("minions_rejected", other()),
        ("minions_rejected", key()),
        ("minions_denied", key()),
    ] {
        let pki = pki();
        let file = pki.path().join(state).join(id().as_str());
        fs::write(&file, existing.pem()).unwrap();
        let error = accept(pki.path(), &id(), &key()).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::AlreadyExists, Some("/id")),
            "{state}"
        );
        assert!(error.message().contains(file.to_str().unwrap()), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), existing.pem());
        assert!(state == "minions" || names(&pki.path().join("minions")).is_empty());
    }
}

#[test]
fn a_pending_key_moves() {
    let pki = pki();
    fs::write(
        pki.path().join("minions_pre").join(id().as_str()),
        key().pem(),
    )
    .unwrap();
    assert!(accept(pki.path(), &id(), &key()).unwrap().is_new);
    assert!(names(&pki.path().join("minions_pre")).is_empty());
}

#[test]
fn one_of_many_at_once_wins() {
    let pki = pki();
    let keys = [key(), other()];
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (pki, key) = (pki.path(), &keys[n % 2]);
                scope.spawn(move || accept(pki, &id(), key))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(
        results
            .iter()
            .filter(|result| result.as_ref().is_ok_and(|done| done.is_new))
            .count(),
        1
    );
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 4);
    assert_eq!(names(&pki.path().join("minions")).len(), 1);
}

#[test]
fn only_the_expected_key_is_revoked() {
    let pki = pki();
    let file = accept(pki.path(), &id(), &key()).unwrap().path;
    let wrong = ExpectedKey::from_fingerprint(&other().fingerprint(HashType::Sha256)).unwrap();
    for expected in [ExpectedKey::Key(other()), wrong] {
        assert_eq!(
            revoke(pki.path(), &id(), &expected).unwrap_err().kind(),
            Kind::Conflict
        );
        assert!(file.exists());
    }
    let upper = key().fingerprint(HashType::Sha512).to_uppercase();
    let expected = ExpectedKey::from_fingerprint(&upper).unwrap();
    assert!(revoke(pki.path(), &id(), &expected).unwrap().revoked);
    assert!(
        !revoke(pki.path(), &id(), &ExpectedKey::Key(key()))
            .unwrap()
            .revoked
    );

    fs::write(&file, "not a key").unwrap();
    assert_eq!(
        revoke(pki.path(), &id(), &ExpectedKey::Key(key()))
            .unwrap_err()
            .kind(),
        Kind::Conflict
    );
    assert_eq!(
        ExpectedKey::from_fingerprint("ab:cd").unwrap_err().field(),
        Some("/fingerprint")
    );
}

#[test]
fn hostile_and_wrong_directories_are_refused() {
    let pki = pki();
    let minions = pki.path().join("minions");
    symlink("/etc/hostname", minions.join(id().as_str())).unwrap();
    assert_eq!(
        accept(pki.path(), &id(), &key()).unwrap_err().kind(),
        Kind::Conflict
    );
    assert_eq!(
        revoke(pki.path(), &id(), &ExpectedKey::Key(key()))
            .unwrap_err()
            .kind(),
        Kind::Conflict
    );
    fs::remove_file(minions.join(id().as_str())).unwrap();

    for folder in [pki.path(), &minions] {
        let before = fs::metadata(folder).unwrap().permissions();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
        let error = accept(pki.path(), &id(), &key()).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(error.message().contains("chmod o-w"), "{error}");
        fs::set_permissions(folder, before).unwrap();
    }
    fs::rename(&minions, pki.path().join("elsewhere")).unwrap();
    assert_eq!(
        accept(pki.path(), &id(), &key()).unwrap_err().kind(),
        Kind::NotFound
    );
    symlink("elsewhere", &minions).unwrap();
    assert_eq!(
        accept(pki.path(), &id(), &key()).unwrap_err().kind(),
        Kind::Conflict
    );

    for path in ["relative/pki", "/nonexistent/pki"] {
        assert_eq!(
            accept(Path::new(path), &id(), &key()).unwrap_err().field(),
            Some("/pki_dir")
        );
    }
}
