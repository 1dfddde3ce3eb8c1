//! What a deletion leaves: what somebody else has added, moved or taken away, and what is left of
//! servers that are no more.

use std::fs;

use serde_json::{Value, json};

use crate::boot::{about, act};
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{What, When};
use crate::foreign::{made, redefined};
use crate::interruptions::{creation, keys, nothing_left, proxy, through};

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
    list.iter().map(name).collect()
}

#[test]
fn disks_that_an_administrator_added_or_put_on_top_are_named_as_left() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let uuid = made(&master, bed, "grown");
    let added = bed.pool().join("added.qcow2");
    bed.virsh(&[
        "vol-create-as",
        "default",
        "added.qcow2",
        "1M",
        "--format",
        "qcow2",
    ]);
    bed.virsh(&[
        "attach-disk",
        "grown",
        added.to_str().unwrap(),
        "vdx",
        "--subdriver",
        "qcow2",
        "--config",
    ]);
    bed.virsh(&["start", "grown"]);
    bed.virsh(&[
        "snapshot-create-as",
        "grown",
        "on-top",
        "--disk-only",
        "--no-metadata",
    ]);
    let root = bed.pool().join(format!("grown.{}.root.on-top", &uuid[..8]));
    let over_added = bed.pool().join("added.on-top");
    assert!(root.exists() && over_added.exists());

    let deleted = master.ok("server.delete", &about(bed, "grown"));
    let left = names(&deleted["left"]);
    for path in [&root, &over_added] {
        assert!(left.contains(&path.display().to_string()), "{deleted}");
        assert!(path.exists());
    }
    assert!(added.exists());
    assert_eq!(names(&deleted["removed"]).len(), 4, "{deleted}");
    for path in [root, over_added, added] {
        fs::remove_file(path).unwrap();
    }
    bed.refresh();
    assert_eq!(
        (bed.leftovers("grown"), master.leftovers()),
        (vec![], vec![])
    );
}

#[test]
fn a_disk_that_was_moved_is_left_where_it_is_now() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let uuid = made(&master, bed, "moved");
    let root = format!("moved.{}.root.qcow2", &uuid[..8]);
    let elsewhere = bed.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(bed.pool().join(&root), elsewhere.join(&root)).unwrap();
    redefined(bed, "moved", |xml| {
        let old = bed.pool().join(&root).display().to_string();
        xml.replace(&old, &elsewhere.join(&root).display().to_string())
    });
    let deleted = master.ok("server.delete", &about(bed, "moved"));
    let place = elsewhere.join(&root).display().to_string();
    assert_eq!(names(&deleted["left"]), [place], "{deleted}");
    assert!(elsewhere.join(&root).exists());
    assert_eq!(
        (bed.leftovers("moved"), master.leftovers()),
        (vec![], vec![])
    );
    fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn variables_of_a_renamed_server_are_called_removed_only_if_they_are() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let spec = json!({"server_name": "before", "firmware": "uefi"});
    let request = json!({"provider": bed.provider(), "server": spec});
    master.ok("server.create", &request);
    bed.virsh(&["destroy", "before"]);
    bed.virsh(&["domrename", "before", "after"]);
    let deleted = master.ok("server.delete", &about(bed, "after"));
    let of = |list: &Value| {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().any(|one| one["resource"] == "nvram")
    };
    let variables = bed.nvram().join("before_VARS.fd");
    assert_eq!(of(&deleted["removed"]), !variables.exists(), "{deleted}");
    assert_eq!(of(&deleted["left"]), variables.exists(), "{deleted}");
    let _ = fs::remove_file(variables);
    assert_eq!(
        (bed.leftovers("before"), bed.leftovers("after")),
        (vec![], vec![])
    );
}

