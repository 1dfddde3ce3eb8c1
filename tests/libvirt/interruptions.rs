//! Creations that are cut off: by the network, by a signal, by a daemon that dies.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::dispositions::ignored_here;
use crate::common::master::Master;
use crate::fault_proxy::{FaultProxy, What, When};

/// The provider of `bed` by way of `proxy`.
pub(crate) fn through(bed: &Bed, proxy: &FaultProxy) -> Value {
    let mut provider = bed.provider();
    provider["uri"] = json!(proxy.uri());
    provider
}

pub(crate) fn proxy(bed: &Bed, when: When, what: What) -> FaultProxy {
    FaultProxy::before(bed.env("VA_TCP_PORT"), when, what)
}

/// A creation of all sorts of things, with keys that take no time to make.
pub(crate) fn creation(master: &Master, provider: &Value, server: &str, keys: &Value) -> Value {
    let mut minion = master.minion();
    minion["keys"] = keys.clone();
    json!({
        "provider": provider,
        "server": {"server_name": server, "minion": minion, "disks": [{"size": 1}]},
        "wait": "defined",
    })
}

pub(crate) fn keys(master: &Master) -> Value {
    let pair = master.ok("key.generate", &json!({"bits": 2048}));
    json!({"public": pair["public_key"], "private": pair["private_key"]})
}

/// Recovers, and sees that it leaves nothing behind.
pub(crate) fn recover(bed: &Bed, master: &Master, when: &str) {
    let recovered = master.ok("server.recover", &json!({"provider": bed.provider()}));
    assert_eq!(recovered["left_behind"], json!([]), "{when}");
    assert_eq!(master.journals(), 0, "{when}");
}

pub(crate) fn nothing_left(bed: &Bed, master: &Master, server: &str, when: &str) {
    assert_eq!(bed.leftovers(server), [""; 0], "{when}");
    assert_eq!(master.leftovers(), [""; 0], "{when}");
}

#[test]
fn a_program_that_is_interrupted_undoes_what_it_did() {
    let Some(bed) = Bed::to_leave() else { return };
    let keys = keys(&Master::new());
    for (number, (signal, code)) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)]
        .into_iter()
        .filter(|(signal, _)| !ignored_here(*signal))
        .enumerate()
    {
        let master = Master::new();
        let server = format!("interrupted{number}");
        let proxy = proxy(bed, When::Upload, What::Hold);
        let provider = through(bed, &proxy);
        let mut program = master.start(
            "server.create",
            &creation(&master, &provider, &server, &keys),
        );
        proxy.reached();
        assert!(!bed.leftovers(&server).is_empty());
        program.signal(signal);
        proxy.release();
        let answer = program.receive();
        assert_eq!(answer["error"]["data"]["kind"], "cancelled", "{answer}");
        assert_eq!(program.end().0, Some(code));
        nothing_left(bed, &master, &server, "interrupted");
    }
}

#[test]
fn a_program_that_is_interrupted_while_it_waits_undoes_what_it_did() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let server = "awaited";
    let mut request = creation(&master, &bed.provider(), server, &keys(&master));
    // a network on which it never has an address that the host could see
    request["server"]["networks"] = json!([{"user": true}]);
    request["wait"] = json!("address");
    let mut program = master.start("server.create", &request);
    while bed.try_virsh(&["domstate", server]) != Ok("running".to_owned()) {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    program.signal(Signal::TERM);
    let answer = program.receive();
    assert_eq!(answer["error"]["data"]["kind"], "cancelled", "{answer}");
    assert_eq!(program.end().0, Some(143));
    nothing_left(bed, &master, server, "interrupted while it waits");
}

#[test]
fn a_daemon_that_dies_leaves_what_is_named() {
    let Some(bed) = Bed::own_system() else { return };
    let bed = &bed;
    let keys = keys(&Master::new());

    // It does not come back: what is left is named, no more and no less.
    let master = Master::new();
    let held = proxy(bed, When::Upload, What::Hold);
    let provider = through(bed, &held);
    let mut program = master.start(
        "server.create",
        &creation(&master, &provider, "orphan", &keys),
    );
    held.reached();
    bed.crash();
    held.release();
    let answer = program.receive();
    assert_eq!(
        answer["error"]["data"]["kind"], "partial_failure",
        "{answer}"
    );
    let left = answer["error"]["data"]["left_behind"].as_array().unwrap();
    let mut named: Vec<_> = left
        .iter()
        .map(|left| {
            assert_eq!(left["resource"], "volume", "{answer}");
            left["name"].as_str().unwrap().replace("default/", "file ")
        })
        .collect();
    program.stdin.take();
    program.end();
    bed.restart();
    bed.refresh();
    let mut there: Vec<_> = bed.leftovers("orphan");
    there.retain(|trace| trace.starts_with("file"));
    named.sort();
    there.sort();
    assert_eq!(named, there);
    let recovered = master.ok("server.recover", &json!({"provider": provider}));
    assert_eq!(recovered["left_behind"], json!([]));
    assert_eq!(recovered["removed"].as_array().unwrap().len(), named.len());
    nothing_left(bed, &master, "orphan", "recovered");

    // It is restarted in the middle of it: nothing is left.
    let master = Master::new();
    let held = proxy(bed, When::Upload, What::Hold);
    let provider = through(bed, &held);
    let mut program = master.start(
        "server.create",
        &creation(&master, &provider, "restarted", &keys),
    );
    held.reached();
    bed.crash();
    bed.restart();
    held.release();
    let answer = program.receive();
    assert_eq!(
        answer["error"]["data"]["kind"], "connection_failed",
        "{answer}"
    );
    nothing_left(bed, &master, "restarted", "restarted");
}

#[test]
fn a_host_that_vanishes_is_cleaned_up_when_it_is_back() {
    let Some(bed) = Bed::to_leave() else { return };
    let master = Master::new();
    let keys = keys(&master);
    let proxy = proxy(bed, When::Upload, What::Vanish);
    let provider = through(bed, &proxy);
    let request = creation(&master, &provider, "vanished", &keys);
    let error = master.fails("partial_failure", "server.create", &request);
    let left = error["data"]["left_behind"].as_array().unwrap();
    assert_eq!(left.len(), 3, "{error}"); // root, disk and seed
    assert!(
        error["message"].as_str().unwrap().contains("vanished."),
        "{error}"
    );
    proxy.release();
    // The next creation on that host removes it by the way.
    let request = creation(&master, &provider, "after-it", &keys);
    assert_eq!(master.ok("server.create", &request)["created"], true);
    assert_eq!(bed.leftovers("vanished"), [""; 0]);
    master.ok("server.delete", &about(bed, "after-it"));
    nothing_left(bed, &master, "after-it", "deleted");
}
