use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::driver::{CreateOptions, Deleted, Server, Status, WaitFor};
use crate::drivers::creation::{CreatedServer, Removals, Started};
use crate::drivers::minion::{MinionKey, ServerIdentity};
use crate::salt::MinionId;
use crate::transaction::{HostId, Removal, Resource, Transaction, Undone};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Part {
    Disk,
    Key(MinionKey),
}

impl From<MinionKey> for Part {
    fn from(key: MinionKey) -> Self {
        Self::Key(key)
    }
}

impl Resource for Part {
    fn kind(&self) -> &'static str {
        "volume"
    }
    fn name(&self) -> String {
        "root".to_owned()
    }
}

/// A host that writes down what it is asked to do.
struct Host {
    did: RefCell<Vec<&'static str>>,
    existing: RefCell<Vec<Namesake<()>>>,
    missing: Vec<String>,
    started: Started,
    fails: Option<Kind>,
    address: &'static str,
    interrupt: bool,
    cx: Context,
}

impl Host {
    fn new(dir: &tempfile::TempDir) -> Self {
        Self {
            did: RefCell::default(),
            existing: RefCell::default(),
            missing: Vec::new(),
            started: Started::Yes,
            fails: None,
            address: "10.0.0.2",
            interrupt: false,
            cx: Context::below(dir.path()),
        }
    }

    fn with(self, existing: Namesake<()>) -> Self {
        self.existing.borrow_mut().push(existing);
        self
    }

    fn did(&self, what: &'static str) {
        self.did.borrow_mut().push(what);
    }

    fn create(&self, more: Value) -> Result<Created> {
        let (spec, options) = asked(more);
        create(
            &self.cx,
            Wanted::check(&self.cx, &spec, None, options)?,
            self,
        )
    }
}

fn asked(options: Value) -> (ServerSpec, CreateOptions) {
    #[derive(Deserialize)]
    struct Options {
        #[serde(default)]
        wait: Option<WaitFor>,
    }
    let options: Options = serde_json::from_value(options).unwrap();
    let options = CreateOptions {
        wait: options.wait,
        timeout: Some(0),
        seal: false,
    };
    (
        serde_json::from_value(json!({"server_name": "web"})).unwrap(),
        options,
    )
}

fn same() -> Namesake<()> {
    Namesake::Ours {
        server: (),
        digest: "same".into(),
    }
}

fn server(status: Status) -> Server {
    Server::new("p", "web", "1".into(), status)
}

impl Recovery for Host {
    type Artifact = Part;

    fn host_id(&self) -> Result<HostId> {
        Ok(HostId::new("host"))
    }

    fn remover<'a>(
        &'a self,
        _made: &[Part],
        _hurry: bool,
    ) -> impl FnMut(&Part) -> Result<Removal> + 'a {
        |_| {
            self.did("clear up");
            Ok(Removal::Gone)
        }
    }

    fn has_server(&self, _server: &ServerIdentity) -> Result<bool> {
        Ok(true)
    }
}

impl Creator for Host {
    type Host = Self;
    type Plan = ();
    type Existing = ();
    type Server = ();

    fn host(&self) -> &Self {
        self
    }

    fn digest(&self) -> String {
        "same".into()
    }

    fn namesakes(&self) -> Result<Vec<Namesake<()>>> {
        self.did("look");
        Ok(self.existing.borrow().clone())
    }

    fn what_is_missing(&self, (): &()) -> Result<Vec<String>> {
        Ok(self.missing.clone())
    }

    fn show_existing(&self, (): &()) -> Result<(Server, Vec<String>)> {
        Ok((server(Status::Shutoff), Vec::new()))
    }

    fn prepare(&self) -> Result<()> {
        self.did("prepare");
        Ok(())
    }

    fn show_plan(&self, (): &(), exists: bool) -> Result<PlanAnswer> {
        Ok(PlanAnswer {
            create: !exists,
            steps: Vec::new(),
            plan: Value::Null,
            warnings: Vec::new(),
        })
    }

    fn identity(&self, (): &()) -> ServerIdentity {
        ServerIdentity {
            name: "web".into(),
            uuid: Uuid::from_u128(1),
        }
    }

    fn execute(&self, (): &(), steps: &mut Steps<'_, Part>) -> Result<CreatedServer<()>> {
        steps.record(Part::Disk)?;
        self.did("make");
        if let Some(kind) = self.fails {
            if kind == Kind::AlreadyExists {
                self.existing.borrow_mut().push(same());
            }
            return Err(Error::new(kind, "no"));
        }
        if self.interrupt {
            self.cx.cancel.cancel();
        }
        Ok(CreatedServer {
            server: (),
            started: self.started.clone(),
            warnings: vec!["by the plan".into()],
        })
    }

    fn roll_back(&self, transaction: Transaction<Part>, cause: Error) -> Error {
        transaction.roll_back(cause, |_| {
            self.did("undo");
            Ok(Removal::Gone)
        })
    }

    fn show(&self, (): &()) -> Result<Server> {
        if self.address == "away" {
            return Err(Error::new(Kind::ConnectionFailed, "no route"));
        }
        Ok(Server {
            ip: self.address.into(),
            ..server(Status::Active)
        })
    }

    fn unseen(&self, (): &(), (): &()) -> Server {
        server(Status::Unknown)
    }

    fn delete(&self, (): &()) -> Result<Deleted> {
        self.did("delete");
        let mut removals = Removals::default();
        removals.add(Undone {
            removed: vec![Part::Disk],
            left: Vec::new(),
            left_behind: Vec::new(),
        });
        Ok(Deleted {
            success: true,
            message: String::new(),
            deleted: true,
            removed: removals.removed,
            left: removals.left,
            minion_id: None,
        })
    }

