//! Creations that fail, are interrupted or killed: nothing of them is left.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};
use crate::create::request;
use crate::fault_proxy::{FaultProxy, What};
use crate::leftovers::{leftovers, ssh_key};

/// A server with something of everything.
pub(crate) fn full(name: &str, master: &Master) -> Value {
    let mut minion = master.minion();
    minion["id"] = json!(name);
    json!({
        "server_name": name, "floating_ip": "", "storage_disk": 1, "ssh_keys": [ssh_key(name)],
        "minion": minion,
    })
}

#[test]
fn what_is_not_there_is_named_by_its_member() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "lacking";
    for (member, value, kind, field) in [
        ("image", json!("nothing"), "not_found", "image"),
        ("image", json!("twin"), "conflict", "image"),
        ("image", json!("queued"), "conflict", "image"),
        ("image", json!("needs-memory"), "invalid_field", "size"),
        ("size", json!("nothing"), "not_found", "size"),
        ("network", json!("nothing"), "not_found", "network"),
        ("network", json!("twin"), "conflict", "network"),
        ("sec_group", json!("nothing"), "not_found", "sec_group"),
        ("key_name", json!("nothing"), "not_found", "key_name"),
        (
            "availability_zone",
            json!("nothing"),
            "not_found",
            "availability_zone",
        ),
        (
            "floating_ip",
            json!("private"),
            "invalid_field",
            "floating_ip",
        ),
        (
            "boot_volume",
            json!({"volume_type": "nothing"}),
            "not_found",
            "boot_volume/volume_type",
        ),
        ("firmware", json!("uefi"), "invalid_field", "firmware"),
    ] {
        let spec = json!({"server_name": name, member: value});
        let error = master.fails(kind, "server.create", &request(bed, &spec));
        assert_eq!(
            error["data"]["field"],
            format!("/server/{field}"),
            "{error:#}"
        );
    }
    assert_eq!(leftovers(&demo, name), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn what_fails_late_takes_all_back() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    for (name, member, value, kind) in [
        // more than any host has: only Nova's scheduler finds out
        ("too-huge", "size", json!("m1.huge"), "quota_exceeded"),
        // no router leads from there
        ("unreachable", "network", json!("second"), "not_found"),
        ("no-address", "network", json!("no-subnet"), "invalid_field"),
        // only Nova knows whether it may have one
        ("no-disk", "size", json!("m1.diskless"), "invalid_field"),
        (
            "taken-address",
            "addresses",
            json!(["10.61.0.1/24"]),
            "conflict",
        ),
    ] {
        let mut spec = full(name, &master);
        spec[member] = value;
        let error = master
            .call("server.create", &request(bed, &spec))
            .unwrap_err();
        assert_eq!(error["data"]["kind"], kind, "{name}: {error:#}");
        assert_eq!(leftovers(&demo, name), [""; 0], "{error:#}");
        assert_eq!(master.leftovers(), [""; 0]);
    }
}

#[test]
fn a_quota_is_told_before_anything_is_made() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let project = bed.env("VA_OS_PROJECT_SMALL");
    let small = Rest::log_in(
        bed.env("VA_OS_AUTH_URL"),
        bed.env("VA_OS_USERNAME"),
        bed.env("VA_OS_PASSWORD"),
        project,
    );
    let provider = bed.provider_with(&json!({"tenant": project}));
    let wanted = |name: &str| json!({"provider": provider, "server": {"server_name": name, "network": "shared"}});
    master.ok("server.create", &wanted("only-one"));
    let ports = || {
        small.get("network", "/v2.0/ports")["ports"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = ports();
    let error = master.fails("quota_exceeded", "server.create", &wanted("one-more"));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("1 of 1 instances"), "{message}");
    assert_eq!(ports(), before);
    assert_eq!(master.leftovers(), [""; 0]);
    master.ok(
        "server.delete",
        &json!({"provider": provider, "server_name": "only-one"}),
    );
}

