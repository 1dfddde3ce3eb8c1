//! Images that are packed, or mostly holes.

use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::failures::SmallPool;
use crate::images::{import, in_pool, remove, sha256, web_server};

/// The packers, and the endings of what they pack.
const PACKERS: [(&str, &str); 4] = [
    ("gzip", "gz"),
    ("xz", "xz"),
    ("bzip2", "bz2"),
    ("zstd", "zst"),
];

/// A raw image of `mib` MiB with three sectors that are not zeros, and what it holds.
fn sparse(path: &Path, mib: u64) -> Vec<u8> {
    let file = fs::File::create(path).unwrap();
    file.set_len(mib << 20).unwrap();
    for (at, byte) in [(0, 0xeb), (3 << 20, 7), ((mib << 20) - 512, 9)] {
        file.write_all_at(&[byte; 512], at).unwrap();
    }
    fs::read(path).unwrap()
}

/// `source`, packed beside it.
fn packed(source: &Path, packer: &str, ending: &str) -> PathBuf {
    let path = source.with_file_name(format!(
        "{}.{ending}",
        source.file_name().unwrap().to_str().unwrap()
    ));
    let output = Command::new(packer)
        .args(["-1", "-c"])
        .arg(source)
        .output()
        .unwrap();
    assert!(output.status.success());
    fs::write(&path, output.stdout).unwrap();
    path
}

fn allocated(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}

#[test]
fn a_packed_image_is_stored_unpacked_and_its_holes_take_nothing() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    for (packer, ending) in PACKERS {
        let name = format!("by-{packer}.raw");
        let source = master.path(&name);
        let bytes = sparse(&source, 16);
        let packed = packed(&source, packer, ending);
        let stored = bed.pool().join(&name);
        // of what is packed, as it is published; of the image; and of something else
        let digests = [sha256(&fs::read(&packed).unwrap()), sha256(&bytes)];
        let image = json!({"source": packed, "sha256": "0".repeat(64)});
        let error = master.fails("invalid_field", "image.import", &import(bed, &image));
        assert_eq!(error["data"]["field"], "/image/sha256");
        for digest in &digests {
            let image = json!({"source": packed, "sha256": digest});
            let dry = json!({"provider": bed.provider(), "image": image, "dry_run": true});
            let would = master.ok("image.import", &dry);
            assert!(
                would["message"].as_str().unwrap().contains("16 MiB"),
                "{would}"
            );
            let answer = master.ok("image.import", &import(bed, &image));
            assert_eq!(answer["imported"], true);
            assert_eq!(answer["image"]["name"], json!(name));
            assert_eq!(answer["sha256"], json!(digests[1]));
            assert!(fs::read(&stored).unwrap() == bytes, "{packer}");
            assert!(
                allocated(&stored) < 2 << 20,
                "{packer}: {}",
                allocated(&stored)
            );
            let again = master.ok("image.import", &import(bed, &image));
            assert_eq!(again["imported"], false, "{packer}");
            remove(bed, &name);
        }
        // cut off in the middle
        let whole = fs::read(&packed).unwrap();
        fs::write(&packed, &whole[..whole.len() - 20]).unwrap();
        let image = json!({"source": packed});
        let error = master.fails("invalid_field", "image.import", &import(bed, &image));
        assert_eq!(error["data"]["field"], "/image/source");
        assert!(!in_pool(bed, &name));
    }
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_packed_qcow2_comes_over_http_by_the_digest_that_is_published() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let source = master.path("noble.img");
    let bytes = fs::read(bed.pool().join(IMAGE)).unwrap();
    fs::write(&source, &bytes).unwrap();
    let packed = fs::read(packed(&source, "xz", "xz")).unwrap();
    let digest = sha256(&packed);
    let server = web_server(packed, true, None);
    let list = |text: String| web_server(text.into_bytes(), true, None) + "/images/SHA256SUMS";
    let other = "1".repeat(64);
    for list in [
        list(format!("{other} *other.img.xz\n{digest} *noble.img.xz\n")),
        list(format!("# a comment\nSHA256 (noble.img.xz) = {digest}\n")),
    ] {
        let image = json!({"source": format!("{server}/images/noble.img.xz"), "sha256": list});
        let answer = master.ok("image.import", &import(bed, &image));
        assert_eq!(answer["image"]["name"], "noble.img");
        assert_eq!(answer["image"]["format"], "qcow2");
        assert_eq!(fs::read(bed.pool().join("noble.img")).unwrap(), bytes);
        // a server is made of it at once, though libvirt may not have looked at it yet
        let spec = json!({"server_name": "of-noble", "image": "noble.img"});
        let create = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
        master.ok("server.create", &create);
        master.ok("server.delete", &crate::boot::about(bed, "of-noble"));
        assert_eq!(
            master.ok("image.import", &import(bed, &image))["imported"],
            false
        );
        remove(bed, "noble.img");
    }
    for wrong in [
        list(format!("{other}  other.img\n")),
        server.clone() + "/images/none",
    ] {
        let image = json!({"source": format!("{server}/images/noble.img.xz"), "sha256": wrong});
        let error = master
            .call("image.import", &import(bed, &image))
            .unwrap_err();
        assert_eq!(error["data"]["field"], "/image/sha256", "{error}");
    }
    assert!(!in_pool(bed, "noble.img"));
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn what_a_small_file_becomes_is_bounded_by_the_room_there_is() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let pool = SmallPool::new(bed, "packed", "8m");
    let source = master.path("bomb.raw");
    fs::write(&source, vec![0xeb; 12 << 20]).unwrap();
    let image = json!({"source": packed(&source, "gzip", "gz"), "pool": "packed"});
    let error = master.fails("quota_exceeded", "image.import", &import(bed, &image));
    assert_eq!(error["data"]["field"], "/image/source");
    // what is mostly holes fits by what it takes
    sparse(&source, 16);
    for source in [source.clone(), packed(&source, "zstd", "zst")] {
        let image = json!({"source": source, "pool": "packed"});
        assert_eq!(
            master.ok("image.import", &import(bed, &image))["imported"],
            true
        );
        bed.virsh(&["vol-delete", "--pool", "packed", "bomb.raw"]);
    }
    pool.remove();
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn a_name_that_is_taken_is_refused_unread_where_the_size_tells() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let (first, second) = (master.path("taken.raw"), master.path("second.raw"));
    sparse(&first, 8);
    sparse(&second, 9);
    master.ok("image.import", &import(bed, &json!({"source": first})));
    let phases = |source: &Path, sha256: Option<&str>| -> (Value, bool) {
        let image = json!({"source": source, "name": "taken.raw", "sha256": sha256});
        let mut request = import(bed, &image);
        request["progress"] = json!(true);
        let mut program = master.start("image.import", &request);
        let mut was_read = false;
        loop {
            let line = program.receive();
            if line.get("method").is_none() {
                program.stdin.take();
                program.end();
                return (line, was_read);
            }
            was_read |= line["params"]["phase"] == "compare";
        }
    };
    let (answer, was_read) = phases(&second, None);
    assert_eq!(
        answer["error"]["data"]["kind"], "already_exists",
        "{answer}"
    );
    assert!(!was_read);
    let (answer, was_read) = phases(&first, Some(&"0".repeat(64)));
    assert_eq!(
        answer["error"]["data"]["field"], "/image/sha256",
        "{answer}"
    );
    assert!(!was_read);
    let (answer, was_read) = phases(&first, None);
    assert_eq!(
        (&answer["result"]["imported"], was_read),
        (&json!(false), true),
        "{answer}"
    );
    remove(bed, "taken.raw");
}
