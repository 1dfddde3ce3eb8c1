//! What becomes of a server after its creation: snapshots, sizes, disks, cards, names, root disks.

use std::fs;

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::guest_console::Seen;
use crate::interruptions::nothing_left;

/// A request to do `action` to `server`, with `more` of its members.
fn to_do(provider: &Value, server: &str, action: &str, more: &Value) -> Value {
    let mut request = json!({"provider": provider, "server_name": server, "action": action});
    request
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    request
}

#[test]
fn snapshots_are_made_listed_gone_back_to_and_leave_with_their_server() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let spec = json!({"server_name": "kept", "storage_disk": 1});
    let created = json!({"provider": provider, "server": spec});
    master.ok("server.create", &created);
    let request = |action: &str, more: Value| to_do(&provider, "kept", action, &more);
    let does = |action: &str, more: Value| master.ok("server.action", &request(action, more));

    // with the memory of a guest that runs, and of one that is off
    let done = does("snapshot", json!({"image": "running"}));
    assert_eq!(done["server"]["status"], "ACTIVE", "{done}");
    does("stop", json!({"timeout": 0}));
    does("snapshot", json!({"image": "off"}));
    let listed = does("list_snapshots", json!({}));
    let seen: Vec<_> = listed["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                &one["name"],
                &one["memory"],
                &one["current"],
                &one["parent"],
            )
        })
        .collect();
    assert_eq!(listed["changed"], false);
    assert_eq!(
        seen,
        [
            (&json!("running"), &json!(true), &json!(false), &Value::Null),
            (
                &json!("off"),
                &json!(false),
                &json!(true),
                &json!("running")
            ),
        ]
    );
    let too_long = "n".repeat(201);
    for (action, image, kind) in [
        ("snapshot", "off", "already_exists"),
        ("snapshot", "a/b", "invalid_field"),
        ("snapshot", &too_long, "invalid_field"),
        ("snapshot", "", "invalid_field"),
        ("revert_snapshot", "nosuch", "not_found"),
    ] {
        let error = master.fails(
            kind,
            "server.action",
            &request(action, json!({"image": image})),
        );
        assert_eq!(error["data"]["field"], "/image", "{error}");
    }

    // the guest goes on from where it was, with the record that it had
    let done = does("revert_snapshot", json!({"image": "running"}));
    assert_eq!(done["server"]["status"], "ACTIVE", "{done}");
    assert_eq!(done["server"]["managed"], true);
    assert_eq!(master.ok("server.create", &created)["created"], false);
    assert_eq!(
        does("delete_snapshot", json!({"image": "off"}))["changed"],
        true
    );
    assert_eq!(
        does("delete_snapshot", json!({"image": "off"}))["changed"],
        false
    );

    master.ok("server.delete", &about(bed, "kept"));
    assert_eq!(bed.leftovers("kept"), [""; 0]);
    assert_eq!(
        bed.virsh(&["list", "--all", "--name"])
            .matches("kept")
            .count(),
        0
    );
}

#[test]
fn snapshots_are_refused_where_a_disk_holds_none_and_of_what_is_not_ours() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let spec = json!({"server_name": "rawdisk"});
    let request = json!({"provider": provider, "server": spec, "wait": "defined"});
    master.ok("server.create", &request);
    let raw = bed.pool().join("rawdisk.img");
    bed.virsh(&[
        "vol-create-as",
        "default",
        "rawdisk.img",
        "1M",
        "--format",
        "raw",
    ]);
    bed.virsh(&[
        "attach-disk",
        "rawdisk",
        raw.to_str().unwrap(),
        "vdx",
        "--config",
    ]);
    let snapshot = to_do(&provider, "rawdisk", "snapshot", &json!({"image": "one"}));
    let error = master.fails("unsupported", "server.action", &snapshot);
    let says = error["message"].as_str().unwrap();
    assert!(
        says.contains("rawdisk.img") && says.contains("qcow2"),
        "{error}"
    );
    master.ok("server.delete", &about(bed, "rawdisk"));
    bed.virsh(&["vol-delete", "rawdisk.img", "--pool", "default"]);

    let xml = bed.path("foreign.xml");
    std::fs::write(
        &xml,
        "<domain type='qemu'><name>foreign-kept</name><memory>32768</memory><os><type>hvm</type></os></domain>",
    )
    .unwrap();
    bed.virsh(&["define", xml.to_str().unwrap()]);
    let snapshot = to_do(
        &provider,
        "foreign-kept",
        "snapshot",
        &json!({"image": "one"}),
    );
    master.fails("conflict", "server.action", &snapshot);
    let list = to_do(&provider, "foreign-kept", "list_snapshots", &json!({}));
    assert_eq!(master.ok("server.action", &list)["snapshots"], json!([]));
    bed.virsh(&["undefine", "foreign-kept"]);
}