    fn seal(&self, (): &()) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_creation_goes_its_way_and_leaves_no_journal() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::new(&dir);
    let made = host.create(json!({"wait": "address"})).unwrap();
    assert!(made.created && made.ready);
    assert_eq!(made.warnings, ["by the plan"]);
    assert_eq!(*host.did.borrow(), ["look", "prepare", "make"]);
    let journals = std::fs::read_dir(host.cx.state_dir.join("journal")).unwrap();
    assert_eq!(journals.count(), 0);
}

#[test]
fn what_was_cut_off_is_cleared_up_before_anybody_looks() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::new(&dir);
    let (spec, options) = asked(json!({}));
    let wanted = Wanted::check(&host.cx, &spec, None, options).unwrap();
    let mut cut_off =
        Steps::<Part>::begin(&host.cx, wanted, HostId::new("host"), host.identity(&())).unwrap();
    cut_off.record(Part::Disk).unwrap();
    drop(cut_off);
    host.create(json!({})).unwrap();
    assert_eq!(host.did.borrow()[..2], ["clear up", "look"]);
}

#[test]
fn the_same_server_is_answered_and_another_of_its_name_refused() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::new(&dir).with(same());
    let answer = host.create(json!({})).unwrap();
    assert!(!answer.created && !answer.ready);
    assert_eq!(answer.warnings, ["web exists already, but it does not run"]);
    assert_eq!(*host.did.borrow(), ["look"]);
    assert!(host.create(json!({"wait": "defined"})).unwrap().ready);
    let (spec, _) = asked(json!({}));
    assert!(!plan_only(&host, &spec).unwrap().create);

    let other = Namesake::Ours {
        server: (),
        digest: "other".into(),
    };
    for (namesake, why) in [
        (other, "made from another specification"),
        (Namesake::Foreign("is broken".into()), "which is broken"),
    ] {
        let host = Host::new(&dir).with(namesake.clone());
        let error = host.create(json!({})).unwrap_err();
        assert_eq!(error.kind(), Kind::AlreadyExists);
        assert!(error.message().contains(why), "{error}");
        assert!(plan_only(&host, &spec).is_err());
        // beside others the same one counts
        assert!(!host.with(same()).create(json!({})).unwrap().created);
    }
}

#[test]
fn a_server_without_its_parts_is_never_taken_for_the_one_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        missing: vec!["volume vms/web.root".into(), "minion key web".into()],
        ..Host::new(&dir).with(same())
    };
    let (spec, _) = asked(json!({}));
    for error in [
        host.create(json!({})).unwrap_err(),
        plan_only(&host, &spec).unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(
            error.message().contains("vms/web.root, minion key web"),
            "{error}"
        );
    }
}

#[test]
fn what_fails_is_undone_and_who_was_slower_gets_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        fails: Some(Kind::QuotaExceeded),
        ..Host::new(&dir)
    };
    let error = host.create(json!({})).unwrap_err();
    assert_eq!(error.kind(), Kind::QuotaExceeded);
    assert_eq!(*host.did.borrow(), ["look", "prepare", "make", "undo"]);

    let host = Host {
        fails: Some(Kind::AlreadyExists),
        ..Host::new(&dir)
    };
    assert!(!host.create(json!({})).unwrap().created);
    assert!(host.did.borrow().contains(&"undo"));
}

#[test]
fn whatever_is_not_ready_has_a_sentence_that_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let unseen = Started::Unseen("no route".into());
    for (started, address, why) in [
        (Started::NotYet, "", "did not run within 0 seconds"),
        (unseen, "", "its status is not known: no route"),
        (Started::Yes, "", "had no address within 0 seconds"),
        (Started::Yes, "away", "waiting for it failed"),
    ] {
        let host = Host {
            started,
            address,
            ..Host::new(&dir)
        };
        let answer = host.create(json!({"wait": "address"})).unwrap();
        assert!(answer.created && !answer.ready);
        let told = answer.warnings.iter().any(|warning| warning.contains(why));
        assert!(told, "{:?}", answer.warnings);
    }
}

#[test]
fn who_interrupts_the_wait_does_not_want_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        address: "",
        interrupt: true,
        ..Host::new(&dir)
    };
    let error = host.create(json!({"wait": "address"})).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
    assert_eq!(host.did.borrow().last(), Some(&"delete"));
}

#[test]
fn keys_are_made_beside_the_first_slow_step_unless_they_are_given() {
    let dir = tempfile::tempdir().unwrap();
    let cx = Context::below(dir.path());
    let spec: ServerSpec =
        serde_json::from_value(json!({"server_name": "web", "minion": {}})).unwrap();
    let id = MinionId::new("web").unwrap();
    let server = ServerIdentity {
        name: "web".into(),
        uuid: Uuid::from_u128(1),
    };
    let mut wanted = Wanted::check(&cx, &spec, Some(&id), CreateOptions::default()).unwrap();
    wanted.given = Some(minion::sample());
    let mut steps = Steps::<Part>::begin(&cx, wanted, HostId::new("host"), server.clone()).unwrap();
    steps.beside_keys(|_| Ok(())).unwrap();
    assert!(
        steps.keys().unwrap().fingerprint.is_empty(),
        "the given ones"
    );

    let wanted = Wanted::check(&cx, &spec, Some(&id), CreateOptions::default()).unwrap();
    let mut steps = Steps::<Part>::begin(&cx, wanted, HostId::new("host"), server).unwrap();
    steps.beside_keys(|steps| steps.record(Part::Disk)).unwrap();
    let recorded = steps.recorded_minion().unwrap();
    assert_eq!((recorded.id.as_str(), recorded.pki_dir), ("web", None));
    assert_eq!(recorded.fingerprint, steps.keys().unwrap().fingerprint);
}
