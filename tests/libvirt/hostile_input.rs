//! Input that means harm, or is nonsense: refused, or kept word for word; never something else.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::boot::{about, seed_file};
use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;

/// What could break out of XML, YAML, JSON, a template, a shell or a path.
const NASTY: &[&str] = &[
    "<&\"'>]]>'/><evil/><x a='{{ x }}{% for x in [1] %}$(touch /tmp/pwned)`id`\n#: a: b\n- c\n---\n",
    "../../etc/passwd",
    "tab\tand\u{1}\u{7f}control",
    "\u{0}",
    "\u{fffe}",
];

/// Where text is taken.
const FIELDS: &[&str] = &[
    "/provider/provider_name",
    "/provider/pool",
    "/provider/image_pool",
    "/provider/seed_pool",
    "/provider/virt_type",
    "/provider/machine",
    "/provider/firmware",
    "/provider/cpu",
    "/provider/graphics",
    "/provider/console_log",
    "/provider/currency",
    "/provider/location",
    "/provider/pkipath",
    "/provider/host_protocol",
    "/provider/uri",
    "/provider/defaults/network",
    "/server/role",
    "/server/image",
    "/server/size",
    "/server/sec_group",
    "/server/pool",
    "/server/networks/0/network",
    "/server/networks/0/mac",
    "/server/networks/0/model",
    "/server/disks/0/pool",
    "/server/minion/id",
    "/server/minion/master",
    "/server/minion/master_finger",
    "/server/minion/pki_dir",
    "/server/minion/conf/k",
    "/server/minion/grains/g",
    "/server/minion/master_key",
    "/server/ssh_keys/0",
    "/server/user_data",
    "/server/domain",
    "/server/virt_type",
    "/server/machine",
    "/server/firmware",
    "/server/graphics",
    "/server/seed/format",
    "/server/seed/bus",
];

/// A creation in which every field is right.
fn creation(bed: &Bed, master: &Master) -> Value {
    let keys = master.ok("key.generate", &json!({"bits": 2048}));
    let finger = keys["fingerprint"].clone();
    let keys = json!({"public": keys["public_key"], "private": keys["private_key"]});
    json!({
        "provider": bed.provider(),
        "server": {
            "server_name": "nasty", "role": "web", "image": IMAGE, "size": "tiny", "sec_group": "x", "pool": "default",
            "networks": [{"network": "default", "mac": "52:54:00:00:00:01", "model": "virtio"}],
            "disks": [{"size": 1, "pool": "default"}],
            "minion": {"id": "nasty", "master": "m", "master_finger": finger, "pki_dir": master.pki(), "keys": keys, "conf": {"k": "v"}, "grains": {"g": "v"}},
            "ssh_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me"], "domain": "example.org",
            "virt_type": "qemu", "machine": "q35", "firmware": "bios", "graphics": "none",
            "seed": {"format": "config-2", "bus": "scsi"},
        },
        "wait": "defined",
    })
}

/// Everything on the host that a creation could touch.
fn everything(bed: &Bed) -> Vec<String> {
    let mut all: Vec<String> = [
        "list --all --name",
        "vol-list default",
        "net-list --all",
        "pool-list --all",
        "nwfilter-list",
    ]
    .iter()
    .map(|command| bed.virsh(&command.split(' ').collect::<Vec<_>>()))
    .collect();
    let mut files: Vec<_> = [bed.pool(), bed.path("")]
        .iter()
        .flat_map(|dir| fs::read_dir(dir).unwrap().flatten())
        .map(|entry| entry.path().display().to_string())
        .collect();
    files.sort();
    all.extend(files);
    all
}

/// `value` with `text` at the pointer `at`.
fn put(value: &Value, at: &str, text: &str) -> Value {
    let mut value = value.clone();
    let (parent, member) = at.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[member] = json!(text);
    value
}

