//! Creations and deletions that are killed at any of the changes that they ask the cloud for: the next call
//! ends them.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::OpenStack;
use crate::create::about;
use crate::failures::{full, made};
use crate::fault_proxy::{FaultProxy, What};
use crate::leftovers::leftovers;

/// Kills what `master` is asked for at the change of number `number`; answers whether there was one.
fn kill_at(
    bed: &OpenStack,
    master: &Master,
    number: usize,
    what: What,
    method: &str,
    params: &Value,
) -> FaultProxy {
    let proxy = FaultProxy::at_change(bed, number, what);
    let mut params = params.clone();
    params["provider"] = proxy.provider(bed);
    let mut running = master.start(method, &params);
    proxy.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    proxy
}

#[test]
fn a_creation_that_is_killed_at_any_change_is_ended_by_the_next_call() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let counter = Master::new();
    let params = json!({"server": full("counted", &counter)});
    let all = FaultProxy::watching(bed, &counter, "server.create", &params).changes();
    counter.ok("server.delete", &about(bed, "counted"));
    // key pair, port, floating IP, volume, server
    assert_eq!(all, 5);
    for number in 0..all {
        // carried out while nobody waits any more: before, at, or after the recovery's first look
        for what in [What::HoldBefore, What::HoldAfter, What::Late] {
            let master = Master::new();
            let name = format!("killed-at-{number}-{what:?}").to_lowercase();
            let params = json!({"server": full(&name, &master)});
            let proxy = kill_at(bed, &master, number, what, "server.create", &params);
            let provider = proxy.provider(bed);
            let recovered = thread::scope(|scope| {
                let recovered =
                    scope.spawn(|| master.ok("server.recover", &json!({"provider": provider})));
                if what == What::Late {
                    thread::sleep(Duration::from_secs(3));
                }
                proxy.release();
                recovered.join().unwrap()
            });
            assert_eq!(recovered["left_behind"], json!([]), "{name}: {recovered:#}");
            assert_eq!(leftovers(&demo, &name), [""; 0], "{name}");
            assert_eq!(master.leftovers(), [""; 0], "{name}");
        }
    }
}

#[test]
fn a_deletion_that_is_killed_at_any_change_is_ended_by_the_next_call() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let counter = Master::new();
    let params = made(bed, &counter, "counted-out");
    let all = FaultProxy::watching(bed, &counter, "server.delete", &params).changes();
    assert!(all >= 4, "{all}");
    for number in 0..all {
        for what in [What::HoldBefore, What::HoldAfter] {
            let master = Master::new();
            let name = format!("ended-at-{number}-{what:?}").to_lowercase();
            let params = made(bed, &master, &name);
            let proxy = kill_at(bed, &master, number, what, "server.delete", &params);
            proxy.release();
            let provider = proxy.provider(bed);
            // either of the two ends it; a creation does not take the rest for the server
            let ended = if number % 2 == 0 {
                master.ok("server.recover", &json!({"provider": provider}))
            } else {
                master.ok(
                    "server.delete",
                    &json!({"provider": provider, "server_name": name}),
                )
            };
            assert_ne!(ended["removed"], json!([]), "{name}: {ended:#}");
            assert_eq!(leftovers(&demo, &name), [""; 0], "{name}: {ended:#}");
            assert_eq!(master.leftovers(), [""; 0], "{name}");
        }
    }
}
