//! Images brought to a pool.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::common::printed;

pub(crate) fn import(bed: &Bed, image: &Value) -> Value {
    json!({"provider": bed.provider(), "image": image})
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn qemu_img(arguments: &[&str], directory: &Path) {
    let mut command = Command::new("qemu-img");
    printed(command.args(arguments).current_dir(directory));
}

/// Serves `body` to every GET, with its length or without, or only the first `cut` bytes of it.
pub(crate) fn web_server(body: Vec<u8>, with_length: bool, cut: Option<usize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                request.push(byte[0]);
            }
            let wrong = !request.starts_with(b"GET /images/");
            let status = if wrong { "404 Not Found" } else { "200 OK" };
            let length = if with_length {
                format!("Content-Length: {}\r\n", body.len())
            } else {
                String::new()
            };
            let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{length}\r\n");
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body[..cut.unwrap_or(body.len())]);
        }
    });
    format!("http://{address}")
}

pub(crate) fn in_pool(bed: &Bed, name: &str) -> bool {
    let listed = bed.virsh(&["vol-list", "default"]);
    bed.pool().join(name).exists()
        || listed
            .lines()
            .any(|line| line.trim_start().starts_with(name))
}

pub(crate) fn remove(bed: &Bed, name: &str) {
    bed.virsh(&["vol-delete", "--pool", "default", name]);
}