#[test]
fn a_running_server_is_resized_as_far_as_it_was_started_for() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut provider = bed.provider();
    provider["flavours"]["roomy"] = json!({"num_cpus": 1, "max_cpus": 2, "memory": "256MiB", "max_memory": "320MiB",
        "vol_capacity": 1});
    provider["flavours"]["fuller"] = json!({"num_cpus": 2, "memory": "320MiB", "vol_capacity": 2});
    provider["flavours"]["beyond"] = json!({"num_cpus": 3, "memory": "320MiB", "vol_capacity": 2});
    let spec = json!({"server_name": "breathes", "size": "roomy"});
    let created = json!({"provider": provider, "server": spec});
    master.ok("server.create", &created);
    let resize = |size: &str| to_do(&provider, "breathes", "resize", &json!({"size": size}));
    let error = master.fails("conflict", "server.action", &resize("beyond"));
    assert!(
        error["message"].as_str().unwrap().contains("stop it"),
        "{error}"
    );
    let done = master.ok("server.action", &resize("fuller"));
    assert_eq!(
        (&done["server"]["size"], &done["server"]["status"]),
        (&json!("fuller"), &json!("ACTIVE"))
    );
    let about_it = bed.virsh(&["dominfo", "breathes"]);
    assert!(about_it.contains("CPU(s):         2"), "{about_it}");
    let balloon = bed.virsh(&["dommemstat", "breathes"]);
    assert!(balloon.contains("actual"), "{balloon}");
    let blocks = bed.virsh(&["domblkinfo", "breathes", "vda"]);
    assert!(blocks.contains(&(2_u64 << 30).to_string()), "{blocks}");
    // what it starts with next is the new size, and nothing is to be done again
    let xml = bed.virsh(&["dumpxml", "--inactive", "breathes"]);
    assert!(
        xml.contains(">2</vcpu>") && xml.contains(">327680</memory>"),
        "{xml}"
    );
    assert_eq!(
        master.ok("server.action", &resize("fuller"))["changed"],
        false
    );
    assert_eq!(master.ok("server.create", &created)["created"], false);
    master.ok("server.delete", &about(bed, "breathes"));
    assert_eq!(bed.leftovers("breathes"), [""; 0]);
}