#[test]
fn the_next_creation_removes_what_a_killed_one_left() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "killed-again";
    let proxy = FaultProxy::new(bed, ("POST", "/servers"), What::HoldAfter);
    let params = json!({"provider": proxy.provider(bed), "server": full(name, &master)});
    let mut running = master.start("server.create", &params);
    proxy.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    proxy.release();
    let killed = crate::leftovers::server(&demo, name)["id"].clone();
    let made = master.ok("server.create", &params);
    assert_eq!(made["created"], true);
    assert_ne!(made["server"]["id"], killed);
    // server, port, floating IP, volume, key pair
    assert_eq!(
        leftovers(&demo, name).len(),
        5,
        "{:?}",
        leftovers(&demo, name)
    );
    master.ok(
        "server.delete",
        &json!({"provider": proxy.provider(bed), "server_name": name}),
    );
    assert_eq!(leftovers(&demo, name), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_deletion_that_is_cut_off_is_ended_by_the_next() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "cut-in-half";
    let proxy = FaultProxy::new(bed, ("DELETE", "never"), What::CutBefore);
    let provider = proxy.provider(bed);
    let params = json!({"provider": provider, "server": full(name, &master)});
    master.ok("server.create", &params);
    let record = crate::leftovers::server(&demo, name)["metadata"].clone();
    let port = record["va-driver.port.0"].as_str().unwrap();
    // the port's path is this server's own, so that the place is known only now
    let path: &'static str = Box::leak(format!("/v2.0/ports/{port}").into_boxed_str());
    let holding = FaultProxy::new(bed, ("DELETE", path), What::HoldBefore);
    let about = json!({"provider": holding.provider(bed), "server_name": name});
    let mut running = master.start("server.delete", &about);
    holding.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    holding.release();
    assert_ne!(leftovers(&demo, name), [""; 0]);
    let ended = master.ok("server.delete", &about);
    assert_eq!(ended["deleted"], true);
    assert_eq!(leftovers(&demo, name), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_deletion_that_is_interrupted_is_ended_by_the_next() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "half-gone-by-hand";
    let proxy = FaultProxy::new(bed, ("DELETE", "never"), What::CutBefore);
    let params = json!({"provider": proxy.provider(bed), "server": full(name, &master)});
    let made = master.ok("server.create", &params);
    let id = made["server"]["id"].as_str().unwrap();
    // the cloud has heard that it is to go, and nobody has waited for that
    let path: &'static str = Box::leak(format!("/servers/{id}").into_boxed_str());
    let holding = FaultProxy::new(bed, ("DELETE", path), What::HoldAfter);
    let about = json!({"provider": holding.provider(bed), "server_name": name});
    let mut running = master.start("server.delete", &about);
    holding.reached();
    running.signal(Signal::INT);
    let answer = running.receive();
    holding.release();
    assert_eq!(answer["error"]["data"]["kind"], "cancelled", "{answer:#}");
    assert_ne!(master.leftovers(), [""; 0], "no journal");
    let ended = master.ok("server.delete", &about);
    assert_eq!(ended["deleted"], true);
    assert_eq!(leftovers(&demo, name), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_journal_of_another_cloud_is_not_touched() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let proxy = FaultProxy::new(bed, ("POST", "/servers"), What::HoldBefore);
    let params = json!({"provider": proxy.provider(bed), "server": full("elsewhere", &master)});
    let mut running = master.start("server.create", &params);
    proxy.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    proxy.release();
    let recovered = master.ok("server.recover", &json!({"provider": bed.provider()}));
    assert_eq!(recovered["removed"], json!([]));
    assert_ne!(master.leftovers(), [""; 0]);
    let recovered = master.ok("server.recover", &json!({"provider": proxy.provider(bed)}));
    assert_ne!(recovered["removed"], json!([]));
    assert_eq!(master.leftovers(), [""; 0]);
}
