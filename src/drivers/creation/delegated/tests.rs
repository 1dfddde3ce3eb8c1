use std::cell::{Cell, RefCell};
use std::fs;

use super::*;
use crate::driver::{RecoverOptions, Removed};
use crate::drivers::creation::recover;
use crate::drivers::minion::AcceptedKey;
use crate::salt::{HashType, PublicKey};

const PEM: &str = include_str!("../../../salt/fixtures/minion.pub");

/// Somebody else, who has servers, and may not let go of them.
struct Far {
    cx: Context,
    servers: RefCell<Vec<String>>,
    stubborn: Cell<bool>,
}

impl Far {
    /// With the server `web` and its accepted key.
    fn with_web(dir: &tempfile::TempDir) -> (Self, MinionKey) {
        let far = Self {
            cx: Context::below(dir.path()),
            servers: RefCell::new(vec!["web".to_owned()]),
            stubborn: Cell::new(true),
        };
        let pki = dir.path().join("pki");
        fs::create_dir_all(pki.join("minions")).unwrap();
        fs::write(pki.join("minions/web"), PEM).unwrap();
        let public = PublicKey::from_pem(PEM).unwrap();
        let key = MinionKey {
            pki_dir: pki.display().to_string(),
            id: "web".to_owned(),
            fingerprint: public.fingerprint(HashType::Sha256),
            server: Some(ServerIdentity {
                name: "web".to_owned(),
                uuid: Uuid::from_u128(1),
            }),
        };
        let (host, noted) = (host_of(&far), key.clone());
        let notes = AcceptedKeys::below(&far.cx.state_dir);
        notes.note(&AcceptedKey { host, key: noted }).unwrap();
        (far, key)
    }

    fn ask(&self) -> Result<Deleted> {
        self.remove("web", &[])?;
        let mut deleted = Deleted::new("gone", true);
        deleted.removed.push(Removed::new("server", "web"));
        Ok(deleted)
    }

    fn journals(&self) -> usize {
        fs::read_dir(self.cx.state_dir.join(Journal::FOLDER))
            .unwrap()
            .count()
    }
}

impl Delegate for Far {
    fn cx(&self) -> &Context {
        &self.cx
    }

    fn provider(&self) -> (&str, &str) {
        ("far", "away")
    }

    fn has(&self, name: &str) -> Result<bool> {
        Ok(self.servers.borrow().iter().any(|server| server == name))
    }

    fn remove(&self, name: &str, _ids: &[String]) -> Result<Removal> {
        if self.stubborn.get() {
            return Err(Error::new(Kind::Conflict, "not now"));
        }
        let was_there = self.has(name)?;
        self.servers.borrow_mut().retain(|server| server != name);
        Ok(Removal::of(was_there))
    }

    fn delete(&self, _name: &str) -> Result<Deleted> {
        self.ask()
    }
}

#[test]
fn a_server_that_is_not_deleted_keeps_its_key_and_one_that_is_takes_it_along() {
    let dir = tempfile::tempdir().unwrap();
    let (far, key) = Far::with_web(&dir);
    let options = DeleteOptions::default();
    let there = || Ok(Some(Vec::new()));
    let delete = || delete(&far, "web", &options, there, |_| far.ask());
    assert_eq!(delete().unwrap_err().kind(), Kind::Conflict);
    assert!(fs::exists(key.place()).unwrap());
    assert_eq!(far.journals(), 0);
    let plan = plan_deletion(&far, "web", true, &options).unwrap();
    assert_eq!((plan.would_change, plan.would_remove.len()), (true, 2));

    far.stubborn.set(false);
    let deleted = delete().unwrap();
    let removed: Vec<_> = deleted.removed.iter().map(|one| &one.resource).collect();
    assert_eq!(removed, ["server", "minion_key"]);
    assert_eq!(deleted.minion_id.as_deref(), Some("web"));
    assert!(!fs::exists(key.place()).unwrap());
    assert_eq!(far.journals(), 0);
}

#[test]
fn nothing_is_written_down_of_a_server_that_may_not_be_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (far, key) = Far::with_web(&dir);
    let journal = far.cx.state_dir.join(Journal::FOLDER);
    let look = || {
        let files = fs::read_dir(&journal).unwrap().flatten();
        let sizes: Vec<_> = files.map(|file| file.metadata().unwrap().len()).collect();
        assert_eq!(sizes, [0]);
        Err(Error::new(Kind::Conflict, "another's"))
    };
    let ask = |_: &_| panic!("it was asked to delete what is another's");
    let refused = delete(&far, "web", &DeleteOptions::default(), look, ask);
    assert_eq!(refused.unwrap_err().message(), "another's");
    assert!(fs::exists(key.place()).unwrap());
    assert_eq!(far.journals(), 0);
}

#[test]
fn what_was_cut_off_is_recovered_the_server_first_and_the_key_only_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (far, key) = Far::with_web(&dir);
    let journal = Journal::sole(&far.cx.state_dir, &host_of(&far), "web");
    let mut cut_off = Transaction::begin(journal.unwrap().unwrap());
    let server = Artifact::Server {
        name: "web".to_owned(),
        ids: Vec::new(),
    };
    let made = vec![Artifact::MinionKey(key.clone()), server];
    cut_off.record_all(made).unwrap();
    drop(cut_off);

    let recover = || recover(&far.cx, &far, RecoverOptions::default()).unwrap();
    let left = recover().left_behind;
    let left: Vec<_> = left.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(left, ["not now", "its server is still there"]);
    assert!(fs::exists(key.place()).unwrap());
    // nor does another call begin on top of it
    let sole = sole_journal(&far, "web", Duration::ZERO).unwrap_err();
    assert_eq!(sole.kind(), Kind::PartialFailure);

    far.stubborn.set(false);
    let removed = recover().removed;
    let removed: Vec<_> = removed.iter().map(|one| one.resource.as_str()).collect();
    assert_eq!(removed, ["server", "minion_key"]);
    assert!(!fs::exists(key.place()).unwrap());
    assert_eq!(far.journals(), 0);
}
