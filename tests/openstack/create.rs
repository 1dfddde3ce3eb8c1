//! Servers that are created, asked for again, and deleted.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::common::Server;
use crate::common::master::Master;
use crate::common::openstack::OpenStack;
use crate::leftovers::{all, leftovers, server, ssh_key};

pub(crate) fn about(bed: &OpenStack, name: &str) -> Value {
    json!({"provider": bed.provider(), "server_name": name})
}

pub(crate) fn request(bed: &OpenStack, spec: &Value) -> Value {
    json!({"provider": bed.provider(), "server": spec})
}

/// Deletes the server `name`, of which there are 8 things, after a dry run that tells just these and
/// removes none.
fn deleted_as_told(bed: &OpenStack, master: &Master, name: &str) {
    let mut dry = about(bed, name);
    dry["dry_run"] = json!(true);
    let names = |list: &Value| {
        let list = list.as_array().unwrap().iter();
        list.map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    let told = master.ok("server.delete", &dry);
    assert_eq!(names(&told["would_remove"]).len(), 8, "{told:#}");
    assert_eq!(leftovers(&bed.demo(), name).len(), 7);
    let gone = master.ok("server.delete", &about(bed, name));
    assert_eq!(gone["deleted"], true);
    assert_eq!(names(&gone["removed"]).len(), 8, "{gone:#}");
    assert_eq!(names(&told["would_remove"]), names(&gone["removed"]));
}

#[test]
fn everything_is_made_and_goes_with_the_server() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "all-of-it";
    let mut minion = master.minion();
    minion["id"] = json!("all.of.it");
    let spec = json!({
        "server_name": name,
        "role": "web",
        "networks": ["private", {"network": "dual", "mac": "52-54-00-aa-bb-cc"}],
        "addresses": ["10.61.0.77/24"],
        "sec_groups": ["web", "ssh"],
        "floating_ip": "",
        "storage_disk": 1,
        "disks": [{"size": 2}],
        "ssh_keys": [ssh_key(name), ssh_key("the-second")],
        "user_data": "#!/bin/sh\necho of the user\n",
        "minion": minion,
        "domain": "example.org",
    });
    let plan = master.ok("server.plan", &request(bed, &spec));
    assert_eq!(plan["create"], true);
    assert_eq!(leftovers(&demo, name), [""; 0], "a plan makes nothing");

    let mut wanted = request(bed, &spec);
    wanted["wait"] = json!("address");
    let made = master.ok("server.create", &wanted);
    assert_eq!(
        (&made["created"], &made["ready"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(made["server"]["status"], "ACTIVE");
    assert_eq!(made["server"]["private_ips"][0], "10.61.0.77");
    assert_eq!(made["minion"]["accepted"], true);
    assert_eq!(master.leftovers(), ["all.of.it"]);
    // server, two ports, floating IP, two volumes, key pair
    assert_eq!(
        leftovers(&demo, name).len(),
        7,
        "{:?}",
        leftovers(&demo, name)
    );

    let seen = server(&demo, name);
    let of = |member: &str| seen["metadata"][format!("va-driver.{member}")].as_str();
    assert_eq!(of("role"), Some("web"));
    assert_eq!(of("minion_id"), Some("all.of.it"));
    assert_eq!(of("fingerprint"), made["minion"]["fingerprint"].as_str());
    assert_eq!(seen["config_drive"], "True");
    assert_eq!(
        seen["os-extended-volumes:volumes_attached"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let ports = all(&demo, "network", "/v2.0/ports", "ports");
    let ours: Vec<_> = ports
        .iter()
        .filter(|port| port["device_id"] == seen["id"])
        .collect();
    assert_eq!(ours.len(), 2);
    assert!(
        ours.iter()
            .all(|port| port["security_groups"].as_array().unwrap().len() == 2)
    );
    assert!(
        ours.iter()
            .any(|port| port["mac_address"] == "52:54:00:aa:bb:cc")
    );
    let text = user_data(bed, &seen);
    for part in [
        "echo of the user",
        "the-second",
        "all-of-it.example.org",
        "salt_minion",
        "10.9.8.7",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains(&ssh_key(name)),
        "the key pair says the first key"
    );

    let again = master.ok("server.create", &wanted);
    assert_eq!(again["created"], false);
    assert_eq!(again["server"]["id"], seen["id"]);
    let mut other = request(bed, &spec);
    other["server"]["role"] = json!("db");
    let error = master.fails("already_exists", "server.create", &other);
    assert_eq!(error["data"]["field"], "/server/server_name");
    assert_eq!(
        master.ok("server.plan", &request(bed, &spec))["create"],
        false
    );

    deleted_as_told(bed, &master, name);
    assert_eq!(leftovers(&demo, name), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
    assert_eq!(
        master.ok("server.delete", &about(bed, name))["deleted"],
        false
    );
}

/// What the server's guest is told, as text.
fn user_data(bed: &OpenStack, seen: &Value) -> String {
    use base64::Engine as _;
    let id = seen["id"].as_str().unwrap();
    let whole = bed.admin().get("compute", &format!("/servers/{id}"));
    let text = whole["server"]["OS-EXT-SRV-ATTR:user_data"]
        .as_str()
        .unwrap();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_server_boots_from_a_volume_of_its_own() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let name = "from-volume";
    let spec = json!({
        "server_name": name, "size": "m1.diskless", "boot_volume": {"size": 2, "volume_type": "fast"},
    });
    master.ok("server.create", &request(bed, &spec));
    let volumes = all(&demo, "volumev3", "/volumes/detail", "volumes");
    let ours: Vec<_> = volumes
        .iter()
        .filter(|volume| {
            volume["name"]
                .as_str()
                .is_some_and(|text| text.starts_with(name))
        })
        .collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0]["bootable"], "true");
    assert_eq!(ours[0]["volume_type"], "fast");
    assert_eq!(ours[0]["size"], 2);
    let seen = server(&demo, name);
    assert_eq!(ours[0]["attachments"][0]["server_id"], seen["id"]);
    assert_eq!(seen["image"], "");
    master.ok("server.delete", &about(bed, name));
    assert_eq!(leftovers(&demo, name), [""; 0]);
}

#[test]
fn a_port_that_is_given_stays() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let networks = all(&demo, "network", "/v2.0/networks?name=second", "networks");
    let body = json!({"port": {"network_id": networks[0]["id"], "name": "somebodys-port"}});
    let port = demo.post("network", "/v2.0/ports", &body)["port"]["id"].clone();
    let spec = json!({"server_name": "on-a-port", "networks": [{"port": "somebodys-port"}]});
    master.ok("server.create", &request(bed, &spec));
    let path = format!("/v2.0/ports/{}", port.as_str().unwrap());
    let seen = server(&demo, "on-a-port");
    assert_eq!(demo.get("network", &path)["port"]["device_id"], seen["id"]);
    let spec = json!({"server_name": "on-the-same", "networks": [{"port": port}]});
    let error = master.fails("conflict", "server.create", &request(bed, &spec));
    assert_eq!(error["data"]["field"], "/server/networks/0/port");
    master.ok("server.delete", &about(bed, "on-a-port"));
    assert_eq!(demo.get("network", &path)["port"]["device_id"], "");
    demo.delete("network", &path);
}

#[test]
fn eight_at_once_all_run() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let names: Vec<String> = (0..8).map(|number| format!("crowd{number}")).collect();
    thread::scope(|scope| {
        for name in &names {
            let master = &master;
            scope.spawn(move || {
                let mut wanted = request(bed, &json!({"server_name": name}));
                wanted["timeout"] = json!(600);
                let made = master.ok("server.create", &wanted);
                assert_eq!(made["ready"], true, "{made:#}");
            });
        }
    });
    let mut addresses: Vec<_> = names
        .iter()
        .map(|name| {
            let seen = server(&demo, name);
            assert_eq!(seen["status"], "ACTIVE");
            seen["addresses"]["private"][0]["addr"].clone().to_string()
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 8);
    thread::scope(|scope| {
        for name in &names {
            let master = &master;
            scope.spawn(move || master.ok("server.delete", &about(bed, name)));
        }
    });
    for name in &names {
        assert_eq!(leftovers(&demo, name), [""; 0]);
    }
    assert_eq!(master.leftovers(), [""; 0]);
}

/// How many servers one session makes and deletes in a row.
const IN_A_ROW: usize = 100;
/// After how many of them it has all that it keeps.
const SETTLED: usize = 20;

#[test]
fn a_hundred_in_a_row_leave_nothing_in_cloud_and_session() {
    if std::env::var_os("VA_MATRIX").is_none() {
        return;
    }
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let mut session = Server::start_in(&master.state());
    let mut call = |method: &str, params: Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        session.send(format!("{call}\n").as_bytes());
        let answer = session.receive();
        assert!(answer["error"].is_null(), "{answer:#}");
        session.holds()
    };
    let mut held = Vec::new();
    for number in 0..IN_A_ROW {
        let name = format!("row{number}");
        let mut minion = master.minion();
        minion["id"] = json!(name);
        let spec = json!({"server_name": name, "minion": minion});
        call("server.create", request(bed, &spec));
        held.push(call("server.delete", about(bed, &name)));
        if number % 10 == 0 {
            assert_eq!(leftovers(&demo, &name), [""; 0]);
        }
    }
    assert_eq!(master.leftovers(), [""; 0]);
    println!("threads, descriptors, KiB: {held:?}");
    let (threads, files, memory) = held[SETTLED];
    let last = &held[IN_A_ROW - SETTLED..];
    let least = |of: fn(&(usize, usize, u64)) -> u64| last.iter().map(of).min().unwrap();
    assert!(least(|one| one.0 as u64) <= threads as u64, "{held:?}");
    assert!(least(|one| one.1 as u64) <= files as u64, "{held:?}");
    // what an allocator keeps back is no leak
    assert!(least(|one| one.2) <= memory + 4096, "{held:?}");
}

#[test]
fn of_two_at_once_one_stands() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    for round in 0..4 {
        let name = format!("race{round}");
        // Different in every second round, so that it cannot be the same server.
        let masters = [Master::new(), Master::new()];
        let answers: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = masters
                .iter()
                .enumerate()
                .map(|(number, master)| {
                    let role = format!("role{}", number * (round % 2));
                    let spec = json!({"server_name": name, "role": role});
                    scope.spawn(move || master.call("server.create", &request(bed, &spec)))
                })
                .collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let mut made = 0;
        for answer in &answers {
            match answer {
                Ok(result) if result["created"] == true => made += 1,
                Ok(result) => assert_eq!((&result["created"], round % 2), (&json!(false), 0)),
                Err(error) => assert_eq!(error["data"]["kind"], "already_exists", "{error}"),
            }
        }
        assert_eq!(made, 1, "{answers:#?}");
        // the server and its port
        assert_eq!(
            leftovers(&demo, &name).len(),
            2,
            "{:?}",
            leftovers(&demo, &name)
        );
        assert!(masters.iter().all(|master| master.leftovers().is_empty()));
        masters[0].ok("server.delete", &about(bed, &name));
        assert_eq!(leftovers(&demo, &name), [""; 0]);
    }
}

#[test]
fn what_others_made_is_theirs() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    let images = all(&demo, "image", "/v2/images?name=tiny", "images");
    let flavors = all(&demo, "compute", "/flavors", "flavors");
    let flavor = flavors
        .iter()
        .find(|flavor| flavor["name"] == "m1.tiny")
        .unwrap();
    let body = json!({"server": {
        "name": "theirs", "imageRef": images[0]["id"], "flavorRef": flavor["id"], "networks": "none",
    }});
    demo.post("compute", "/servers", &body);
    let spec = json!({"server_name": "theirs"});
    master.fails("already_exists", "server.create", &request(bed, &spec));
    master.fails("conflict", "server.delete", &about(bed, "theirs"));
    assert_eq!(leftovers(&demo, "theirs").len(), 1);
    let mut force = about(bed, "theirs");
    force["force"] = json!(true);
    assert_eq!(master.ok("server.delete", &force)["deleted"], true);
    assert_eq!(leftovers(&demo, "theirs"), [""; 0]);
}

#[test]
fn a_name_that_two_have_needs_the_id() {
    let bed = OpenStack::shared();
    let (demo, master) = (bed.demo(), Master::new());
    master.ok(
        "server.create",
        &request(bed, &json!({"server_name": "twins"})),
    );
    let ours = server(&demo, "twins");
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let body = json!({"server": {
        "name": "twins", "imageRef": ours["image"]["id"], "networks": "none",
        "flavorRef": all(&demo, "compute", "/flavors", "flavors")
            .iter().find(|flavor| flavor["name"] == "m1.tiny").unwrap()["id"],
    }});
    let theirs = id(&demo.post("compute", "/servers", &body)["server"]);
    let error = master.fails("conflict", "server.delete", &about(bed, "twins"));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&theirs) && message.contains(&id(&ours)),
        "{message}"
    );
    master.ok("server.delete", &about(bed, &id(&ours)));
    assert_eq!(leftovers(&demo, "twins").len(), 1, "the other one stands");
    demo.delete("compute", &format!("/servers/{theirs}"));
}