#[test]
fn names_that_could_be_paths_or_patterns_are_refused() {
    let Some(bed) = Bed::own_system() else { return };
    let bed = &bed;
    let master = Master::new();
    let before = everything(bed);
    let long = "x".repeat(300);
    for id in ["../x", "a b", "*", &long, "", "a/b", "-x", ".x", "x\n", "é"] {
        let spec = json!({"server_name": id});
        let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
        let error = master.fails("invalid_field", "server.create", &request);
        assert_eq!(error["data"]["field"], "/server/server_name", "{id:?}");
        if id.is_empty() {
            continue; // the minion is then called as the server
        }
        let mut minion = master.minion();
        minion["id"] = json!(id);
        let spec = json!({"server_name": "plain", "minion": minion});
        let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
        let error = master.fails("invalid_field", "server.create", &request);
        assert_eq!(error["data"]["field"], "/server/minion/id", "{id:?}");
    }
    for driver in ["nonsense", "../libvirt", "", "*"] {
        let mut provider = bed.provider();
        provider["driver_name"] = json!(driver);
        let error = master
            .call("server.list", &json!({"provider": provider}))
            .unwrap_err();
        assert_eq!(error["data"]["field"], "/provider/driver_name", "{error}");
    }
    // Names of others' servers may be anything, but there is none of these.
    for name in ["../x", "a b", "*", &long, "<x/>"] {
        let request = about(bed, name);
        let kinds = ["not_found", "invalid_field"];
        for method in ["server.show", "server.action"] {
            let mut request = request.clone();
            if method == "server.action" {
                request["action"] = json!("start");
            }
            let error = master.call(method, &request).unwrap_err();
            assert!(
                kinds.contains(&error["data"]["kind"].as_str().unwrap()),
                "{error}"
            );
        }
    }
    assert_eq!(everything(bed), before);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn no_text_means_anything_but_itself() {
    let Some(bed) = Bed::own_system() else { return };
    let bed = &bed;
    let master = Master::new();
    let before = everything(bed);
    let base = creation(bed, &master);
    // It is all right as it is.
    assert_eq!(master.ok("server.create", &base)["created"], true);
    master.ok("server.delete", &about(bed, "nasty"));
    // One session for all: it must outlive every one of them.
    let mut session = master.start("version", &json!({}));
    session.receive();
    let mut created = Vec::new();
    for field in FIELDS {
        for text in NASTY {
            // Without this it would not be any kind of user data.
            let text = match *field {
                "/server/user_data" => format!("#!/bin/sh\n{text}"),
                _ => (*text).to_owned(),
            };
            let index = field
                .rsplit_once('/')
                .and_then(|(parent, last)| last.parse::<usize>().ok().map(|at| (parent, at)));
            let request = match index {
                Some((parent, at)) => {
                    let mut request = base.clone();
                    request.pointer_mut(parent).unwrap()[at] = json!(text);
                    request
                }
                None => put(&base, field, &text),
            };
            let line =
                json!({"jsonrpc": "2.0", "id": 1, "method": "server.create", "params": request});
            session.send(format!("{line}\n").as_bytes());
            let answer = session.receive();
            let what = format!("{field} = {text:?}");
            if let Some(error) = answer.get("error") {
                let kind = error["data"]["kind"].as_str().unwrap();
                let allowed = ["invalid_field", "not_found", "unsupported", "conflict"];
                assert!(allowed.contains(&kind), "{what}: {error}");
                assert_eq!(bed.leftovers("nasty"), [""; 0], "{what}");
                continue;
            }
            assert_eq!(answer["result"]["created"], true, "{what}: {answer}");
            as_asked(bed, &what, field, &text, &master);
            created.push(what);
            let request = json!({"provider": bed.provider(), "server_name": "nasty"});
            assert_eq!(master.ok("server.delete", &request)["deleted"], true);
        }
        assert_eq!(everything(bed), before, "{field}");
        assert_eq!(master.leftovers(), [""; 0], "{field}");
    }
    // Where any text is right, it was taken.
    for field in [
        "/server/role",
        "/server/user_data",
        "/server/minion/grains/g",
        "/provider/location",
    ] {
        assert!(
            created.iter().any(|what| what.starts_with(field)),
            "{field}: {created:#?}"
        );
    }
    assert!(!std::path::Path::new("/tmp/pwned").exists());
}

/// The server that was created with `text` as `field` has just that, and nothing more than others.
fn as_asked(bed: &Bed, what: &str, field: &str, text: &str, master: &Master) {
    let xml = bed.virsh(&["dumpxml", "nasty"]);
    assert!(!xml.contains("<evil"), "{what}: {xml}");
    assert_eq!(bed.leftovers("nasty").len(), 7, "{what}");
    let shown = master.ok("server.show", &about(bed, "nasty"));
    let meta = seed_file(bed, "nasty", "/openstack/latest/meta_data.json");
    let meta: Value =
        serde_json::from_slice(&meta).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(
        meta["hostname"].as_str().map(|name| name.split('.').next()),
        Some(Some("nasty")),
        "{what}"
    );
    let user_data =
        String::from_utf8(seed_file(bed, "nasty", "/openstack/latest/user_data")).unwrap();
    match field {
        "/server/role" => {
            assert_eq!(shown["server"]["role"], text, "{what}");
            assert_eq!(meta["meta"]["role"], text, "{what}");
        }
        "/server/user_data" => {
            let unwrapped = user_data.replace(['\r', '\n'], "");
            let kept = user_data.contains(text) || unwrapped.contains(&BASE64.encode(text));
            assert!(kept, "{what}: {user_data}");
        }
        "/server/minion/master" | "/server/minion/conf/k" | "/server/minion/grains/g" => {
            let json = user_data.strip_prefix("#cloud-config\n").unwrap();
            let config: Value = serde_json::from_str(json).unwrap();
            let member = field.rsplit('/').next().unwrap();
            let place = if member == "g" { "grains" } else { "conf" };
            assert_eq!(config["salt_minion"][place][member], text, "{what}");
        }
        _ => {}
    }
}
