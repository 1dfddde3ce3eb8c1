use std::fs;

use uuid::Uuid;

use super::*;
use crate::drivers::minion::AcceptedKey;
use crate::salt::{HashType, PublicKey};

const MINE: &str = include_str!("../../../salt/fixtures/minion.pub");
const OTHER: &str = include_str!("../../../salt/fixtures/other.pub");

/// A state directory, and a master that has accepted `keys`.
fn master(keys: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let pki = dir.path().join("pki");
    fs::create_dir_all(pki.join("minions")).unwrap();
    for (id, pem) in keys {
        fs::write(pki.join("minions").join(id), pem).unwrap();
    }
    let pki = pki.display().to_string();
    (dir, pki)
}

fn fingerprint(pem: &str) -> String {
    let key = PublicKey::from_pem(pem).unwrap();
    key.fingerprint(HashType::Sha256)
}

fn server(name: &str, uuid: u128) -> ServerIdentity {
    ServerIdentity {
        name: name.into(),
        uuid: Uuid::from_u128(uuid),
    }
}

fn key(pki_dir: &str, id: &str, pem: &str, server: Option<ServerIdentity>) -> MinionKey {
    MinionKey {
        pki_dir: pki_dir.into(),
        id: id.into(),
        fingerprint: fingerprint(pem),
        server,
    }
}

fn note(dir: &tempfile::TempDir, key: MinionKey) {
    let host = crate::transaction::HostId::new("host");
    let notes = AcceptedKeys::below(dir.path());
    notes.note(&AcceptedKey { host, key }).unwrap();
}

fn has(pki: &str, id: &str) -> bool {
    Path::new(pki).join("minions").join(id).exists()
}

fn is_kept(removal: &Removal, why: &str) -> bool {
    matches!(removal, Removal::Kept(reason) if reason.contains(why))
}

#[test]
fn a_servers_own_key_goes_by_its_name() {
    for id in ["web", "web.example.org"] {
        let (dir, pki) = master(&[(id, MINE)]);
        let own = key(&pki, id, MINE, Some(server("web", 1)));
        assert_eq!(revoke(dir.path(), &own), Ok(Removal::Gone));
        assert!(!has(&pki, id));
        assert_eq!(revoke(dir.path(), &own), Ok(Removal::Absent));
    }
}

#[test]
fn a_record_that_names_another_minion_does_not_revoke_its_key() {
    let (dir, pki) = master(&[("db", OTHER), ("web2", OTHER)]);
    for id in ["db", "web2"] {
        let forged = key(&pki, id, OTHER, Some(server("web", 1)));
        let removal = revoke(dir.path(), &forged).unwrap();
        assert!(
            is_kept(&removal, "nothing but the record of web"),
            "{removal:?}"
        );
        assert!(has(&pki, id));
    }
    let absent = key(&pki, "nobody", OTHER, Some(server("web", 1)));
    assert_eq!(revoke(dir.path(), &absent), Ok(Removal::Absent));
}

#[test]
fn a_key_that_was_accepted_for_another_server_stays_whatever_the_name() {
    let (dir, pki) = master(&[("web.prod", OTHER)]);
    note(
        &dir,
        key(&pki, "web.prod", OTHER, Some(server("web.prod", 2))),
    );
    let forged = key(&pki, "web.prod", OTHER, Some(server("web", 1)));
    let removal = revoke(dir.path(), &forged).unwrap();
    assert!(
        is_kept(&removal, "was accepted for web.prod"),
        "{removal:?}"
    );
    assert!(has(&pki, "web.prod"));
    let owner = key(&pki, "web.prod", OTHER, Some(server("web.prod", 2)));
    assert_eq!(revoke(dir.path(), &owner), Ok(Removal::Gone));
}

