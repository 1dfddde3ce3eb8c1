//! Actions, each on a server that runs, and what the cloud says of it then.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::OpenStack;
use crate::create::{about, request};
use crate::leftovers::{all, leftovers, server};

fn act(bed: &OpenStack, name: &str, action: &str, more: &Value) -> Value {
    let mut params = about(bed, name);
    params["action"] = json!(action);
    let more = more.as_object().unwrap().clone();
    params.as_object_mut().unwrap().extend(more);
    params
}

#[test]
fn every_action_leads_to_its_state() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "acting";
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": name})),
    );
    let none = json!({});
    for (action, more, changed, status) in [
        ("start", &none, false, "ACTIVE"),
        ("pause", &none, true, "PAUSED"),
        ("pause", &none, false, "PAUSED"),
        ("unpause", &none, true, "ACTIVE"),
        ("suspend", &none, true, "SUSPENDED"),
        ("start", &none, true, "ACTIVE"),
        ("pause", &none, true, "PAUSED"),
        ("resume", &none, true, "ACTIVE"),
        ("pause", &none, true, "PAUSED"),
        ("stop", &none, true, "SHUTOFF"),
        ("stop", &none, false, "SHUTOFF"),
        ("reboot", &json!({"hard": true}), true, "ACTIVE"),
        ("reboot", &none, true, "ACTIVE"),
        ("rescue", &json!({"image": "spare"}), true, "RESCUE"),
        ("unrescue", &none, true, "ACTIVE"),
        (
            "resize",
            &json!({"size": "m1.small"}),
            true,
            "VERIFY_RESIZE",
        ),
        ("revert_resize", &none, true, "ACTIVE"),
        (
            "resize",
            &json!({"size": "m1.small"}),
            true,
            "VERIFY_RESIZE",
        ),
        ("confirm_resize", &none, true, "ACTIVE"),
        ("resize", &json!({"size": "m1.small"}), false, "ACTIVE"),
        ("lock", &none, true, "ACTIVE"),
        ("lock", &none, false, "ACTIVE"),
        ("unlock", &none, true, "ACTIVE"),
        ("unlock", &none, false, "ACTIVE"),
        ("shelve", &none, true, "SHELVED_OFFLOADED"),
        ("shelve", &none, false, "SHELVED_OFFLOADED"),
        ("unshelve", &none, true, "ACTIVE"),
        ("unshelve", &none, false, "ACTIVE"),
        ("rebuild", &json!({"image": "spare"}), true, "ACTIVE"),
    ] {
        let done = master.ok("server.action", &act(bed, name, action, more));
        assert_eq!(done["changed"], changed, "{action}: {done:#}");
        assert_eq!(server(&demo, name)["status"], status, "{action}");
    }
    let seen = server(&demo, name);
    assert_eq!(seen["flavor"]["original_name"], "m1.small");
    // what is recorded of it is what it is made of now
    assert_eq!(seen["metadata"]["va-driver.image"], "spare");
    assert!(seen["metadata"]["va-driver.creation"].is_string());
    for (action, more, kind) in [
        ("unrescue", none.clone(), None),
        ("confirm_resize", none.clone(), Some("conflict")),
        ("resize", none.clone(), Some("invalid_field")),
        ("resize", json!({"size": "m1.nothing"}), Some("not_found")),
        ("snapshot", none.clone(), Some("invalid_field")),
        ("seal", none.clone(), Some("unsupported")),
    ] {
        let params = act(bed, name, action, &more);
        match kind {
            Some(kind) => drop(master.fails(kind, "server.action", &params)),
            None => assert_eq!(master.ok("server.action", &params)["changed"], false),
        }
    }
    let log = master.ok(
        "server.action",
        &act(bed, name, "console_log", &json!({"lines": 1})),
    );
    assert_eq!(log["output"], "LAST LINE", "{log:#}");
    master.ok("server.action", &act(bed, name, "delete", &none));
    assert_eq!(leftovers(&demo, name), [""; 0]);
    let error = master.fails("not_found", "server.action", &act(bed, name, "stop", &none));
    assert_eq!(error["data"]["field"], "/server_name");
}

#[test]
fn a_state_that_does_not_allow_it_is_named() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let name = "refusing";
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": name})),
    );
    master.ok("server.action", &act(bed, name, "stop", &json!({})));
    for action in ["suspend", "pause", "resume", "reboot", "unrescue"] {
        let error = master.fails(
            "conflict",
            "server.action",
            &act(bed, name, action, &json!({})),
        );
        assert!(
            error["message"].as_str().unwrap().contains("SHUTOFF"),
            "{error}"
        );
    }
    master.ok("server.delete", &about(bed, name));
}

/// The bed's hypervisor cannot rescue such a server at all.
#[test]
fn what_is_lacking_for_a_server_that_boots_from_a_volume_is_named() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let name = "voluminous";
    let spec = json!({"server_name": name, "boot_volume": {"size": 1}});
    master.ok("server.create", &request(bed, &spec));
    for (action, more, words) in [
        ("rebuild", json!({}), "say the image"),
        ("rescue", json!({"image": "spare"}), "hw_rescue_bus"),
    ] {
        let error = master.fails(
            "invalid_field",
            "server.action",
            &act(bed, name, action, &more),
        );
        assert_eq!(error["data"]["field"], "/image", "{error:#}");
        assert!(error.to_string().contains(words), "{error:#}");
    }
    master.ok("server.delete", &about(bed, name));
}

/// The bed's hypervisor has no disk to make an image of: the test fills the image in its place.
#[test]
fn a_snapshot_is_there_when_the_answer_is() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let (name, image) = ("pictured", "picture-of-pictured");
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": name})),
    );
    let params = act(bed, name, "snapshot", &json!({"image": image}));
    let find = || {
        all(
            &demo,
            "image",
            &format!("/v2/images?name={image}"),
            "images",
        )
    };
    let done = thread::scope(|scope| {
        let running = scope.spawn(|| master.ok("server.action", &params));
        let end = Instant::now() + Duration::from_secs(120);
        while find().is_empty() {
            assert!(Instant::now() < end, "Nova makes no image");
            thread::sleep(Duration::from_millis(200));
        }
        let id = find()[0]["id"].as_str().unwrap().to_owned();
        demo.fill_image(&id, b"a disk");
        running.join().unwrap()
    });
    assert_eq!(done["image"]["name"], image);
    assert_eq!(find()[0]["status"], "active");
    assert_eq!(find()[0]["id"], done["image"]["id"]);
    let error = master.fails("already_exists", "server.action", &params);
    assert_eq!(error["data"]["field"], "/image");
    let path = format!("/v2/images/{}", done["image"]["id"].as_str().unwrap());
    assert_eq!(demo.try_ask(Method::DELETE, "image", &path, None).0, 204);
    master.ok("server.delete", &about(bed, name));
}