#[test]
#[allow(clippy::too_many_lines)] // one life
fn disks_and_cards_are_given_and_taken_away_while_the_guest_runs() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let spec = json!({"server_name": "plugged"});
    let created = json!({"provider": provider, "server": spec, "wait": "address"});
    let uuid = master.ok("server.create", &created)["server"]["id"].clone();
    let uuid = uuid.as_str().unwrap().to_owned();
    let request = |action: &str, more: Value| to_do(&provider, "plugged", action, &more);
    let does = |action: &str, more: Value| master.ok("server.action", &request(action, more));
    let blocks = || bed.virsh(&["domblklist", "plugged"]);

    for (more, kind, field) in [
        (json!({}), "invalid_field", "/disk"),
        (
            json!({"disk": {"pool": "default"}}),
            "invalid_field",
            "/disk/size",
        ),
        (
            json!({"disk": {"size": 1, "pool": "nosuch"}}),
            "not_found",
            "/disk/pool",
        ),
        (
            json!({"disk": {"size": 1, "volume_type": "fast"}}),
            "invalid_field",
            "/disk/volume_type",
        ),
        (
            json!({"disk": {"volume": "guest.qcow2"}}),
            "not_found",
            "/disk/volume",
        ),
        (
            json!({"disk": {"size": 1}, "mac": "52:54:00:00:00:01"}),
            "invalid_field",
            "/mac",
        ),
    ] {
        let error = master.fails(kind, "server.action", &request("attach_disk", more));
        assert_eq!(error["data"]["field"], field, "{error}");
    }
    let done = does("attach_disk", json!({"disk": {"size": 1}}));
    let volume = format!("plugged.{}.data1.qcow2", &uuid[..8]);
    assert_eq!(done["volume"], json!(volume), "{done}");
    assert!(blocks().contains(&volume) && bed.pool().join(&volume).exists());
    // taken away it stays, and can be given again; it is the server's until it is deleted
    does("detach_disk", json!({"volume": volume}));
    assert!(!blocks().contains(&volume) && bed.pool().join(&volume).exists());
    assert_eq!(
        does("detach_disk", json!({"volume": volume}))["changed"],
        false
    );
    does("attach_disk", json!({"disk": {"volume": volume}}));
    assert_eq!(
        does("attach_disk", json!({"disk": {"volume": volume}}))["changed"],
        false
    );
    let done = does("attach_disk", json!({"disk": {"size": 1}}));
    let second = done["volume"].as_str().unwrap().to_owned();
    does("detach_disk", json!({"volume": second, "delete": true}));
    assert!(!bed.pool().join(&second).exists());
    master.fails(
        "not_found",
        "server.action",
        &request("detach_disk", json!({"volume": second})),
    );
    let root = format!("plugged.{}.root.qcow2", &uuid[..8]);
    master.fails(
        "not_found",
        "server.action",
        &request("detach_disk", json!({"volume": root})),
    );

    let done = does(
        "attach_interface",
        json!({"interface": {"network": bed.env("VA_NETWORK"), "mtu": 1400}}),
    );
    let cards = done["server"]["interfaces"].as_array().unwrap();
    assert_eq!(cards.len(), 2, "{done}");
    let mac = cards[1]["mac"].as_str().unwrap().to_owned();
    let error = master.fails(
        "invalid_field",
        "server.action",
        &request(
            "attach_interface",
            json!({"interface": {"user": true, "addresses": ["192.0.2.7/24"]}}),
        ),
    );
    assert_eq!(error["data"]["field"], "/interface/addresses", "{error}");
    let error = master.fails(
        "not_found",
        "server.action",
        &request("attach_interface", json!({"interface": "nosuch"})),
    );
    assert_eq!(error["data"]["field"], "/interface", "{error}");
    let done = does("detach_interface", json!({"mac": mac.to_uppercase()}));
    assert_eq!(
        done["server"]["interfaces"].as_array().unwrap().len(),
        1,
        "{done}"
    );
    assert_eq!(
        does("detach_interface", json!({"mac": mac}))["changed"],
        false
    );

    let deleted = master.ok("server.delete", &about(bed, "plugged"));
    assert!(
        deleted["removed"].to_string().contains(&volume),
        "{deleted}"
    );
    assert_eq!(deleted["left"], Value::Null, "{deleted}");
    nothing_left(bed, &master, "plugged", "at the end");
}

#[test]
fn a_volume_whose_attaching_was_cut_off_goes_and_one_that_is_attached_stays() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let request =
        json!({"provider": provider, "server": {"server_name": "cutoff"}, "wait": "defined"});
    let uuid = master.ok("server.create", &request)["server"]["id"].clone();
    let uuid = uuid.as_str().unwrap();
    let attach = to_do(
        &provider,
        "cutoff",
        "attach_disk",
        &json!({"disk": {"size": 1}}),
    );
    let attached = master.ok("server.action", &attach)["volume"].clone();
    let cut = format!("cutoff.{}.data9.qcow2", &uuid[..8]);
    let foreign = "cutoff.0badf00d.data9.qcow2";
    for name in [cut.as_str(), foreign] {
        bed.virsh(&["vol-create-as", "default", name, "1M", "--format", "qcow2"]);
    }
    let spare = |volume: &Value| json!({"resource": "spare", "server": uuid, "pool": "default", "volume": volume});
    let lines = [attached.clone(), json!(cut), json!(foreign)].map(|volume| spare(&volume));
    crate::foreign::plant(&master, bed, "cutoff", &lines);
    let recovered = master.ok("server.recover", &json!({"provider": provider}));
    assert_eq!(
        recovered["removed"].as_array().unwrap().len(),
        1,
        "{recovered}"
    );
    assert!(
        recovered["removed"][0]["name"]
            .as_str()
            .unwrap()
            .ends_with(&cut),
        "{recovered}"
    );
    assert!(
        recovered["left"].to_string().contains(foreign),
        "{recovered}"
    );
    assert!(bed.pool().join(attached.as_str().unwrap()).exists());
    bed.virsh(&["vol-delete", foreign, "--pool", "default"]);
    master.ok("server.delete", &about(bed, "cutoff"));
    nothing_left(bed, &master, "cutoff", "at the end");
}

