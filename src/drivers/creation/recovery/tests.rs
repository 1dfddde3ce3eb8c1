use std::cell::RefCell;
use std::fs;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::*;
use crate::drivers::creation::revoke;
use crate::salt::{HashType, PublicKey};
use crate::transaction::{HostId, Transaction};

const PEM: &str = include_str!("../../../salt/fixtures/minion.pub");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource")]
enum Thing {
    Disk { name: String },
    Key(MinionKey),
}

impl From<MinionKey> for Thing {
    fn from(key: MinionKey) -> Self {
        Self::Key(key)
    }
}

impl Resource for Thing {
    fn kind(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "volume",
            Self::Key(_) => "minion_key",
        }
    }
    fn name(&self) -> String {
        match self {
            Self::Disk { name } => name.clone(),
            Self::Key(key) => key.place(),
        }
    }
}

fn disk(name: &str) -> Thing {
    Thing::Disk { name: name.into() }
}

/// A host with the server `1` and the disks in `disks`, of which those with an `x` belong to none.
struct Host {
    cx: Context,
    disks: RefCell<Vec<String>>,
}

impl Recovery for Host {
    type Artifact = Thing;

    fn host_id(&self) -> Result<HostId> {
        Ok(HostId::new("host"))
    }

    fn remover<'a>(
        &'a self,
        _made: &[Thing],
        _hurry: bool,
    ) -> impl FnMut(&Thing) -> Result<Removal> + 'a {
        |thing| match thing {
            Thing::Key(key) => revoke(&self.cx.state_dir, key),
            Thing::Disk { name } if name == "busy" => Err(Error::new(Kind::Timeout, "busy")),
            Thing::Disk { name } if name == "another's" => {
                Ok(Removal::Kept("it is another's".into()))
            }
            Thing::Disk { name } => {
                let mut disks = self.disks.borrow_mut();
                let before = disks.len();
                disks.retain(|disk| disk != name);
                Ok(Removal::of(disks.len() < before))
            }
        }
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        Ok(server.uuid == Uuid::from_u128(1))
    }

    fn orphans(&self) -> Result<Vec<Orphan<Thing>>> {
        let disks = self.disks.borrow();
        let lost = disks.iter().filter(|disk| disk.contains('x'));
        Ok(lost
            .map(|name| Orphan {
                artifact: disk(name),
                reason: "no server has it".into(),
            })
            .collect())
    }
}

fn host(dir: &tempfile::TempDir, disks: &[&str]) -> Host {
    Host {
        cx: Context::below(dir.path()),
        disks: RefCell::new(disks.iter().map(|name| (*name).to_owned()).collect()),
    }
}

/// A journal of the server `subject` that names `things`.
fn journal(host: &Host, subject: &str, things: &[Thing]) -> Transaction<Thing> {
    let journal = Journal::create(&host.cx.state_dir, &HostId::new("host"), subject).unwrap();
    let mut transaction = Transaction::begin(journal);
    transaction.record_all(things.to_vec()).unwrap();
    transaction
}

/// An accepted key of the server `uuid`, with its note.
fn accepted(host: &Host, id: &str, uuid: u128) -> MinionKey {
    let pki = host.cx.salt_config_dir.join("pki");
    fs::create_dir_all(pki.join("minions")).unwrap();
    fs::write(pki.join("minions").join(id), PEM).unwrap();
    let key = MinionKey {
        pki_dir: pki.display().to_string(),
        id: id.into(),
        fingerprint: PublicKey::from_pem(PEM)
            .unwrap()
            .fingerprint(HashType::Sha256),
        server: Some(ServerIdentity {
            name: id.into(),
            uuid: Uuid::from_u128(uuid),
        }),
    };
    let note = AcceptedKey {
        host: HostId::new("host"),
        key: key.clone(),
    };
    AcceptedKeys::below(&host.cx.state_dir).note(&note).unwrap();
    key
}

fn names<T>(all: &[T], name: impl Fn(&T) -> &str) -> Vec<&str> {
    let mut names: Vec<_> = all.iter().map(name).collect();
    names.sort_unstable();
    names
}

const REMOVE: RecoverOptions = RecoverOptions {
    remove_orphans: true,
};

#[test]
fn recovery_tells_what_is_gone_from_what_is_kept_and_what_must_still_go() {
    let dir = tempfile::tempdir().unwrap();
    let host = host(&dir, &["root", "another's", "busy"]);
    let all = ["root", "data", "another's", "busy"].map(disk);
    drop(journal(&host, "web", &all));
    let recovered = recover(&host.cx, &host, RecoverOptions::default()).unwrap();
    assert_eq!(names(&recovered.removed, |one| &one.name), ["root"]);
    assert_eq!(names(&recovered.left, |one| &one.name), ["another's"]);
    assert_eq!(names(&recovered.left_behind, |one| &one.name), ["busy"]);
    assert!(recovered.orphans.is_empty());
}

#[test]
fn a_recovery_of_one_server_leaves_the_others_journals() {
    let dir = tempfile::tempdir().unwrap();
    let host = host(&dir, &["a", "b"]);
    drop(journal(&host, "web", &[disk("a")]));
    drop(journal(&host, "db", &[disk("b")]));
    let removals = recover_subject(&host.cx, &host, "web").unwrap();
    assert_eq!(names(&removals.removed, |one| &one.name), ["a"]);
    drop(journal(&host, "mail", &[disk("busy")]));
    let error = recover_subject(&host.cx, &host, "mail").unwrap_err();
    assert_eq!(error.kind(), Kind::PartialFailure);
    assert_eq!(names(error.left_behind(), |one| &one.name), ["busy"]);
}

#[test]
fn orphans_are_named_and_removed_on_request_only() {
    let dir = tempfile::tempdir().unwrap();
    let host = host(&dir, &["ours", "x-lost"]);
    let gone = accepted(&host, "gone", 2);
    accepted(&host, "there", 1);
    let found = recover(&host.cx, &host, RecoverOptions::default()).unwrap();
    let mut expected = [gone.place(), "x-lost".to_owned()];
    expected.sort();
    assert_eq!(names(&found.orphans, |one| &one.name), expected);
    assert!(found.removed.is_empty());
    let removed = recover(&host.cx, &host, REMOVE).unwrap();
    assert_eq!(names(&removed.removed, |one| &one.name), expected);
    assert!(removed.orphans.is_empty());
    assert_eq!(*host.disks.borrow(), ["ours"]);
    assert!(
        std::path::Path::new(&gone.pki_dir)
            .join("minions/there")
            .exists()
    );
}

#[test]
fn what_is_being_made_is_no_orphan() {
    let dir = tempfile::tempdir().unwrap();
    let host = host(&dir, &["x-new"]);
    let key = accepted(&host, "new", 3);
    let at_work = journal(&host, "new", &[disk("x-new"), Thing::Key(key)]);
    let recovered = recover(&host.cx, &host, REMOVE).unwrap();
    assert!(recovered.removed.is_empty() && recovered.orphans.is_empty());
    drop(at_work);
}

#[test]
fn a_key_that_somebody_took_away_is_no_orphan_and_its_note_goes() {
    let dir = tempfile::tempdir().unwrap();
    let host = host(&dir, &[]);
    let key = accepted(&host, "gone", 2);
    fs::remove_file(key.place()).unwrap();
    let recovered = recover(&host.cx, &host, RecoverOptions::default()).unwrap();
    assert!(recovered.orphans.is_empty());
    let notes = AcceptedKeys::below(&host.cx.state_dir);
    assert!(notes.on(&HostId::new("host")).unwrap().is_empty());
}