#[test]
fn a_pool_that_is_gone_keeps_its_volume_and_force_says_so() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let target = bed.path("leaving");
    fs::create_dir(&target).unwrap();
    let target = target.to_str().unwrap();
    bed.virsh(&["pool-define-as", "leaving", "dir", "--target", target]);
    for gone in [false, true] {
        bed.virsh(&["pool-start", "leaving"]);
        let spec = json!({"server_name": "pooled", "disks": [{"size": 1, "pool": "leaving"}]});
        let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
        master.ok("server.create", &request);
        bed.virsh(&["pool-destroy", "leaving"]);
        if gone {
            bed.virsh(&["pool-undefine", "leaving"]);
        }
        for _ in 0..2 {
            let error = master.fails("partial_failure", "server.delete", &about(bed, "pooled"));
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("force"), "{error}");
            let left = names(&error["data"]["left_behind"]);
            assert!(left[0].starts_with("leaving/pooled."), "{error}");
        }
        let mut force = about(bed, "pooled");
        force["force"] = json!(true);
        let deleted = master.ok("server.delete", &force);
        let left = names(&deleted["left"]);
        assert!(
            left.iter().any(|name| name.starts_with("leaving/pooled.")),
            "{deleted}"
        );
        // the root disk and the seed were gone by then, and the rest is named once
        assert_eq!(left.len(), 1, "{deleted}");
        assert_eq!(
            fs::read_dir(target).unwrap().count(),
            1,
            "its volume is there"
        );
        assert_eq!(
            (bed.leftovers("pooled"), master.leftovers()),
            (vec![], vec![])
        );
        for entry in fs::read_dir(target).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn orphans_are_told_and_go_on_request_unless_something_uses_them() {
    let Some(bed) = Bed::own_system() else { return };
    let bed = &bed;
    let master = Master::new();
    let provider = json!({"provider": bed.provider()});
    let digits = "0123abcd";
    let names_of = |purpose: &str| format!("lost.{digits}.{purpose}");
    let make = |name: &str| {
        let format = if name.ends_with("iso") {
            "raw"
        } else {
            "qcow2"
        };
        bed.virsh(&["vol-create-as", "default", name, "1M", "--format", format]);
    };
    let [root, data, seed, used] =
        ["root.qcow2", "data1.qcow2", "seed.iso", "data2.qcow2"].map(names_of);
    let dated = "backup.20261127.root.qcow2";
    for name in [&root, &data, &seed, &used, dated] {
        make(name);
    }
    // One is the base of somebody's overlay, one a disk of somebody's domain.
    bed.virsh(&[
        "vol-create-as",
        "default",
        "overlay.qcow2",
        "1M",
        "--format",
        "qcow2",
        "--backing-vol",
        &data,
        "--backing-vol-format",
        "qcow2",
    ]);
    let path = bed.pool().join(&used);
    let xml = format!(
        "<domain type='qemu'><name>user</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>\
         <devices><disk type='file' device='disk'><source file='{}'/><target dev='vda'/></disk>\
         </devices></domain>",
        path.display()
    );
    bed.define("define", &xml);
    made(&master, bed, "alive");
    let before = (bed.leftovers("alive"), master.leftovers());

    let mut expected = [&root, &seed].map(|name| format!("default/{name}"));
    expected.sort();
    let orphans = |answer: &Value| {
        let mut all = names(&answer["orphans"]);
        all.sort();
        all
    };
    let told = master.ok("server.recover", &provider);
    assert_eq!(
        (orphans(&told), names(&told["removed"])),
        (expected.to_vec(), vec![])
    );
    let mut remove = provider.clone();
    remove["remove_orphans"] = json!(true);
    let done = master.ok("server.recover", &remove);
    let mut removed = names(&done["removed"]);
    removed.sort();
    assert_eq!(
        (removed, orphans(&done)),
        (expected.to_vec(), vec![]),
        "{done}"
    );
    for name in [&root, &seed] {
        assert!(!bed.pool().join(name).exists(), "{name}");
    }
    // digits that are a day are not known for a server's
    for name in [data.as_str(), &used, "overlay.qcow2", dated] {
        assert!(bed.pool().join(name).exists(), "{name}");
    }
    assert_eq!((bed.leftovers("alive"), master.leftovers()), before);
    act(&master, bed, "alive", "start");
    master.ok("server.delete", &about(bed, "alive"));
    assert_eq!(
        names(&master.ok("server.recover", &provider)["orphans"]),
        [""; 0]
    );
}

#[test]
fn of_two_deletions_at_once_none_stumbles_over_what_the_other_has_removed() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let keys = keys(&master);
    let about =
        |provider: &Value, server: &str| json!({"provider": provider, "server_name": server});
    let make = |server: &str| {
        master.ok(
            "server.create",
            &creation(&master, &bed.provider(), server, &keys),
        );
    };
    make("both0");
    let counting = proxy(bed, When::Never, What::Hold);
    master.ok("server.delete", &about(&through(bed, &counting), "both0"));
    let all = counting.frames();
    for at in (3..all).step_by(2) {
        let server = format!("both{at}");
        let when = format!("the other after frame {at} of {all}");
        make(&server);
        let held = proxy(bed, When::Frames(at), What::Hold);
        let request = about(&through(bed, &held), &server);
        let first = master.start("server.delete", &request);
        held.reached();
        let second = master.call("server.delete", &about(&bed.provider(), &server));
        held.release();
        let first = first.answer().unwrap();
        for error in [first.get("error"), second.as_ref().err()]
            .into_iter()
            .flatten()
        {
            // the other is at it
            assert_eq!(error["data"]["kind"], "conflict", "{when}: {error:#}");
        }
        assert!(first.get("error").is_none() || second.is_ok(), "{when}");
        nothing_left(bed, &master, &server, &when);
    }
}
