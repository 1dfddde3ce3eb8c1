//! The same faults as of a creation, at each point at which an action on a server that is off asks the host: what is
//! asked for is there then, or not; the next call makes it so; and the server goes with all that was made for it.

use serde_json::{Value, json};

use crate::common::bed::Bed;
use crate::common::faults::{Answer, Faults, names_what_is_left};
use crate::common::master::Master;
use crate::fault_proxy::{What, When};
use crate::faults::{FAULTS, struck};
use crate::interruptions::{keys, nothing_left, proxy, recover, through};

const MAC: &str = "52:54:00:fa:01:70";

/// An action, and what has been done before.
#[derive(Debug, Clone, Copy)]
struct Act {
    name: &'static str,
    before: &'static [&'static str],
}

const ACTS: [Act; 9] = [
    act("snapshot", &[]),
    act("revert_snapshot", &["snapshot"]),
    act("delete_snapshot", &["snapshot"]),
    act("rename", &[]),
    act("rebuild", &[]),
    act("attach_disk", &[]),
    act("detach_disk", &["attach_disk"]),
    act("attach_interface", &[]),
    act("detach_interface", &["attach_interface"]),
];

const fn act(name: &'static str, before: &'static [&'static str]) -> Act {
    Act { name, before }
}

/// A machine and a server that is off.
struct Scene<'a> {
    bed: &'a Bed,
    master: Master,
    act: Act,
    server: String,
    /// What was attached before.
    volume: Value,
}

impl<'a> Scene<'a> {
    fn set(bed: &'a Bed, act: Act, server: &str, keys: &Value) -> Self {
        let mut scene = Self {
            bed,
            master: Master::new(),
            act,
            server: server.to_owned(),
            volume: Value::Null,
        };
        let provider = bed.provider();
        let mut minion = scene.master.minion();
        minion["keys"] = keys.clone();
        let spec = json!({"server_name": server, "minion": minion});
        let request = json!({"provider": provider, "server": spec, "wait": "defined"});
        scene.master.ok("server.create", &request);
        for before in act.before {
            let done = scene.does(before, server, &provider);
            scene.volume = done["volume"].clone();
        }
        scene
    }

    fn new_name(&self) -> String {
        format!("{}-new", self.server)
    }

    fn request(&self, action: &str, server: &str, provider: &Value) -> Value {
        let mut request = match action {
            "snapshot" | "revert_snapshot" | "delete_snapshot" => json!({"image": "one"}),
            "rename" => json!({"new_name": self.new_name()}),
            "attach_disk" => json!({"disk": {"size": 1}}),
            "detach_disk" => json!({"volume": self.volume, "delete": true}),
            "attach_interface" => {
                json!({"interface": {"network": self.bed.env("VA_NETWORK"), "mac": MAC}})
            }
            "detach_interface" => json!({"mac": MAC}),
            _ => json!({}),
        };
        request["action"] = json!(action);
        request["server_name"] = json!(server);
        request["provider"] = provider.clone();
        request
    }

    fn does(&self, action: &str, server: &str, provider: &Value) -> Value {
        let request = self.request(action, server, provider);
        self.master.ok("server.action", &request)
    }

    /// The name that the server has now.
    fn name(&self) -> String {
        let renamed = self.bed.try_virsh(&["domstate", &self.server]).is_err();
        let name = if renamed {
            self.new_name()
        } else {
            self.server.clone()
        };
        assert!(self.act.name == "rename" || !renamed, "it is gone");
        name
    }

    /// After `answer` it is as it should be, or the next call makes it so: one of two ways, by `number`.
    fn check(&self, answer: &Answer, number: usize, when: &str) {
        names_what_is_left(answer, when);
        if number.is_multiple_of(2) {
            recover(self.bed, &self.master, when);
        }
        let provider = self.bed.provider();
        let again = self.request(self.act.name, &self.name(), &provider);
        let again = self.master.call("server.action", &again);
        // a snapshot has its name once, a card its address; what is detached is known no more
        let is_done = match &again {
            Ok(again) => again["changed"] == false,
            Err(error) => {
                let kinds = match self.act.name {
                    "snapshot" | "attach_interface" => ["already_exists"].as_slice(),
                    "detach_disk" => &["not_found", "conflict"],
                    _ => &[],
                };
                let kind = error["data"]["kind"].as_str().unwrap();
                assert!(kinds.contains(&kind), "{when}: {error:#}");
                true
            }
        };
        // a second disk is another one
        let repeats = matches!(self.act.name, "attach_disk" | "rebuild" | "revert_snapshot");
        if matches!(answer, Some(Ok(_))) && !repeats {
            assert!(is_done, "{when}: {again:?}");
        }
        let name = self.name();
        let about = json!({"provider": provider, "server_name": name});
        let shown = self.master.ok("server.show", &about);
        assert!(shown["server"]["warnings"].is_null(), "{when}: {shown:#}");
        recover(self.bed, &self.master, when);
        self.master.ok("server.delete", &about);
        nothing_left(self.bed, &self.master, &self.server, when);
        nothing_left(self.bed, &self.master, &self.new_name(), when);
    }
}

#[test]
fn actions_are_clean_whatever_happens_on_the_way() {
    let Some(bed) = Bed::to_leave() else { return };
    let keys = keys(&Master::new());
    for act in ACTS {
        let word = act.name.replace('_', "-");
        let scene = Scene::set(bed, act, &format!("act-{word}"), &keys);
        let counting = proxy(bed, When::Never, What::Break);
        let request = scene.request(act.name, &scene.server, &through(bed, &counting));
        let counted = Some(scene.master.call("server.action", &request));
        scene.check(&counted, 0, "nothing happened");
        let frames: Vec<_> = (1..counting.frames()).collect();
        let mut faults = Faults::of(&format!("{}: what is asked of the host", act.name), 1);
        faults.each(&frames, &FAULTS, 2, |number, at, fault| {
            let scene = Scene::set(bed, act, &format!("act-{word}{number}"), &keys);
            let answer = struck(bed, &scene.master, at, fault, |provider| {
                (
                    "server.action",
                    scene.request(act.name, &scene.server, provider),
                )
            });
            let when = format!(
                "{act:?}, {fault:?} after frame {at} of {}: {answer:?}",
                frames.len()
            );
            scene.check(&answer, at, &when);
        });
        faults.end();
    }
}
