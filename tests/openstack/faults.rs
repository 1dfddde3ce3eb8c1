//! Faults at each request of an operation: the cloud refuses, is unwell for a while, says that nothing is there, the
//! connection breaks before it has heard or after, the program is interrupted or killed. What is asked for is there then,
//! or nothing of it, or what is left is named and removed by the next call; no server is taken apart, and none is left
//! without its port. What passes by itself costs time only.

use std::fs;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::faults::{Answer, Faults, Operation, said};
use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};
use crate::failures::full;
use crate::fault_proxy::{FaultProxy, What};
use crate::leftovers::{leftovers, server};

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It passes by itself.
    Passing(What),
    Cloud(What),
    Interrupted,
    /// While nothing passes.
    Killed(What),
    /// The cloud does it, and says so when nobody waits for it any more.
    TooLate,
}

/// Seconds that are waited for an answer that comes too late.
const PATIENCE: u64 = 8;

const FAULTS: [Fault; 14] = [
    Fault::Killed(What::HoldAfter),
    Fault::Cloud(What::CutAfter),
    Fault::Passing(What::Says(429, 2, None)),
    Fault::Killed(What::HoldBefore),
    // cannot be told from the truth
    Fault::Cloud(What::Says(404, 2, None)),
    Fault::Passing(What::Unwell(15)),
    Fault::Interrupted,
    Fault::Cloud(What::CutBefore),
    Fault::Cloud(What::Says(500, 1, None)),
    Fault::Passing(What::Says(413, 1, Some(1))),
    // carried out while it is recovered already
    Fault::Killed(What::Late),
    Fault::Cloud(What::Says(500, usize::MAX, None)),
    Fault::Passing(What::Says(429, 1, Some(2))),
    Fault::TooLate,
];

/// Where nothing happens.
const NEVER: (usize, What) = (usize::MAX, What::CutBefore);

/// A machine, and in the cloud what the operation begins with.
struct Scene {
    cloud: Rest,
    master: Master,
    operation: Operation,
    name: String,
    proxy: FaultProxy,
    provider: Value,
}

impl Scene {
    fn set(operation: Operation, name: &str) -> Self {
        let bed = OpenStack::shared();
        let proxy = FaultProxy::at_request(bed, NEVER.0, NEVER.1);
        let scene = Self {
            cloud: bed.demo(),
            master: Master::new(),
            operation,
            name: name.to_owned(),
            provider: proxy.provider(bed),
            proxy,
        };
        match operation {
            Operation::Create => {}
            Operation::Delete | Operation::Resize => {
                scene.master.ok("server.create", &scene.creation());
            }
            Operation::Import => fs::write(scene.source(), vec![7; 100_000]).unwrap(),
            Operation::Recover => {
                scene.proxy.arm_at(("POST", "/servers"), What::HoldAfter);
                let running = scene.master.start("server.create", &scene.creation());
                scene.proxy.reached();
                running.signal(Signal::KILL);
                running.end();
                scene.proxy.release();
                assert_ne!(scene.master.leftovers(), [""; 0]);
            }
        }
        scene
    }

    fn creation(&self) -> Value {
        json!({"provider": self.provider, "server": full(&self.name, &self.master)})
    }

    fn about(&self) -> Value {
        json!({"provider": self.provider, "server_name": self.name})
    }

    fn act(&self, action: &str) -> Value {
        let mut params = self.about();
        params["action"] = json!(action);
        if action == "resize" {
            params["size"] = json!("m1.small");
        }
        params
    }

    fn source(&self) -> std::path::PathBuf {
        self.master.path(&format!("{}.raw", self.name))
    }

    fn request(&self) -> (&'static str, Value) {
        match self.operation {
            Operation::Create => ("server.create", self.creation()),
            Operation::Delete => ("server.delete", self.about()),
            Operation::Import => {
                let image = json!({"source": self.source()});
                (
                    "image.import",
                    json!({"provider": self.provider, "image": image}),
                )
            }
            Operation::Resize => ("server.action", self.act("resize")),
            Operation::Recover => ("server.recover", json!({"provider": self.provider})),
        }
    }

