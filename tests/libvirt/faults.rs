//! Faults at each point at which an operation touches the host or its own files: the host refuses, does it and says that
//! it did not, the connection breaks, nobody answers any more, the program is interrupted or killed, the disk is sick or
//! full. What is asked for is there then, or nothing, or what is left is named and removed by the next call.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::bed::Bed;
use crate::common::faults::{Answer, Faults, Operation, names_what_is_left, said};
use crate::common::master::Master;
use crate::common::skipped::skip;
use crate::common::traced::{self, BREAKAGES};
use crate::fault_proxy::{What, When};
use crate::interruptions::{creation, keys, nothing_left, proxy, recover, through};

/// What happens on the way to the host.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    Host(What),
    Interrupted,
    Killed,
}

pub(crate) const FAULTS: [Fault; 6] = [
    Fault::Killed,
    Fault::Host(What::Break),
    Fault::Host(What::Refuse),
    Fault::Interrupted,
    Fault::Host(What::Mistake),
    Fault::Host(What::Vanish),
];

/// A machine, and on the host what the operation begins with.
struct Scene<'a> {
    bed: &'a Bed,
    master: Master,
    operation: Operation,
    name: String,
    keys: &'a Value,
}

impl<'a> Scene<'a> {
    fn set(bed: &'a Bed, operation: Operation, name: &str, keys: &'a Value) -> Self {
        let scene = Self {
            bed,
            master: Master::new(),
            operation,
            name: name.to_owned(),
            keys,
        };
        match operation {
            Operation::Create => {}
            Operation::Delete | Operation::Resize => {
                scene.create(&bed.provider());
            }
            Operation::Import => fs::write(scene.source(), content(name)).unwrap(),
            Operation::Recover => {
                let held = proxy(bed, When::Upload, What::Hold);
                let request = creation(&scene.master, &through(bed, &held), name, keys);
                let program = scene.master.start("server.create", &request);
                held.reached();
                program.signal(Signal::KILL);
                program.end();
                held.release();
                assert_ne!(scene.master.leftovers(), [""; 0]);
            }
        }
        scene
    }

    fn source(&self) -> PathBuf {
        self.master.path("source.raw")
    }

    /// What is asked for, by way of `provider`.
    fn request(&self, provider: &Value) -> (&'static str, Value) {
        let server = &self.name;
        match self.operation {
            Operation::Create => (
                "server.create",
                creation(&self.master, provider, server, self.keys),
            ),
            Operation::Delete => (
                "server.delete",
                json!({"provider": provider, "server_name": server}),
            ),
            Operation::Import => (
                "image.import",
                json!({"provider": provider, "image": {"source": self.source(), "name": format!("{server}.raw")}}),
            ),
            Operation::Resize => (
                "server.action",
                json!({"provider": provider, "server_name": server, "action": "resize", "size": "roomy"}),
            ),
            Operation::Recover => ("server.recover", json!({"provider": provider})),
        }
    }

    fn create(&self, provider: &Value) -> Value {
        let request = creation(&self.master, provider, &self.name, self.keys);
        self.master.ok("server.create", &request)
    }

    fn delete(&self) {
        let request = json!({"provider": self.bed.provider(), "server_name": self.name});
        self.master.ok("server.delete", &request);
    }

    fn recover(&self, when: &str) {
        recover(self.bed, &self.master, when);
    }

    /// What the host has of it.
    fn traces(&self) -> Vec<String> {
        self.bed.leftovers(&self.name)
    }

    /// The server is there with all that belongs to it.
    fn is_whole(&self, when: &str) {
        assert_eq!(self.traces().len(), 7, "{when}: {:?}", self.traces());
        assert_eq!(self.master.leftovers(), [self.name.as_str()], "{when}");
    }

    fn nothing_left(&self, when: &str) {
        nothing_left(self.bed, &self.master, &self.name, when);
    }

