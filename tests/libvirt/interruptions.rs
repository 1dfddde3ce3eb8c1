//! Creations that are cut off: by the network, by a signal, by a daemon that dies.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
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

pub(crate) fn nothing_left(bed: &Bed, master: &Master, server: &str, when: &str) {
    assert_eq!(bed.leftovers(server), [""; 0], "{when}");
    assert_eq!(master.leftovers(), [""; 0], "{when}");
}

/// How many frames a creation sends.
fn frames_of_a_creation(bed: &Bed, server: &str) -> usize {
    let master = Master::new();
    let proxy = proxy(bed, When::Never, What::Break);
    let provider = through(bed, &proxy);
    let request = creation(&master, &provider, server, &keys(&master));
    master.ok("server.create", &request);
    let frames = proxy.frames();
    master.ok("server.delete", &about(bed, server));
    nothing_left(bed, &master, server, "after deletion");
    frames
}

#[test]
fn a_connection_that_breaks_anywhere_leaves_nothing() {
    let Some(bed) = Bed::system() else { return };
    let keys = keys(&Master::new());
    let all = frames_of_a_creation(bed, "cut0");
    // Every second frame: what was asked just before it has happened, and its answer is lost.
    for at in (3..=all).step_by(2) {
        let master = Master::new();
        let server = format!("cut{at}");
        let proxy = proxy(bed, When::Frames(at), What::Break);
        let provider = through(bed, &proxy);
        let when = format!("broken after frame {at} of {all}");
        match master.call(
            "server.create",
            &creation(&master, &provider, &server, &keys),
        ) {
            // Broken while it was looked at: it stands, and that is what it says.
            Ok(result) => {
                assert_eq!(result["created"], true, "{when}: {result}");
                assert_eq!(bed.state(&server), "shut off", "{when}");
                master.ok("server.delete", &about(bed, &server));
            }
            Err(error) => assert_eq!(
                error["data"]["kind"], "connection_failed",
                "{when}: {error}"
            ),
        }
        nothing_left(bed, &master, &server, &when);
    }
}

/// Whether this process ignores `signal`, and with it every program that it starts.
fn ignored_here(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap();
    mask & (1 << (signal.as_raw() - 1)) != 0
}

#[test]
fn a_program_that_is_interrupted_undoes_what_it_did() {
    let Some(bed) = Bed::system() else { return };
    let keys = keys(&Master::new());
    for (number, (signal, code)) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)]
        .into_iter()
        // Whoever ignores a signal hands that down: under nohup nobody hears of a hangup.
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
fn what_a_killed_program_leaves_is_removed_later() {
    let Some(bed) = Bed::system() else { return };
    let keys = keys(&Master::new());
    // the last closes the connection, which a session keeps
    let all = frames_of_a_creation(bed, "killed0") - 1;
    let mut killed = 0;
    // Back from the end, at which its journal is gone and the server stands.
    for at in (3..=all).rev() {
        if killed == 6 {
            return;
        }
        let master = Master::new();
        let server = format!("killed{at}");
        let proxy = proxy(bed, When::Frames(at), What::Hold);
        let provider = through(bed, &proxy);
        let program = master.start(
            "server.create",
            &creation(&master, &provider, &server, &keys),
        );
        proxy.reached();
        program.signal(Signal::KILL);
        assert_eq!(program.end().0, None);
        proxy.release();
        let when = format!("killed after frame {at} of {all}");
        if std::fs::read_dir(master.state().join("journal"))
            .unwrap()
            .count()
            == 0
        {
            master.ok("server.delete", &about(bed, &server));
            nothing_left(bed, &master, &server, &when);
            continue;
        }
        // Each of the three ways out, by the same road.
        killed += 1;
        match killed % 3 {
            0 => {
                let request = json!({"provider": provider, "server_name": server});
                let deleted = master.ok("server.delete", &request);
                assert_eq!(deleted["deleted"], true, "{when}: {deleted}");
            }
            1 => {
                let recovered = master.ok("server.recover", &json!({"provider": provider}));
                assert_eq!(recovered["left_behind"], json!([]), "{when}");
                assert_ne!(recovered["removed"], json!([]), "{when}");
            }
            _ => {
                let again = creation(&master, &provider, &server, &keys);
                assert_eq!(
                    master.ok("server.create", &again)["created"],
                    true,
                    "{when}"
                );
                assert_eq!(bed.leftovers(&server).len(), 7, "{when}");
                let request = json!({"provider": provider, "server_name": server});
                master.ok("server.delete", &request);
            }
        }
        nothing_left(bed, &master, &server, &when);
    }
    panic!("only {killed} of {all} were killed while there was a journal");
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
    let Some(bed) = Bed::system() else { return };
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