#[test]
fn a_server_is_renamed_with_its_firmware_and_goes_by_its_new_name() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let spec = json!({"server_name": "oldname", "firmware": "uefi", "minion": master.minion()});
    master.ok(
        "server.create",
        &json!({"provider": provider, "server": spec}),
    );
    let rename = |new: &str| to_do(&provider, "oldname", "rename", &json!({"new_name": new}));
    let error = master.fails("conflict", "server.action", &rename("newname"));
    assert!(
        error["message"].as_str().unwrap().contains("stop it"),
        "{error}"
    );
    master.ok(
        "server.action",
        &to_do(&provider, "oldname", "stop", &json!({"timeout": 0})),
    );
    let error = master.fails("invalid_field", "server.action", &rename("new name"));
    assert_eq!(error["data"]["field"], "/new_name", "{error}");
    assert_eq!(
        master.ok("server.action", &rename("oldname"))["changed"],
        false
    );
    let done = master.ok("server.action", &rename("newname"));
    assert_eq!(done["server"]["hostname"], "newname", "{done}");
    // it starts with the variables that it had
    master.ok(
        "server.action",
        &to_do(&provider, "newname", "start", &json!({})),
    );
    assert!(!bed.nvram().join("newname_VARS.fd").exists());
    let deleted = master.ok("server.delete", &about(bed, "newname"));
    assert_eq!(deleted["left"], Value::Null, "{deleted}");
    assert!(!bed.nvram().join("oldname_VARS.fd").exists(), "{deleted}");
    assert_eq!(
        (
            bed.leftovers("oldname"),
            bed.leftovers("newname"),
            master.leftovers()
        ),
        (vec![], vec![], vec![])
    );
}

#[test]
fn a_root_disk_is_made_anew_and_the_old_one_goes() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let spec = json!({"server_name": "anew", "minion": master.minion()});
    let created = json!({"provider": provider, "server": spec});
    let uuid = master.ok("server.create", &created)["server"]["id"].clone();
    let root = |number: &str| {
        let name = format!("anew.{}.root{number}.qcow2", &uuid.as_str().unwrap()[..8]);
        bed.pool().join(name)
    };
    let rebuild = |more: Value| to_do(&provider, "anew", "rebuild", &more);
    let error = master.fails(
        "not_found",
        "server.action",
        &rebuild(json!({"image": "nosuch"})),
    );
    assert_eq!(error["data"]["field"], "/image", "{error}");
    assert!(root("").exists());
    let done = master.ok("server.action", &rebuild(json!({"timeout": 0})));
    assert_eq!(done["server"]["status"], "ACTIVE", "{done}");
    assert!(!root("").exists() && root("2").exists());
    assert_eq!(Seen::by(bed, "anew").get("hostname"), "anew");
    assert_eq!(master.ok("server.create", &created)["created"], false);
    master.ok(
        "server.action",
        &to_do(&provider, "anew", "stop", &json!({"timeout": 0})),
    );
    let done = master.ok("server.action", &rebuild(json!({})));
    assert_eq!(done["server"]["status"], "SHUTOFF", "{done}");
    assert!(!root("2").exists() && fs::exists(root("3")).unwrap());
    // a minion whose key is nowhere any more would not be its master's
    master.ok(
        "server.action",
        &to_do(&provider, "anew", "seal", &json!({})),
    );
    let error = master.fails("conflict", "server.action", &rebuild(json!({})));
    assert!(
        error["message"].as_str().unwrap().contains("sealed"),
        "{error}"
    );
    master.ok("server.delete", &about(bed, "anew"));
    nothing_left(bed, &master, "anew", "at the end");
}