    /// After `answer` it is as it should be, or the next call makes it so: one of three ways, by `number`.
    fn check(&self, answer: &Answer, number: usize, when: &str) {
        let names = names_what_is_left(answer, when);
        if matches!(answer, Some(Err(_))) && self.operation == Operation::Create && !names {
            self.nothing_left(when);
        }
        match self.operation {
            Operation::Create | Operation::Delete => self.check_server(answer, number, when),
            Operation::Import => self.check_import(answer, number, when),
            Operation::Resize => self.check_resize(answer, when),
            Operation::Recover => {
                self.recover(when);
                self.nothing_left(when);
            }
        }
    }

    fn check_server(&self, answer: &Answer, number: usize, when: &str) {
        let done = matches!(answer, Some(Ok(_)));
        let had_begun = self.master.journals() > 0;
        let stands = !had_begun && !self.traces().is_empty();
        if self.operation == Operation::Delete {
            assert!(!done || !stands, "{when}");
        } else {
            assert!(!done || stands, "{when}");
        }
        match number % 3 {
            0 => {}
            1 => {
                self.recover(when);
                if stands {
                    self.is_whole(when);
                } else {
                    self.nothing_left(when);
                }
            }
            _ => {
                let again = self.create(&self.bed.provider());
                assert_eq!(again["created"], !stands, "{when}");
                self.is_whole(when);
            }
        }
        self.delete();
        self.nothing_left(when);
    }

    fn check_import(&self, answer: &Answer, number: usize, when: &str) {
        let image = format!("{}.raw", self.name);
        let whole = content(&self.name);
        let stored = || fs::read(self.bed.pool().join(&image)).ok();
        let asked = json!({"provider": self.bed.provider()});
        let listed = self.master.ok("provider.images", &asked);
        let images = listed["images"].as_array().unwrap();
        let is_listed = images.iter().any(|one| one["name"] == image);
        assert!(!is_listed || stored() == Some(whole.clone()), "{when}");
        assert!(is_listed || !matches!(answer, Some(Ok(_))), "{when}");
        if number.is_multiple_of(2) {
            self.recover(when);
            let left = self.volumes(&image);
            assert!(
                left.is_empty() || left == [image.as_str()],
                "{when}: {left:?}"
            );
        }
        let (method, request) = self.request(&self.bed.provider());
        let again = self.master.ok(method, &request);
        assert!(!is_listed || again["imported"] == false, "{when}");
        assert_eq!(stored(), Some(whole), "{when}");
        assert_eq!(self.volumes(&image), [image.as_str()], "{when}");
        assert_eq!(self.master.leftovers(), [""; 0], "{when}");
        self.bed.virsh(&["vol-delete", "--pool", "default", &image]);
    }

    /// The volumes and files that an import as `image` makes.
    fn volumes(&self, image: &str) -> Vec<String> {
        self.bed.refresh();
        let entries = fs::read_dir(self.bed.pool()).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(image))
            .collect()
    }

    fn check_resize(&self, answer: &Answer, when: &str) {
        self.recover(when);
        self.is_whole(when);
        let (method, request) = self.request(&self.bed.provider());
        let again = self.master.ok(method, &request);
        assert!(
            !matches!(answer, Some(Ok(_))) || again["changed"] == false,
            "{when}"
        );
        let xml = self.bed.virsh(&["dumpxml", &self.name]);
        assert!(
            xml.contains(">2</vcpu>") && xml.contains(">524288</memory>"),
            "{when}: {xml}"
        );
        let disk = self.bed.virsh(&["domblkinfo", &self.name, "vda"]);
        assert!(disk.contains(&(2_u64 << 30).to_string()), "{when}: {disk}");
        self.is_whole(when);
        self.delete();
        self.nothing_left(when);
    }
}

/// What two messages of a stream carry, and a third.
fn content(name: &str) -> Vec<u8> {
    let mut bytes = vec![7; 640 << 10];
    bytes[1024..1024 + name.len()].copy_from_slice(name.as_bytes());
    bytes
}

