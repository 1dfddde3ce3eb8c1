//! Guests that boot: what they read, what is told of them, what is done to them, and that nothing is
//! left of them.

use std::fs;

use serde_json::{Value, json};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::guest_console::{Seen, comes_to, hears, hears_again};

/// A request about one server.
pub(crate) fn about(bed: &Bed, server: &str) -> Value {
    json!({"provider": bed.provider(), "server_name": server})
}

/// Does `action` to a server; the answer.
pub(crate) fn act(master: &Master, bed: &Bed, server: &str, action: &str) -> Value {
    let mut request = about(bed, server);
    request["action"] = json!(action);
    master.ok("server.action", &request)
}

/// Whether the seed of `server` has the text `what` anywhere in it.
fn seed_has(bed: &Bed, server: &str, what: &str) -> bool {
    let path = seed_path(bed, server);
    let image = fs::read(path).unwrap();
    image
        .windows(what.len())
        .any(|part| part == what.as_bytes())
}

fn seed_path(bed: &Bed, server: &str) -> std::path::PathBuf {
    let stem = format!("{server}.");
    fs::read_dir(bed.pool())
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(&stem) && name.ends_with(".seed.iso")
        })
        .unwrap()
}

/// A file of the seed, read by isoinfo.
pub(crate) fn seed_file(bed: &Bed, server: &str, file: &str) -> Vec<u8> {
    let output = std::process::Command::new("isoinfo")
        .args(["-R", "-x", file, "-i"])
        .arg(seed_path(bed, server))
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
#[allow(clippy::too_many_lines)] // one life, from its plan to its end
fn a_linked_clone_lives_its_whole_life() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut minion = master.minion();
    minion["id"] = json!("web-1.example.org");
    let spec = json!({"server_name": "life", "role": "web", "minion": minion});
    let created = master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec, "wait": "address"}),
    );
    assert_eq!(
        (&created["created"], &created["ready"]),
        (&json!(true), &json!(true))
    );
    let fingerprint = created["minion"]["fingerprint"].as_str().unwrap();
    let key = master.pki().join("minions/web-1.example.org");
    assert_eq!(
        fs::read_to_string(&key).unwrap().trim(),
        created["minion"]["public_key"].as_str().unwrap().trim()
    );

    // The guest has read what was asked for.
    let seen = Seen::by(bed, "life");
    for (name, value) in [
        ("hostname", "life"),
        ("minion", "web-1.example.org"),
        ("fingerprint", fingerprint),
        ("role", "web"),
        ("seed", "config-2"),
        ("private_key", "present"),
        ("disk", "1024"),
        ("disks", "1"),
        ("cpus", "1"),
    ] {
        assert_eq!(seen.get(name), value, "{name}");
    }
    let address = hears(bed, "life", "va-guest: address=");
    let address = address.split_whitespace().next().unwrap();

    // Both views tell the same, and the full one more.
    for full in [false, true] {
        let list = master.ok(
            "server.list",
            &json!({"provider": bed.provider(), "full": full}),
        );
        let servers = list["servers"].as_array().unwrap();
        let own = servers
            .iter()
            .find(|server| server["name"] == "life")
            .unwrap();
        assert_eq!(own["status"], "ACTIVE");
        assert_eq!(own["state"], "running");
        assert_eq!(own["ip"], address);
        assert_eq!(own["private_ips"], json!([address]));
        assert_eq!(own["size"], "tiny");
        assert_eq!(
            (&own["used_ram"], &own["used_cpu"], &own["used_disk"]),
            (&json!(256), &json!(1), &json!(1))
        );
        assert_eq!(own["id"], bed.virsh(&["domuuid", "life"]));
        if full {
            assert_eq!(own["image"], IMAGE);
            assert_eq!(own["role"], "web");
            assert_eq!(own["minion_id"], "web-1.example.org");
            assert_eq!(own["managed"], true);
            assert_eq!(own["interfaces"][0]["network"], "default");
            assert_eq!(own["interfaces"][0]["addresses"], json!([address]));
        }
    }
    let shown = master.ok("server.show", &about(bed, "life"));
    assert_eq!(shown["server"]["ip"], address);
    let overlay = bed.virsh(&["domblklist", "life"]);
    assert!(overlay.contains(".root.qcow2"), "{overlay}");

    // The private key goes, all else stays.
    let meta = seed_file(bed, "life", "/openstack/latest/meta_data.json");
    assert!(seed_has(bed, "life", "PRIVATE KEY"));
    let size = fs::metadata(seed_path(bed, "life")).unwrap().len();
    assert_eq!(act(&master, bed, "life", "seal")["changed"], true);
    assert!(!seed_has(bed, "life", "PRIVATE KEY"));
    let user_data =
        String::from_utf8(seed_file(bed, "life", "/openstack/latest/user_data")).unwrap();
    assert!(user_data.contains("web-1.example.org"), "{user_data}");
    assert_eq!(
        seed_file(bed, "life", "/openstack/latest/meta_data.json"),
        meta
    );
    assert_eq!(fs::metadata(seed_path(bed, "life")).unwrap().len(), size);
    assert_eq!(act(&master, bed, "life", "seal")["changed"], false);

    // Each action has its effect, once.
    for (action, state, status) in [
        ("suspend", "paused", "PAUSED"),
        ("resume", "running", "ACTIVE"),
        ("start", "running", "ACTIVE"),
        ("stop", "shut off", "SHUTOFF"),
        ("stop", "shut off", "SHUTOFF"),
        ("start", "running", "ACTIVE"),
    ] {
        let before = bed.state("life");
        let done = act(&master, bed, "life", action);
        assert_eq!(done["server"]["status"], status, "{action}");
        assert_eq!(bed.state("life"), state, "{action}");
        assert_eq!(done["changed"], before != state, "{action}");
    }
    hears(bed, "life", "va-guest: power button");
    // It boots from the sealed seed as well.
    let again = hears_again(bed, "life", "va-guest: hostname=", 2);
    assert!(again.contains("private_key=absent"), "{again}");
    assert!(again.contains("minion=web-1.example.org"), "{again}");
    let mut reboot = about(bed, "life");
    reboot["action"] = json!("reboot");
    reboot["timeout"] = json!(0);
    assert_eq!(master.ok("server.action", &reboot)["changed"], true);
    comes_to(bed, "life", "running");
    hears_again(bed, "life", "va-guest: hostname=", 3);

    let deleted = master.ok("server.delete", &about(bed, "life"));
    assert_eq!(deleted["deleted"], true);
    assert_eq!(deleted["minion_id"], "web-1.example.org");
    assert_eq!(deleted["removed"].as_array().unwrap().len(), 4, "{deleted}");
    assert_eq!(bed.leftovers("life"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn seeds_are_found_on_other_buses_and_disks_are_there() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let cidr = bed.env("VA_NETWORK_CIDR");
    let own = cidr.replace(".0/24", ".251");
    // A static address, a second network, and disks of both kinds; the seed on IDE.
    let spec = json!({
        "server_name": "static", "machine": "pc", "seed": {"format": "config-2", "bus": "ide"},
        "networks": [
            {"bridge": bed.env("VA_NETWORK_BRIDGE"), "mac": "52-54-00-12-34-56",
             "addresses": [format!("{own}/24")], "gateways": [bed.env("VA_NETWORK_GATEWAY")], "dns": ["10.0.0.53"]},
            "default",
        ],
        "storage_disk": 1, "disks": [{"size": 2}],
    });
    let created = master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    assert_eq!(created["server"]["ip"], own);
    let seen = Seen::by(bed, "static");
    assert_eq!(seen.get("seed"), "config-2");
    assert_eq!(seen.get("disks"), "3");
    let address = hears(bed, "static", "va-guest: address=");
    assert!(address.starts_with(&own), "{address}");
    let interfaces = bed.virsh(&["domiflist", "static"]);
    assert!(interfaces.contains("52:54:00:12:34:56"), "{interfaces}");
    assert!(interfaces.contains("network"), "{interfaces}");
    let shown = master.ok("server.show", &about(bed, "static"));
    assert_eq!(shown["server"]["used_disk"], 4);
    assert_eq!(shown["server"]["interfaces"].as_array().unwrap().len(), 2);
    assert_eq!(bed.leftovers("static").len(), 9); // four volumes, listed and as files, and the domain
    master.ok("server.delete", &about(bed, "static"));
    assert_eq!(bed.leftovers("static"), [""; 0]);

    let spec = json!({"server_name": "vdisk", "seed": {"format": "cidata", "bus": "virtio"}});
    master.ok(
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    let seen = Seen::by(bed, "vdisk");
    assert_eq!((seen.get("seed"), seen.get("disks")), ("cidata", "2"));
    master.ok("server.delete", &about(bed, "vdisk"));
    assert_eq!(bed.leftovers("vdisk"), [""; 0]);
}