    /// Has it done while `fault` happens at request `number`.
    fn strike(&self, number: usize, fault: Fault) -> Answer {
        let what = match fault {
            Fault::Passing(what) | Fault::Cloud(what) | Fault::Killed(what) => what,
            Fault::Interrupted | Fault::TooLate => What::HoldAfter,
        };
        self.proxy.arm(number, what);
        let (method, mut request) = self.request();
        if matches!(fault, Fault::TooLate) {
            request["provider"]["timeout"] = json!(PATIENCE);
        }
        let mut running = self.master.start(method, &request);
        running.stdin.take();
        // how often it asks how far something is may differ: it may end before
        let mut has_ended = false;
        while !self.proxy.is_reached() && !has_ended {
            thread::sleep(Duration::from_millis(5));
            has_ended = running.child.try_wait().unwrap().is_some();
        }
        match fault {
            Fault::Passing(_) | Fault::Cloud(_) | Fault::TooLate => {}
            Fault::Interrupted | Fault::Killed(_) if has_ended => {}
            Fault::Interrupted => {
                running.signal(Signal::TERM);
                thread::sleep(Duration::from_millis(50));
                self.proxy.release();
            }
            Fault::Killed(what) => {
                running.signal(Signal::KILL);
                running.end();
                if what != What::Late {
                    self.proxy.release();
                }
                return None;
            }
        }
        let answer = running.answer().expect("an answer");
        self.proxy.release();
        Some(said(answer))
    }

    fn left(&self) -> Vec<String> {
        leftovers(&self.cloud, &self.name)
    }

    /// Recovers, and sees that it leaves nothing behind; what is still held comes about meanwhile.
    fn recover(&self, when: &str) {
        let request = json!({"provider": self.provider});
        let recovered = thread::scope(|scope| {
            let recovering = scope.spawn(|| self.master.ok("server.recover", &request));
            thread::sleep(Duration::from_secs(1));
            self.proxy.release();
            recovering.join().unwrap()
        });
        assert_eq!(recovered["left_behind"], json!([]), "{when}");
        assert_eq!(self.master.journals(), 0, "{when}");
    }

    fn nothing_left(&self, when: &str) {
        assert_eq!(self.left(), [""; 0], "{when}");
        assert_eq!(self.master.leftovers(), [""; 0], "{when}");
    }

    fn is_whole(&self, when: &str) {
        assert_eq!(self.left().len(), 5, "{when}: {:?}", self.left());
        assert_eq!(self.master.leftovers(), [self.name.as_str()], "{when}");
    }

    /// After `answer` it is as it should be, or the next call makes it so.
    fn check(&self, answer: &Answer, fault: Option<Fault>, number: usize, when: &str) {
        if matches!(fault, Some(Fault::Passing(_))) {
            assert!(matches!(answer, Some(Ok(_))), "{when}");
        }
        let is_late = matches!(fault, Some(Fault::Killed(What::Late)));
        match self.operation {
            Operation::Create | Operation::Delete => {
                self.check_server(answer, fault, number, when);
            }
            Operation::Import => {
                self.check_import(answer, is_late || number.is_multiple_of(2), when);
            }
            Operation::Resize => self.check_resize(when),
            Operation::Recover => {
                self.recover(when);
                self.nothing_left(when);
            }
        }
    }

    fn check_server(&self, answer: &Answer, fault: Option<Fault>, number: usize, when: &str) {
        let is_late = matches!(fault, Some(Fault::Killed(What::Late)));
        let left = self.left();
        match answer {
            Some(Ok(done)) if self.operation == Operation::Create => {
                // a wait that fails is told, and takes nothing back
                let is_active = done["server"]["status"] == "ACTIVE";
                assert!(is_active || done["ready"] == false, "{when}");
                self.is_whole(when);
            }
            // a listing that finds nothing is not told from there being nothing
            Some(Ok(done)) if done["deleted"] == true => self.nothing_left(when),
            Some(Err(error)) if left.len() < 5 || self.operation == Operation::Create => {
                let named = error["data"]["left_behind"].as_array().map_or(0, Vec::len);
                let of = |kind: &str| left.iter().filter(|one| one.starts_with(kind)).count();
                assert!(of("server ") <= of("port "), "{when}: {left:?}");
                // one that is interrupted says that it is to be called again
                let is_noted =
                    matches!(fault, Some(Fault::Interrupted)) && self.master.journals() > 0;
                let is_told = named > 0 || is_noted;
                assert!(left.is_empty() || is_told, "{when}: {left:?}");
            }
            _ => {}
        }
        if is_late || number % 3 == 1 {
            let stands = self.master.journals() == 0 && !left.is_empty();
            self.recover(when);
            if stands {
                self.is_whole(when);
            } else {
                self.nothing_left(when);
            }
        } else if number % 3 == 2 {
            let made = self.master.ok("server.create", &self.creation());
            assert_eq!(made["server"]["status"], "ACTIVE", "{when}");
            self.is_whole(when);
        }
        self.master.ok("server.delete", &self.about());
        self.nothing_left(when);
    }