#[test]
fn an_address_is_leased_with_a_name_and_given_back_with_its_server() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let provider = bed.provider();
    let network = bed.env("VA_NETWORK");
    let reserved = json!({"network": network, "reserve": true});
    let spec = json!({"server_name": "leased_1", "networks": [reserved]});
    let request = |spec: &Value| json!({"provider": provider, "server": spec, "wait": "defined"});
    let about_network = || bed.virsh(&["net-dumpxml", network]);
    let plan = master.ok(
        "server.plan",
        &json!({"provider": provider, "server": spec}),
    );
    assert!(
        plan["steps"].to_string().contains("keep an address"),
        "{plan}"
    );
    let created = master.ok("server.create", &request(&spec));
    let mac = created["server"]["interfaces"][0]["mac"].as_str().unwrap();
    let xml = about_network();
    let host = xml.lines().find(|line| line.contains(mac)).unwrap();
    assert!(host.contains("name='leased-1'"), "{xml}");
    let ip = host
        .split("ip='")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    assert!(xml.contains("<hostname>leased-1</hostname>"), "{xml}");
    assert_eq!(
        master.ok("server.create", &request(&spec))["created"],
        false
    );

    // the same address for another server, and what no network keeps
    let taken = json!({"network": network, "reserve": true, "addresses": [format!("{ip}/24")]});
    for (networks, kind, field) in [
        (
            json!([taken]),
            "already_exists",
            "/server/networks/0/reserve",
        ),
        (
            json!([{"network": network, "reserve": true, "addresses": ["198.51.100.7/24"]}]),
            "invalid_field",
            "/server/networks/0/addresses",
        ),
        (
            json!([reserved, reserved]),
            "invalid_field",
            "/server/networks/1/reserve",
        ),
        (
            json!([{"user": true, "reserve": true}]),
            "invalid_field",
            "/server/networks/0/reserve",
        ),
    ] {
        let spec = json!({"server_name": "leased_2", "networks": networks});
        let error = master.fails(kind, "server.create", &request(&spec));
        assert_eq!(error["data"]["field"], field, "{error}");
        nothing_left(bed, &master, "leased_2", "at the end");
    }
    let leased = |xml: &str| -> Vec<String> {
        let lines = xml.lines().filter(|line| line.contains("leased-"));
        lines.map(ToOwned::to_owned).collect()
    };
    // others use the network meanwhile
    assert_eq!(leased(&about_network()), leased(&xml));

    let dry = json!({"provider": provider, "server_name": "leased_1", "dry_run": true});
    let would = master.ok("server.delete", &dry)["would_remove"].to_string();
    assert!(
        would.contains("reservation") && about_network().contains(mac),
        "{would}"
    );
    master.ok("server.delete", &about(bed, "leased_1"));
    let xml = about_network();
    assert!(!xml.contains(mac) && !xml.contains("leased-"), "{xml}");
    nothing_left(bed, &master, "leased_1", "at the end");
}

#[test]
fn an_address_that_somebody_else_keeps_differently_since_stays_and_is_named() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let network = bed.env("VA_NETWORK");
    let about_network = || bed.virsh(&["net-dumpxml", network]);
    let reserved = json!({"network": network, "reserve": true});
    let second = json!({"server_name": "changed_3", "networks": [reserved]});
    let request = json!({"provider": bed.provider(), "server": second, "wait": "defined"});
    let created = master.ok("server.create", &request);
    let other = created["server"]["interfaces"][0]["mac"].as_str().unwrap();
    let changed = |command: &str, name: &str, at: &str| {
        let host = format!("<host mac='{other}' name='{name}' ip='{at}'/>");
        let how = ["--live", "--config"];
        bed.virsh(&[
            "net-update",
            network,
            command,
            "ip-dhcp-host",
            &host,
            how[0],
            how[1],
        ]);
    };
    let line = about_network();
    let at = line.lines().find(|line| line.contains(other)).unwrap();
    let at = at.split("ip='").nth(1).unwrap().split('\'').next().unwrap();
    changed("delete", "changed-3", at);
    changed("add", "another", at);
    let deleted = master.ok("server.delete", &about(bed, "changed_3"));
    assert_eq!(deleted["left"][0]["resource"], "reservation", "{deleted}");
    changed("delete", "another", at);
}

#[test]
fn a_console_that_is_logged_into_a_pool_is_read_through_libvirt() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut provider = bed.provider();
    let folder = bed.path("printed");
    provider["console_log"] = json!(folder);
    let request =
        json!({"provider": provider, "server": {"server_name": "prints"}, "wait": "defined"});
    master.ok("server.create", &request);
    let read = to_do(&provider, "prints", "console_log", &json!({"lines": 2}));
    let error = master.fails("unsupported", "server.action", &read);
    assert!(
        error["message"].as_str().unwrap().contains("pool.create"),
        "{error}"
    );
    let pool = json!({"provider": provider, "pool": {"name": "printed", "path": folder}});
    master.ok("pool.create", &pool);
    assert_eq!(master.ok("server.action", &read)["output"], "");
    let printed = "x".repeat(1 << 20) + "\nthe last but one\nthe last\n";
    fs::write(folder.join("prints.log"), printed).unwrap();
    let done = master.ok("server.action", &read);
    assert_eq!(
        (&done["output"], &done["changed"]),
        (&json!("the last but one\nthe last"), &json!(false))
    );
    let all = master.ok(
        "server.action",
        &to_do(&provider, "prints", "console_log", &json!({})),
    );
    assert_eq!(all["output"].as_str().unwrap().len(), 1 << 20);
    master.ok("server.delete", &about(bed, "prints"));
    bed.virsh(&["pool-destroy", "printed"]);
    bed.virsh(&["pool-undefine", "printed"]);
    nothing_left(bed, &master, "prints", "at the end");
}
