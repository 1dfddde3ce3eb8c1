//! Images brought to Glance.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};

/// One test at a time: of two that upload at once, `SQLite` lets the bed's Glance answer one with a 500.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn request(image: &Value) -> Value {
    json!({"provider": OpenStack::shared().provider(), "image": image})
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The images called `name`, by the cloud itself.
fn called(rest: &Rest, name: &str) -> Vec<Value> {
    let listed = rest.get("image", &format!("/v2/images?name={name}"));
    listed["images"].as_array().unwrap().clone()
}

fn remove(rest: &Rest, name: &str) {
    for image in called(rest, name) {
        rest.delete(
            "image",
            &format!("/v2/images/{}", image["id"].as_str().unwrap()),
        );
    }
}

/// Bytes that are no other format's header.
fn data(length: u32) -> Vec<u8> {
    (0..length)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect()
}

/// Serves `body` to each GET, cut off after `cut` bytes.
fn web_server(body: Vec<u8>, cut: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut seen = Vec::new();
            let mut byte = [0];
            while !seen.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                seen.push(byte[0]);
            }
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body[..cut.min(length)]);
        }
    });
    format!("http://{address}")
}

#[test]
fn a_file_is_brought_once() {
    let _alone = alone();
    let master = Master::new();
    let rest = OpenStack::shared().demo();
    let (bytes, name) = (data(2_000_003), "brought-once.raw");
    let source = master.path(name);
    fs::write(&source, &bytes).unwrap();
    let image = json!({"source": source, "sha256": sha256(&bytes)});
    let first = master.ok("image.import", &request(&image));
    assert_eq!(first["imported"], true);
    assert_eq!(first["sha256"], sha256(&bytes));
    let there = called(&rest, name);
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["id"], first["image"]["id"]);
    assert_eq!(there[0]["status"], "active");
    assert_eq!(there[0]["visibility"], "private");
    assert_eq!(there[0]["disk_format"], "raw");
    assert_eq!(there[0]["size"], json!(bytes.len()));
    assert_eq!(
        there[0]["os_hash_value"],
        hex::encode(sha2::Sha512::digest(&bytes))
    );

    // the same again, with and without its digest, and from elsewhere
    let server = web_server(bytes.clone(), bytes.len());
    for again in [
        image.clone(),
        json!({"source": source}),
        json!({"source": format!("{server}/{name}"), "sha256": sha256(&bytes)}),
    ] {
        let answer = master.ok("image.import", &request(&again));
        assert_eq!(answer["imported"], false, "{again}");
        assert_eq!(answer["image"]["id"], first["image"]["id"]);
    }
    // what is something else, or not known to be the same, is refused
    let other = master.path("other.raw");
    fs::write(&other, data(1000)).unwrap();
    for other in [
        json!({"source": other, "name": name}),
        json!({"source": format!("{server}/{name}")}),
    ] {
        let error = master.fails("already_exists", "image.import", &request(&other));
        assert_eq!(error["data"]["field"], "/image/name");
    }
    assert_eq!(called(&rest, name).len(), 1);
    remove(&rest, name);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn an_image_is_deleted_that_nothing_needs() {
    let _alone = alone();
    let bed = OpenStack::shared();
    let (master, rest) = (Master::new(), bed.demo());
    let (bytes, name) = (data(100_000), "needed.raw");
    let source = master.path(name);
    fs::write(&source, &bytes).unwrap();
    master.ok("image.import", &request(&json!({"source": source})));
    let server = json!({"server_name": "needs-it", "image": name});
    let made = json!({"provider": bed.provider(), "server": server, "timeout": 0});
    master.ok("server.create", &made);
    let wanted = |name: &str| json!({"provider": bed.provider(), "image": {"name": name}});
    let error = master.fails("conflict", "image.delete", &wanted(name));
    assert_eq!(error["data"]["field"], "/image/name");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("the server needs-it is made"), "{error}");
    let gone = json!({"provider": bed.provider(), "server_name": "needs-it"});
    master.ok("server.delete", &gone);

    let mut look = wanted(name);
    look["dry_run"] = json!(true);
    assert_eq!(master.ok("image.delete", &look)["would_change"], true);
    assert_eq!(called(&rest, name).len(), 1);
    assert_eq!(master.ok("image.delete", &wanted(name))["changed"], true);
    assert!(called(&rest, name).is_empty());
    assert_eq!(master.ok("image.delete", &wanted(name))["changed"], false);

    // what is another's, one of several, kept from it, or not whole
    let body = json!({"name": "kept", "protected": true});
    rest.post("image", "/v2/images", &body);
    let tags = json!(["va-driver-import-00000000-0000-0000-0000-000000000000"]);
    rest.post(
        "image",
        "/v2/images",
        &json!({"name": "half", "tags": tags}),
    );
    for (name, kind, why) in [
        ("needs-memory", "permission_denied", ""),
        ("twin", "conflict", "by its id"),
        ("kept", "conflict", "protected"),
        ("half", "conflict", "being imported"),
    ] {
        let error = master.fails(kind, "image.delete", &wanted(name));
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
    }
    let mut pool = wanted("kept");
    pool["image"]["pool"] = json!("default");
    let error = master.fails("invalid_field", "image.delete", &pool);
    assert_eq!(error["data"]["field"], "/image/pool");
    let lists = json!({"provider": bed.provider()});
    master.fails("unsupported", "pool.list", &lists);
    rest.unprotect(called(&rest, "kept")[0]["id"].as_str().unwrap());
    for name in ["kept", "half"] {
        remove(&rest, name);
    }
}

#[test]
fn what_fails_leaves_no_image() {
    let _alone = alone();
    let master = Master::new();
    let rest = OpenStack::shared().demo();
    let bytes = data(3_000_001);
    let server = web_server(bytes.clone(), bytes.len());
    let (name, source) = ("not-meant.raw", format!("{server}/not-meant.raw"));
    let image = json!({"source": source, "sha256": "0".repeat(64)});
    let error = master.fails("invalid_field", "image.import", &request(&image));
    assert_eq!(error["data"]["field"], "/image/sha256");
    assert!(called(&rest, name).is_empty());

    // the same whole, over HTTP
    let image = json!({"source": source, "sha256": sha256(&bytes)});
    let answer = master.ok("image.import", &request(&image));
    assert_eq!(answer["sha256"], sha256(&bytes));
    remove(&rest, name);

    let server = web_server(bytes, 1_500_000);
    let image = json!({"source": format!("{server}/half.raw")});
    let error = master.call("image.import", &request(&image)).unwrap_err();
    assert_eq!(error["data"]["field"], "/image/source", "{error}");
    assert!(called(&rest, "half.raw").is_empty());
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn only_plain_images_are_brought() {
    let _alone = alone();
    let master = Master::new();
    let mut head = vec![0_u8; 512];
    head[..4].copy_from_slice(b"QFI\xfb");
    head[7] = 3;
    head[15] = 200; // the place of a backing file's name
    let source = master.path("overlay.qcow2");
    fs::write(&source, &head).unwrap();
    let image = json!({"source": source});
    let error = master.fails("invalid_field", "image.import", &request(&image));
    assert_eq!(error["data"]["field"], "/image/source");
    let image = json!({"source": source, "name": "disguised", "format": "raw"});
    let error = master.fails("invalid_field", "image.import", &request(&image));
    assert_eq!(error["data"]["field"], "/image/source");
    let image = json!({"source": source, "pool": "default"});
    let error = master.fails("unsupported", "image.import", &request(&image));
    assert_eq!(error["data"]["field"], "/image/pool");
}