    fn images(&self) -> Vec<Value> {
        let path = format!("/v2/images?name={}.raw", self.name);
        let listed = self.cloud.get("image", &path);
        listed["images"].as_array().unwrap().clone()
    }

    fn check_import(&self, answer: &Answer, recovers: bool, when: &str) {
        if recovers {
            self.recover(when);
            let images = self.images();
            assert!(
                images.iter().all(|image| image["status"] == "active"),
                "{when}: {images:?}"
            );
        }
        let (method, request) = self.request();
        let again = self.master.ok(method, &request);
        let done = matches!(answer, Some(Ok(_)));
        assert!(!done || again["imported"] == false, "{when}");
        let images = self.images();
        assert_eq!(images.len(), 1, "{when}: {images:?}");
        assert_eq!(images[0]["status"], "active", "{when}");
        assert_eq!(images[0]["tags"], json!([]), "{when}");
        assert_eq!(self.master.leftovers(), [""; 0], "{when}");
        let id = images[0]["id"].as_str().unwrap();
        self.cloud.delete("image", &format!("/v2/images/{id}"));
    }

    /// It has its size, or gets it; nothing else has changed.
    fn check_resize(&self, when: &str) {
        self.recover(when);
        self.is_whole(when);
        let mut status = server(&self.cloud, &self.name)["status"].clone();
        while status == "RESIZE" {
            thread::sleep(Duration::from_millis(200));
            status = server(&self.cloud, &self.name)["status"].clone();
        }
        if status == "ACTIVE" {
            self.master.ok("server.action", &self.act("resize"));
        }
        self.master.ok("server.action", &self.act("confirm_resize"));
        let seen = server(&self.cloud, &self.name);
        assert_eq!(seen["flavor"]["original_name"], "m1.small", "{when}");
        self.is_whole(when);
        self.master.ok("server.delete", &self.about());
        self.nothing_left(when);
    }
}

/// Tries `few` of the requests of `operation`, or all.
fn on_the_way(operation: Operation, few: usize) {
    let word = operation.word();
    let scene = Scene::set(operation, &format!("fault-{word}"));
    scene.proxy.arm(NEVER.0, NEVER.1);
    let (method, request) = scene.request();
    let counted = Some(scene.master.call(method, &request));
    let requests: Vec<_> = (0..scene.proxy.requests()).collect();
    scene.check(&counted, None, 0, "nothing happened");

    // of two images that come at once, `SQLite` lets the bed's Glance answer one with a 500
    let at_once = if operation == Operation::Import { 1 } else { 4 };
    let mut faults = Faults::of(&format!("{word}: what is asked of the cloud"), at_once);
    faults.each(&requests, &FAULTS, few, |number, at, fault| {
        let scene = Scene::set(operation, &format!("fault-{word}-{number}"));
        let answer = scene.strike(at, fault);
        let all = requests.len();
        let when = format!("{operation:?}, {fault:?} at request {at} of {all}: {answer:?}");
        scene.check(&answer, Some(fault), number, &when);
    });
    faults.end();
}

#[test]
fn a_creation_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Create, 9);
}

#[test]
fn a_deletion_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Delete, 7);
}

#[test]
fn an_import_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Import, 3);
}

#[test]
fn a_resize_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Resize, 3);
}

#[test]
fn a_recovery_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Recover, 3);
}
