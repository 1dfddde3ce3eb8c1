//! Services that fail in passing at any request of a creation or a deletion: what was asked for comes about
//! all the same, or nothing of it stays, or what stays is named; no server is taken apart, and none is left
//! without its port.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::OpenStack;
use crate::failures::{full, made};
use crate::fault_proxy::{FaultProxy, What};
use crate::leftovers::leftovers;

/// What passes by itself, and must cost time only.
const PASSING: [What; 4] = [
    What::Says(429, 2, None),
    What::Says(429, 1, Some(2)),
    What::Says(413, 1, Some(1)),
    What::Unwell(12),
];
/// What cannot be told from the truth, or loses an answer.
const LYING: [What; 3] = [What::Says(404, 2, None), What::CutBefore, What::CutAfter];

/// How many requests are tried at once.
const AT_ONCE: usize = 4;

/// Every kind at every one of `all` requests where the whole matrix is asked for; else one kind by turns, at
/// every third request.
fn cases(all: usize) -> Vec<(usize, What)> {
    let kinds: Vec<What> = LYING.into_iter().chain(PASSING).collect();
    if std::env::var_os("VA_MATRIX").is_some() {
        let at = |number| kinds.iter().map(move |what| (number, *what));
        return (0..all).flat_map(at).collect();
    }
    let turn = |(turn, number): (usize, usize)| (number, kinds[turn % kinds.len()]);
    (0..all).step_by(3).enumerate().map(turn).collect()
}

/// Calls `check` with each request of `all` and each kind, several side by side.
fn each(all: usize, check: impl Fn(usize, What) + Sync) {
    let cases = cases(all);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, what)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(*number, *what);
                }
            });
        }
    });
}

fn slug(what: What) -> String {
    let name = format!("{what:?}").to_lowercase();
    name.replace(|c: char| !c.is_alphanumeric(), "-")
        .trim_matches('-')
        .replace("--", "-")
}

/// Nothing stays but what `error` names; a server that stands has its port.
fn all_is_named(error: &Value, left: &[String], about: &str) {
    let named = error["data"]["left_behind"].as_array().map_or(0, Vec::len);
    let servers = left.iter().filter(|one| one.starts_with("server "));
    let ports = left.iter().filter(|one| one.starts_with("port "));
    assert!(
        servers.count() <= ports.count(),
        "{about}: {left:?}\n{error:#}"
    );
    assert!(left.is_empty() || named > 0, "{about}: {left:?}\n{error:#}");
}

#[test]
fn a_creation_survives_what_passes_and_names_what_stays() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let counter = Master::new();
    let server = json!({"server": full("asked", &counter)});
    let all = FaultProxy::watching(bed, &counter, "server.create", &server).requests();
    counter.ok(
        "server.delete",
        &json!({"provider": bed.provider(), "server_name": "asked"}),
    );
    each(all, |number, what| {
        let master = Master::new();
        let name = format!("made-{number}-{}", slug(what));
        let proxy = FaultProxy::at_request(bed, number, what);
        let params = json!({"provider": proxy.provider(bed), "server": full(&name, &master)});
        let made = master.call("server.create", &params);
        let left = leftovers(&demo, &name);
        match &made {
            Ok(made) => {
                assert_eq!(made["server"]["status"], "ACTIVE", "{name}: {made:#}");
                assert_eq!(left.len(), 5, "{name}: {left:?}");
            }
            Err(error) => {
                assert!(!PASSING.contains(&what), "{name}: {error:#}");
                all_is_named(error, &left, &name);
            }
        }
        proxy.release();
        let plain = json!({"provider": proxy.provider(bed), "server_name": name});
        master.ok("server.delete", &plain);
        assert_eq!(leftovers(&demo, &name), [""; 0], "{name}");
        assert_eq!(master.leftovers(), [""; 0], "{name}");
    });
}

#[test]
fn a_deletion_survives_what_passes_and_names_what_stays() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let counter = Master::new();
    let params = made(bed, &counter, "asked-out");
    let all = FaultProxy::watching(bed, &counter, "server.delete", &params).requests();
    each(all, |number, what| {
        let master = Master::new();
        let name = format!("out-{number}-{}", slug(what));
        let mut params = made(bed, &master, &name);
        let proxy = FaultProxy::at_request(bed, number, what);
        params["provider"] = proxy.provider(bed);
        let deleted = master.call("server.delete", &params);
        let left = leftovers(&demo, &name);
        match &deleted {
            Ok(deleted) if deleted["deleted"] == true => {
                assert_eq!(left, [""; 0], "{name}: {deleted:#}");
            }
            // a listing that finds nothing is not told from there being nothing
            Ok(deleted) => assert!(what == What::Says(404, 2, None), "{name}: {deleted:#}"),
            Err(error) => {
                assert!(!PASSING.contains(&what), "{name}: {error:#}");
                if left.len() < 5 {
                    all_is_named(error, &left, &name);
                }
            }
        }
        proxy.release();
        master.ok("server.delete", &params);
        assert_eq!(leftovers(&demo, &name), [""; 0], "{name}");
        assert_eq!(master.leftovers(), [""; 0], "{name}");
    });
}