#[test]
fn a_file_is_brought_once() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let source = bed.pool().join(IMAGE);
    let bytes = fs::read(&source).unwrap();
    let image = json!({"source": source, "name": "brought.qcow2", "sha256": sha256(&bytes)});
    let first = master.ok("image.import", &import(bed, &image));
    assert_eq!(first["imported"], true);
    assert_eq!(first["sha256"], sha256(&bytes));
    assert_eq!(first["image"]["name"], "brought.qcow2");
    assert_eq!(first["image"]["format"], "qcow2");
    assert_eq!(first["image"]["virtual_size"], 64 << 20);
    assert_eq!(fs::read(bed.pool().join("brought.qcow2")).unwrap(), bytes);
    let again = master.ok("image.import", &import(bed, &image));
    assert_eq!(again["imported"], false);
    let without = json!({"source": source, "name": "brought.qcow2"});
    assert_eq!(
        master.ok("image.import", &import(bed, &without))["imported"],
        false
    );
    let images = master.ok("provider.images", &json!({"provider": bed.provider()}));
    assert!(
        images["images"]
            .as_array()
            .unwrap()
            .iter()
            .any(|image| image["name"] == "brought.qcow2")
    );

    // Something else of that name is not the same.
    let other = master.path("other.qcow2");
    qemu_img(
        &["create", "-q", "-f", "qcow2", "other.qcow2", "1M"],
        other.parent().unwrap(),
    );
    let image = json!({"source": other, "name": "brought.qcow2"});
    let error = master.fails("already_exists", "image.import", &import(bed, &image));
    assert_eq!(error["data"]["field"], "/image/name");
    assert_eq!(fs::read(bed.pool().join("brought.qcow2")).unwrap(), bytes);
    remove(bed, "brought.qcow2");
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn an_image_comes_over_http() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let bytes: Vec<u8> = (0..3_000_001_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    for (number, with_length) in [true, false].into_iter().enumerate() {
        let server = web_server(bytes.clone(), with_length, None);
        let name = format!("fetched{number}.raw");
        let image = json!({"source": format!("{server}/images/{name}"), "sha256": sha256(&bytes)});
        let answer = master.ok("image.import", &import(bed, &image));
        assert_eq!(
            (&answer["imported"], &answer["image"]["name"]),
            (&json!(true), &json!(name))
        );
        assert_eq!(fs::read(bed.pool().join(&name)).unwrap(), bytes);
        assert_eq!(
            master.ok("image.import", &import(bed, &image))["imported"],
            false
        );
        remove(bed, &name);

        // It is not what was meant.
        let image =
            json!({"source": format!("{server}/images/wrong.raw"), "sha256": "0".repeat(64)});
        let error = master.fails("invalid_field", "image.import", &import(bed, &image));
        assert_eq!(error["data"]["field"], "/image/sha256");
        assert!(!in_pool(bed, "wrong.raw"));

        let image = json!({"source": format!("{server}/nowhere.raw")});
        master.fails("not_found", "image.import", &import(bed, &image));
    }
    // The server hangs up in the middle.
    let server = web_server(bytes, true, Some(1_500_000));
    let image = json!({"source": format!("{server}/images/half.raw")});
    master
        .call("image.import", &import(bed, &image))
        .unwrap_err();
    assert!(!in_pool(bed, "half.raw"));
    let image = json!({"source": "ftp://example.org/images/x.raw"});
    let error = master
        .call("image.import", &import(bed, &image))
        .unwrap_err();
    assert_eq!(error["data"]["field"], "/image/source");
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn images_that_lead_to_other_files_are_refused() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let pool = bed.pool();
    qemu_img(
        &[
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "qcow2",
            "-b",
            IMAGE,
            "overlay.qcow2",
        ],
        &pool,
    );
    qemu_img(
        &[
            "create",
            "-q",
            "-f",
            "qcow2",
            "-o",
            "data_file=secret.raw",
            "split.qcow2",
            "1M",
        ],
        &pool,
    );
    fs::copy(pool.join(IMAGE), pool.join("disguised.raw")).unwrap();
    bed.refresh();
    for name in ["overlay.qcow2", "split.qcow2"] {
        let spec = json!({"server_name": "misled", "image": name});
        for clone in ["linked", "full"] {
            let mut spec = spec.clone();
            spec["clone"] = json!(clone);
            let request = json!({"provider": bed.provider(), "server": spec});
            let error = master.fails("invalid_field", "server.create", &request);
            assert_eq!(error["data"]["field"], "/server/image", "{name} {clone}");
        }
        // Nor are they brought to a pool at all.
        let image = json!({"source": pool.join(name), "name": "misleading.qcow2"});
        let error = master.fails("invalid_field", "image.import", &import(bed, &image));
        assert_eq!(error["data"]["field"], "/image/source");
    }
    let image = json!({"source": pool.join("disguised.raw"), "name": "misleading.raw"});
    master.fails("invalid_field", "image.import", &import(bed, &image));
    let image =
        json!({"source": pool.join("disguised.raw"), "name": "misleading", "format": "raw"});
    master.fails("invalid_field", "image.import", &import(bed, &image));
    assert!(!in_pool(bed, "misleading"));
    assert_eq!(bed.leftovers("misled"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
    for name in [
        "overlay.qcow2",
        "split.qcow2",
        "secret.raw",
        "disguised.raw",
    ] {
        fs::remove_file(pool.join(name)).unwrap();
    }
    bed.refresh();
}

#[test]
fn names_and_sources_that_cannot_be_are_refused() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let source = bed.pool().join(IMAGE);
    let (plain, foreign) = (master.path("plain"), master.path("foreign"));
    fs::write(&plain, vec![0; 4096]).unwrap();
    qemu_img(
        &["create", "-q", "-f", "vmdk", "foreign", "1M"],
        foreign.parent().unwrap(),
    );
    for (image, field) in [
        (
            json!({"source": source, "name": "../x.qcow2"}),
            "/image/name",
        ),
        (
            json!({"source": source, "name": ".hidden.qcow2"}),
            "/image/name",
        ),
        (
            json!({"source": source, "name": "a\nb.qcow2"}),
            "/image/name",
        ),
        (
            json!({"source": source, "name": format!("{}.qcow2", "x".repeat(300))}),
            "/image/name",
        ),
        (
            json!({"source": source, "name": "vm.0123abcd.root.qcow2"}),
            "/image/name",
        ),
        (json!({"source": plain, "name": "x.vmdk"}), "/image/format"),
        (
            json!({"source": foreign, "name": "y.qcow2"}),
            "/image/source",
        ),
        (json!({"source": foreign, "name": "y.raw"}), "/image/source"),
        (
            json!({"source": source, "sha256": "xyz", "name": "y.qcow2"}),
            "/image/sha256",
        ),
        (json!({"source": "/nonexistent.qcow2"}), "/image/source"),
        (
            json!({"source": "/dev/zero", "name": "zero.raw"}),
            "/image/source",
        ),
        (
            json!({"source": source, "name": "y.qcow2", "pool": "no-such"}),
            "/image/pool",
        ),
    ] {
        let error = master
            .call("image.import", &import(bed, &image))
            .unwrap_err();
        assert_eq!(error["data"]["field"], field, "{image}: {error}");
    }
    assert_eq!(master.leftovers(), [""; 0]);
}

/// The most memory, in KiB, that the program held while it answered.
fn peak_of(master: &Master, method: &str, params: &Value) -> u64 {
    let mut program = master.start(method, params);
    let answer = program.receive();
    assert!(answer.get("error").is_none(), "{answer}");
    let peak = program.peak_memory();
    program.stdin.take();
    program.end();
    peak
}

#[test]
fn a_large_image_does_not_pass_through_memory() {
    /// KiB that a call may need beyond what asking the host how it is needs; a debug build has more code
    /// to read.
    const MORE: u64 = if cfg!(debug_assertions) { 10 } else { 6 } * 1024;
    /// KiB for all, of which most is the code of libvirt's libraries; a debug build's own code is
    /// three times as large.
    const MOST: u64 = 30 * 1024;
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let idle = peak_of(
        &master,
        "provider.status",
        &json!({"provider": bed.provider()}),
    );
    let check = |what: &str, peak: u64| {
        assert!(peak <= idle + MORE, "{what}: {peak} KiB, idle {idle} KiB");
        assert!(cfg!(debug_assertions) || peak <= MOST, "{what}: {peak} KiB");
    };
    let source = master.path("large.raw");
    fs::File::create(&source).unwrap().set_len(1 << 30).unwrap();
    let image = import(bed, &json!({"source": source}));
    check("import", peak_of(&master, "image.import", &image));
    let stored = fs::metadata(bed.pool().join("large.raw")).unwrap();
    assert_eq!(stored.len(), 1 << 30);
    let spec = json!({
        "server_name": "large", "image": "large.raw", "clone": "full", "minion": master.minion(),
    });
    let create = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    check("create", peak_of(&master, "server.create", &create));
    master.ok("server.delete", &crate::boot::about(bed, "large"));
    remove(bed, "large.raw");

    // What is compared with an image that stands does not pile up either: a debug build hashes more
    // slowly than the host sends.
    let source = master.path("standing.raw");
    fs::File::create(&source)
        .unwrap()
        .set_len(128 << 20)
        .unwrap();
    let image = import(bed, &json!({"source": source}));
    master.ok("image.import", &image);
    check("comparison", peak_of(&master, "image.import", &image));
    remove(bed, "standing.raw");
}