#[test]
fn a_note_proves_a_key_of_any_id_and_goes_with_it() {
    let (dir, pki) = master(&[("node-7", MINE)]);
    let own = key(&pki, "node-7", MINE, Some(server("web", 1)));
    note(&dir, own.clone());
    // the server may have been renamed, and its record changed
    let recorded = key(&pki, "node-7", OTHER, Some(server("web-old", 1)));
    assert_eq!(revoke(dir.path(), &recorded), Ok(Removal::Gone));
    assert!(!has(&pki, "node-7"));
    let notes = AcceptedKeys::below(dir.path());
    assert_eq!(notes.of(&own.note()), Ok(Noted::Nothing));
}

#[test]
fn a_key_that_took_the_place_of_the_servers_own_stays() {
    let (dir, pki) = master(&[("web", OTHER)]);
    let own = key(&pki, "web", MINE, Some(server("web", 1)));
    note(&dir, own.clone());
    let removal = revoke(dir.path(), &own).unwrap();
    assert!(is_kept(&removal, "another key now"), "{removal:?}");
    assert!(has(&pki, "web"));
}

#[test]
fn a_note_that_cannot_be_read_forbids() {
    let (dir, pki) = master(&[("web", MINE)]);
    let own = key(&pki, "web", MINE, Some(server("web", 1)));
    note(&dir, own.clone());
    let folder = dir.path().join("accepted");
    let file = fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::write(file, "{").unwrap();
    let removal = revoke(dir.path(), &own).unwrap();
    assert!(is_kept(&removal, "cannot be read"), "{removal:?}");
    assert!(has(&pki, "web"));
}

#[test]
fn a_journal_of_old_that_does_not_say_whose_a_key_is_goes_by_the_key() {
    let (dir, pki) = master(&[("node-7", MINE), ("node-8", OTHER)]);
    let text =
        |id: &str| serde_json::json!({"pki_dir": pki, "id": id, "fingerprint": fingerprint(MINE)});
    let old = |id| serde_json::from_value::<MinionKey>(text(id)).unwrap();
    assert_eq!(revoke(dir.path(), &old("node-7")), Ok(Removal::Gone));
    let removal = revoke(dir.path(), &old("node-8")).unwrap();
    assert!(is_kept(&removal, "another key now"), "{removal:?}");
}

#[test]
fn a_key_is_missed_where_its_master_is_here_and_has_none_of_that_id() {
    let recorded = |id: &str, pki_dir: Option<&str>| RecordedMinion {
        id: id.into(),
        fingerprint: fingerprint(MINE),
        pki_dir: pki_dir.map(ToOwned::to_owned),
    };
    let (_dir, pki) = master(&[("web", OTHER)]);
    let missing = |minion: RecordedMinion| missing_key(Some(&minion)).unwrap();
    assert_eq!(
        missing(recorded("db", Some(&pki))),
        Some(format!("minion key {pki}/minions/db"))
    );
    // made anew on the guest; not accepted here; a master elsewhere
    assert_eq!(missing(recorded("web", Some(&pki))), None);
    assert_eq!(missing(recorded("db", None)), None);
    assert_eq!(missing(recorded("db", Some("/nowhere/pki"))), None);
    assert_eq!(missing_key(None), Ok(None));
}

#[test]
fn a_note_that_is_taken_back_again_is_not_read_meanwhile() {
    let (dir, pki) = master(&[("web", MINE)]);
    let own = key(&pki, "web", MINE, Some(server("web", 1)));
    note(&dir, own.clone());
    let notes = AcceptedKeys::below(dir.path());
    // another creation of that name, which finds the key accepted
    let alone = notes.alone().unwrap();
    note(&dir, key(&pki, "web", OTHER, Some(server("web", 2))));
    let removal = std::thread::scope(|scope| {
        let revoking = scope.spawn(|| revoke(dir.path(), &own));
        std::thread::sleep(std::time::Duration::from_millis(50));
        note(&dir, own.clone());
        drop(alone);
        revoking.join().unwrap()
    });
    assert_eq!(removal, Ok(Removal::Gone));
    assert!(!has(&pki, "web"));
}