/// Has `master` ask what `request` says by way of a provider, while `fault` happens after `at` frames.
pub(crate) fn struck(
    bed: &Bed,
    master: &Master,
    at: usize,
    fault: Fault,
    request: impl FnOnce(&Value) -> (&'static str, Value),
) -> Answer {
    let what = match fault {
        Fault::Host(what) => what,
        Fault::Interrupted | Fault::Killed => What::Hold,
    };
    let proxy = proxy(bed, When::Frames(at), what);
    let (method, request) = request(&through(bed, &proxy));
    let program = master.start(method, &request);
    proxy.reached();
    match fault {
        Fault::Host(_) => {}
        Fault::Interrupted => {
            program.signal(Signal::TERM);
            thread::sleep(Duration::from_millis(50));
            proxy.release();
        }
        Fault::Killed => {
            program.signal(Signal::KILL);
            program.end();
            proxy.release();
            return None;
        }
    }
    let answer = program.answer().map(said);
    assert!(answer.is_some(), "no answer");
    proxy.release();
    answer
}

/// Tries `few` of the points at which `operation` asks the host, or all.
fn on_the_way(operation: Operation, few: usize) {
    let bed = match operation {
        Operation::Delete | Operation::Resize => Bed::system(),
        _ => Bed::to_leave(),
    };
    let Some(bed) = bed else { return };
    let keys = keys(&Master::new());
    let word = operation.word();
    let scene = Scene::set(bed, operation, &format!("fault-{word}"), &keys);
    let counting = proxy(bed, When::Never, What::Break);
    let (method, request) = scene.request(&through(bed, &counting));
    let counted = Some(scene.master.call(method, &request));
    scene.check(&counted, 0, "nothing happened");
    // the last closes the connection, which a session keeps
    let frames: Vec<_> = (1..counting.frames()).collect();

    let mut faults = Faults::of(&format!("{word}: what is asked of the host"), 1);
    faults.each(&frames, &FAULTS, few, |number, at, fault| {
        let scene = Scene::set(bed, operation, &format!("fault-{word}{number}"), &keys);
        let answer = struck(bed, &scene.master, at, fault, |provider| {
            scene.request(provider)
        });
        let when = format!(
            "{operation:?}, {fault:?} after frame {at} of {}: {answer:?}",
            frames.len()
        );
        // so that each way follows each fault at some frame
        scene.check(&answer, at, &when);
    });
    faults.end();
}

#[test]
fn a_creation_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Create, 24);
}

#[test]
fn a_deletion_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Delete, 12);
}

#[test]
fn an_import_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Import, 10);
}

#[test]
fn a_resize_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Resize, 6);
}

#[test]
fn a_recovery_is_clean_whatever_happens_on_the_way() {
    on_the_way(Operation::Recover, 6);
}

#[test]
fn the_machines_own_files_may_fail_at_any_call() {
    let mut faults = Faults::of("its own files", 2);
    if !faults.all_are_tried() {
        return; // what the unit tests of the files' room try is enough for a plain run
    }
    let Some(bed) = Bed::to_leave() else { return };
    if !traced::is_there() {
        skip("strace is not installed");
        return;
    }
    let keys = keys(&Master::new());
    for operation in Operation::ALL {
        let word = operation.word();
        let scene = Scene::set(bed, operation, &format!("files-{word}"), &keys);
        let (method, request) = scene.request(&bed.provider());
        let points = traced::points(&scene.master, method, &request);
        scene.check(&None, 0, "nothing happened");
        faults.each(
            &points,
            &BREAKAGES,
            points.len(),
            |number, point, breakage| {
                let scene = Scene::set(bed, operation, &format!("files-{word}{number}"), &keys);
                let (method, request) = scene.request(&bed.provider());
                let answer =
                    traced::broken(&scene.master, method, &request, point, breakage).map(said);
                let when = format!("{operation:?}, {breakage:?} at {point:?}: {answer:?}");
                scene.check(&answer, number, &when);
            },
        );
    }
    faults.end();
}
