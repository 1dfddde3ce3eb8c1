//! Records and journals that name what is not theirs: nothing of it is ever removed.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};
use crate::create::{about, request};
use crate::failures::full;
use crate::fault_proxy::{FaultProxy, What};
use crate::leftovers::{all, leftovers, server};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The member `name` of the record of the server `of`.
fn recorded(cloud: &Rest, of: &str, name: &str) -> String {
    text(&server(cloud, of)["metadata"][format!("va-driver.{name}")]).to_owned()
}

/// Writes `members` into the record of the server `of`.
fn edit(cloud: &Rest, of: &str, members: &Value) {
    let named = members.as_object().unwrap().iter();
    let metadata: serde_json::Map<_, _> = named
        .map(|(name, value)| (format!("va-driver.{name}"), value.clone()))
        .collect();
    let path = format!("/servers/{}/metadata", text(&server(cloud, of)["id"]));
    cloud.post("compute", &path, &json!({"metadata": metadata}));
}

/// A volume, a port and a floating IP of somebody's own.
struct Somebodys {
    volume: String,
    port: String,
    floating_ip: String,
}

impl Somebodys {
    fn new(cloud: &Rest, name: &str) -> Self {
        let network = |name: &str| {
            let path = format!("/v2.0/networks?name={name}");
            all(cloud, "network", &path, "networks")[0]["id"].clone()
        };
        let made = |service: &str, path: &str, member: &str, mut body: Value| {
            body["description"] = json!(name);
            let answer = cloud.post(service, path, &json!({member: body}));
            text(&answer[member]["id"]).to_owned()
        };
        let volume = json!({"name": name, "size": 1});
        let port = json!({"name": name, "network_id": network("private")});
        let floating_ip = json!({"floating_network_id": network("public")});
        Self {
            volume: made("volumev3", "/volumes", "volume", volume),
            port: made("network", "/v2.0/ports", "port", port),
            floating_ip: made("network", "/v2.0/floatingips", "floatingip", floating_ip),
        }
    }

    fn paths(&self) -> [(&'static str, String); 3] {
        [
            ("volumev3", format!("/volumes/{}", self.volume)),
            ("network", format!("/v2.0/floatingips/{}", self.floating_ip)),
            ("network", format!("/v2.0/ports/{}", self.port)),
        ]
    }

    /// Sees that it is all there, and removes it.
    fn end(self, cloud: &Rest) {
        for (service, path) in self.paths() {
            cloud.get(service, &path);
            cloud.delete(service, &path);
        }
    }
}

/// What `answer` says that it has left, by its kind.
fn left(answer: &Value) -> Vec<&str> {
    let all = answer["left"].as_array().into_iter().flatten();
    let mut kinds: Vec<&str> = all.map(|one| text(&one["resource"])).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn a_record_takes_nothing_that_does_not_carry_its_mark() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let somebodys = Somebodys::new(&demo, "somebodys-own");
    for name in ["honest", "edited"] {
        master.ok("server.create", &request(bed, &full(name, &master)));
    }
    let own = recorded(&demo, "edited", "floating_ip");
    edit(
        &demo,
        "edited",
        &json!({
            // somebody's own, and those of another server
            "port.1": somebodys.port, "port.2": recorded(&demo, "honest", "port.0"),
            "volume.1": somebodys.volume, "volume.2": recorded(&demo, "honest", "volume.0"),
            "floating_ip": somebodys.floating_ip,
            "key_pair": recorded(&demo, "honest", "key_pair"),
            "minion_id": "honest", "fingerprint": recorded(&demo, "honest", "fingerprint"),
        }),
    );
    let whole = leftovers(&demo, "honest");
    let mut dry = about(bed, "edited");
    dry["dry_run"] = json!(true);
    let told = master.ok("server.delete", &dry);
    let gone = master.ok("server.delete", &about(bed, "edited"));
    assert_eq!(told["would_remove"], gone["removed"], "{told:#}");
    assert_eq!(told["would_stay"], gone["left"], "{told:#}");
    assert_eq!(
        left(&gone),
        [
            "floating_ip",
            "minion_key",
            "port",
            "port",
            "volume",
            "volume"
        ],
        "{gone:#}"
    );
    let removed = gone["removed"].as_array().unwrap();
    let kinds: Vec<&str> = removed.iter().map(|one| text(&one["resource"])).collect();
    assert_eq!(kinds, ["server", "port", "volume"], "{gone:#}");
    assert_eq!(gone.get("minion_id"), None, "{gone:#}");
    assert_eq!(leftovers(&demo, "honest"), whole);
    assert!(master.pki().join("minions/honest").exists());
    somebodys.end(&demo);
    master.ok("server.delete", &about(bed, "honest"));
    // what the record does not name any more
    demo.delete("network", &format!("/v2.0/floatingips/{own}"));
    for pair in leftovers(&demo, "edited") {
        let name = pair.split('"').nth(1).unwrap();
        demo.delete("compute", &format!("/os-keypairs/{name}"));
    }
    assert_eq!(leftovers(&demo, "edited"), [""; 0]);
}

#[test]
fn a_copy_of_a_server_takes_nothing_of_the_first() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    master.ok("server.create", &request(bed, &full("first", &master)));
    let first = server(&demo, "first");
    // Nova counts seconds
    std::thread::sleep(Duration::from_millis(1100));
    let flavors = all(&demo, "compute", "/flavors", "flavors");
    let body = json!({"server": {
        "name": "copy", "imageRef": first["image"]["id"], "networks": "none",
        "flavorRef": flavors.iter().find(|one| one["name"] == "m1.tiny").unwrap()["id"],
        "metadata": first["metadata"],
    }});
    demo.post("compute", "/servers", &body);
    let whole = leftovers(&demo, "first");
    let error = master.fails("conflict", "server.delete", &about(bed, "copy"));
    let message = text(&error["message"]);
    assert!(message.contains(text(&first["id"])), "{message}");
    let mut force = about(bed, "copy");
    force["force"] = json!(true);
    let gone = master.ok("server.delete", &force);
    assert_eq!(gone["removed"].as_array().unwrap().len(), 1, "{gone:#}");
    assert_eq!(leftovers(&demo, "first"), whole);
    assert!(master.pki().join("minions/first").exists());

    // As long as a copy stands, what nobody is attached to may be the copy's as well.
    demo.post("compute", "/servers", &body);
    let gone = master.ok("server.delete", &about(bed, "first"));
    assert_eq!(
        left(&gone),
        ["floating_ip", "key_pair", "minion_key", "port"],
        "{gone:#}"
    );
    assert!(master.pki().join("minions/first").exists());
    let gone = master.ok("server.delete", &about(bed, "copy"));
    assert_eq!(left(&gone), [""; 0], "{gone:#}");
    assert_eq!(leftovers(&demo, "first"), [""; 0]);
    assert_eq!(leftovers(&demo, "copy"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn what_was_moved_or_renamed_stays() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let mut spec = full("giver", &master);
    spec["disks"] = json!([{"size": 1}, {"size": 1}]);
    spec.as_object_mut().unwrap().shift_remove("storage_disk");
    master.ok("server.create", &request(bed, &spec));
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": "taker"})),
    );
    let giver = text(&server(&demo, "giver")["id"]).to_owned();
    let taker = text(&server(&demo, "taker")["id"]).to_owned();
    let volumes = ["volume.0", "volume.1"].map(|name| recorded(&demo, "giver", name));
    for volume in &volumes {
        demo.delete(
            "compute",
            &format!("/servers/{giver}/os-volume_attachments/{volume}"),
        );
        until_status(&demo, volume, "available");
    }
    let body = json!({"volumeAttachment": {"volumeId": volumes[0]}});
    demo.post(
        "compute",
        &format!("/servers/{taker}/os-volume_attachments"),
        &body,
    );
    until_status(&demo, &volumes[0], "in-use");
    let body = json!({"volume": {"name": "what I keep"}});
    demo.put("volumev3", &format!("/volumes/{}", volumes[1]), &body);
    // the address leads to the other server now
    let ports = all(
        &demo,
        "network",
        &format!("/v2.0/ports?device_id={taker}"),
        "ports",
    );
    let floating_ip = recorded(&demo, "giver", "floating_ip");
    let path = format!("/v2.0/floatingips/{floating_ip}");
    demo.put(
        "network",
        &path,
        &json!({"floatingip": {"port_id": ports[0]["id"]}}),
    );

    let error = master.fails("conflict", "server.create", &request(bed, &spec));
    let message = text(&error["message"]);
    for gone in [&volumes[0], &volumes[1], &floating_ip] {
        assert!(message.contains(gone.as_str()), "{message}");
    }
    let gone = master.ok("server.delete", &about(bed, "giver"));
    assert_eq!(left(&gone), ["floating_ip", "volume", "volume"], "{gone:#}");
    assert_eq!(
        demo.get("network", &path)["floatingip"]["port_id"],
        ports[0]["id"]
    );
    demo.delete("network", &path);
    master.ok("server.delete", &about(bed, "taker"));
    until_status(&demo, &volumes[0], "available");
    for volume in &volumes {
        demo.delete("volumev3", &format!("/volumes/{volume}"));
    }
}

fn until_status(cloud: &Rest, volume: &str, status: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while cloud.get("volumev3", &format!("/volumes/{volume}"))["volume"]["status"] != status {
        assert!(Instant::now() < end, "{volume} is not {status}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_journal_takes_nothing_that_is_not_its_own() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let somebodys = Somebodys::new(&demo, "not-its-own");
    master.ok("server.create", &request(bed, &full("standing", &master)));
    let seen = server(&demo, "standing");
    let of = |name: &str| recorded(&demo, "standing", name);
    // a journal of this host, as a creation that was killed leaves it
    let proxy = FaultProxy::new(bed, ("POST", "/os-keypairs"), What::HoldBefore);
    let spec = full("killed-early", &master);
    let held = json!({"provider": proxy.provider(bed), "server": spec});
    let mut running = master.start("server.create", &held);
    proxy.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    proxy.release();
    let journal = fs::read_dir(master.state().join("journal")).unwrap().next();
    let journal = journal.unwrap().unwrap().path();
    let header = fs::read_to_string(&journal).unwrap();
    let header = header.lines().next().unwrap().to_owned();
    let known = |resource: &str, id: &str| json!({"resource": resource, "name": id, "id": id});
    let whole = leftovers(&demo, "standing");
    let other = "7c1d0c52-4a1d-4f0c-a0c3-0f3bb1f6a111";
    let of_server = |creation: &str| json!({"resource": "server", "name": "standing", "creation": creation, "id": seen["id"]});
    let things = [
        known("volume", &somebodys.volume),
        known("port", &somebodys.port),
        known("floating_ip", &somebodys.floating_ip),
        json!({"resource": "port", "name": "not-its-own", "id": null}),
        json!({"resource": "volume", "name": "not-its-own", "id": null}),
        known("volume", &of("volume.0")),
        known("port", &of("port.0")),
        known("floating_ip", &of("floating_ip")),
        json!({"resource": "key_pair", "name": of("key_pair")}),
        json!({"resource": "key_pair", "name": "demo"}),
    ];
    for (case, first) in [
        // of no creation, of another one, of a standing server that it does not name
        ("none", Vec::new()),
        ("other", vec![of_server(other)]),
        (
            "named",
            vec![json!({"resource": "key_pair", "name": format!("va-{}", of("creation"))})],
        ),
    ] {
        let mut lines = vec![header.clone()];
        lines.extend(first.iter().chain(&things).map(Value::to_string));
        fs::write(&journal, lines.join("\n") + "\n").unwrap();
        let provider = proxy.provider(bed);
        let recovered = master.ok("server.recover", &json!({"provider": provider}));
        assert_eq!(recovered["removed"], json!([]), "{case}: {recovered:#}");
        assert_eq!(recovered["left_behind"], json!([]), "{case}: {recovered:#}");
        assert!(left(&recovered).len() >= 8, "{case}: {recovered:#}");
        assert!(!journal.exists(), "{case}");
        assert_eq!(leftovers(&demo, "standing"), whole, "{case}");
        demo.get("compute", "/os-keypairs/demo");
    }
    assert!(master.pki().join("minions/standing").exists());
    somebodys.end(&demo);
    master.ok("server.delete", &about(bed, "standing"));
    assert_eq!(leftovers(&demo, "standing"), [""; 0]);
}

#[test]
fn a_server_that_lacks_its_own_is_not_answered_as_if_it_stood() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let spec = full("lacking-its-own", &master);
    let wanted = request(bed, &spec);
    master.ok("server.create", &wanted);
    assert_eq!(master.ok("server.create", &wanted)["created"], false);
    let key = master.pki().join("minions/lacking-its-own");
    let held = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let error = master.fails("conflict", "server.create", &wanted);
    assert!(text(&error["message"]).contains("minion key"), "{error:#}");
    fs::write(&key, held).unwrap();
    assert_eq!(master.ok("server.create", &wanted)["created"], false);
    let port = recorded(&demo, "lacking-its-own", "port.0");
    demo.delete("network", &format!("/v2.0/ports/{port}"));
    let error = master.fails("conflict", "server.create", &wanted);
    assert!(text(&error["message"]).contains(&port), "{error:#}");
    let gone = master.ok("server.delete", &about(bed, "lacking-its-own"));
    let removed = gone["removed"].as_array().unwrap();
    assert!(
        removed.iter().all(|one| one["resource"] != "port"),
        "{gone:#}"
    );
    assert_eq!(leftovers(&demo, "lacking-its-own"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_volume_that_a_snapshot_keeps_is_named_at_once() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    master.ok("server.create", &request(bed, &full("snapped", &master)));
    let volume = recorded(&demo, "snapped", "volume.0");
    let body = json!({"snapshot": {"volume_id": volume, "name": "before", "force": true}});
    let snapshot = demo.post("volumev3", "/snapshots", &body)["snapshot"]["id"].clone();
    let begun = Instant::now();
    let error = master.fails("partial_failure", "server.delete", &about(bed, "snapped"));
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    let left = &error["data"]["left_behind"];
    assert_eq!(left.as_array().unwrap().len(), 1, "{error:#}");
    let reason = text(&left[0]["reason"]);
    assert!(
        reason.contains("before") && reason.contains(text(&snapshot)),
        "{reason}"
    );
    // another server's creation does not wait for it
    let begun = Instant::now();
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": "beside"})),
    );
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    demo.delete("volumev3", &format!("/snapshots/{}", text(&snapshot)));
    let end = Instant::now() + Duration::from_secs(60);
    let is_there = |one: &Value| one["id"] == snapshot;
    while all(&demo, "volumev3", "/snapshots", "snapshots")
        .iter()
        .any(is_there)
    {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(
        master.ok("server.delete", &about(bed, "snapped"))["deleted"],
        true
    );
    master.ok("server.delete", &about(bed, "beside"));
    assert_eq!(leftovers(&demo, "snapped"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn what_was_made_for_a_server_that_is_no_more_is_told_and_removed_when_asked() {
    let bed = OpenStack::shared();
    let master = Master::new();
    // In a project where no other test is in the middle of a creation.
    let of = |what: &str| bed.env(&format!("VA_OS_OTHER_{what}"));
    let (user, password, project) = (of("USERNAME"), of("PASSWORD"), of("PROJECT"));
    let other = Rest::log_in(bed.env("VA_OS_AUTH_URL"), user, password, project);
    let proxy = FaultProxy::aged(bed);
    let by = |provider: Value| {
        let mut provider = provider;
        provider["username"] = json!(user);
        provider["password"] = json!(password);
        provider["tenant"] = json!(project);
        provider
    };
    let (now, later) = (by(bed.provider()), by(proxy.provider(bed)));
    for name in ["orphaner", "not-orphaned"] {
        let mut spec = full(name, &master);
        spec.as_object_mut().unwrap().shift_remove("floating_ip");
        spec["network"] = json!("shared");
        master.ok("server.create", &json!({"provider": now, "server": spec}));
    }
    let orphaner = server(&other, "orphaner");
    let id = text(&orphaner["id"]);
    let volume = text(&orphaner["metadata"]["va-driver.volume.0"]);
    other.delete(
        "compute",
        &format!("/servers/{id}/os-volume_attachments/{volume}"),
    );
    until_status(&other, volume, "available");
    other.delete("compute", &format!("/servers/{id}"));
    let end = Instant::now() + Duration::from_secs(60);
    while leftovers(&other, "orphaner")
        .iter()
        .any(|one| one.starts_with("server"))
    {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(200));
    }
    let (stays, whole) = (
        leftovers(&other, "orphaner"),
        leftovers(&other, "not-orphaned"),
    );
    assert_eq!(stays.len(), 3, "{stays:?}");
    let recover = |provider: &Value, remove: bool| {
        let params = json!({"provider": provider, "remove_orphans": remove});
        master.ok("server.recover", &params)
    };
    let kinds = |answer: &Value, member: &str| -> Vec<String> {
        let all = answer[member].as_array().unwrap().iter();
        let mut kinds: Vec<_> = all.map(|one| text(&one["resource"]).to_owned()).collect();
        kinds.sort();
        kinds
    };
    // what is young may be of a creation that another machine is at
    let young = recover(&now, false);
    assert_eq!(kinds(&young, "orphans"), ["minion_key"], "{young:#}");
    let told = recover(&later, false);
    assert_eq!(
        kinds(&told, "orphans"),
        ["key_pair", "port", "volume"],
        "{told:#}"
    );
    assert_eq!(told["removed"], json!([]));
    assert_eq!(leftovers(&other, "orphaner"), stays);
    let removed = recover(&later, true);
    assert_eq!(
        kinds(&removed, "removed"),
        ["key_pair", "port", "volume"],
        "{removed:#}"
    );
    assert_eq!(leftovers(&other, "orphaner"), [""; 0]);
    let removed = recover(&now, true);
    assert_eq!(kinds(&removed, "removed"), ["minion_key"], "{removed:#}");
    assert_eq!(leftovers(&other, "not-orphaned"), whole);
    let params = json!({"provider": now, "server_name": "not-orphaned"});
    master.ok("server.delete", &params);
    assert_eq!(master.leftovers(), [""; 0]);
}
