//! Pools of every kind: what each disk is in them, what is left in them, and pools themselves.

use std::fs;

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::images::import;

/// The pool `lvm` of the shared bed, over its stand-in for LVM.
fn lvm(bed: &Bed) {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let vg = bed.env("VA_VG");
        bed.virsh(&["pool-define-as", "lvm", "logical", "--source-name", vg]);
        bed.virsh(&["pool-start", "lvm"]);
    });
}

/// What LVM was asked about `name`.
fn asked(bed: &Bed, name: &str) -> Vec<String> {
    let log = fs::read_to_string(bed.path("lvm/log")).unwrap();
    let about = log.lines().filter(|line| line.contains(name));
    about.map(ToOwned::to_owned).collect()
}

fn create(bed: &Bed, spec: &Value) -> Value {
    json!({"provider": bed.provider(), "server": spec, "wait": "defined"})
}

#[test]
fn a_disk_is_a_whole_volume_where_its_pool_holds_no_files() {
    let Some(bed) = Bed::system() else { return };
    lvm(bed);
    let master = Master::new();
    let spec = json!({"server_name": "mixed", "disks": [{"size": 1, "pool": "lvm"}]});
    let mut request = create(bed, &spec);
    request["wait"] = json!("running");
    master.ok("server.create", &request);
    let made = asked(bed, "mixed.");
    let created: Vec<_> = made
        .iter()
        .filter(|line| line.starts_with("lvcreate"))
        .collect();
    assert_eq!(created.len(), 1, "{made:?}");
    assert!(created[0].contains(".data1.img -L 1048576K"), "{made:?}");
    assert!(!created[0].contains("snapshot"), "{made:?}");
    let xml = bed.virsh(&["dumpxml", "mixed"]);
    for said in ["type='block'", "type='raw'", "type='qcow2'"] {
        assert!(xml.contains(said), "{said}: {xml}");
    }
    let deleted = master.ok("server.delete", &about(bed, "mixed"));
    assert_eq!(deleted["removed"].as_array().unwrap().len(), 4, "{deleted}");

    // its room is looked for where it is taken
    let spec = json!({"server_name": "mixed", "disks": [{"size": 9, "pool": "lvm"}]});
    let error = master.fails("quota_exceeded", "server.create", &create(bed, &spec));
    assert_eq!(error["data"]["field"], "/server/disks/0/pool");
    assert!(!bed.virsh(&["vol-list", "lvm"]).contains("mixed."));
    assert_eq!(
        (bed.leftovers("mixed"), master.leftovers()),
        (vec![], vec![])
    );
}

#[test]
fn a_seed_is_overwritten_before_what_it_took_is_freed() {
    let Some(bed) = Bed::system() else { return };
    lvm(bed);
    let master = Master::new();
    let spec = json!({
        "server_name": "whole", "pool": "lvm", "clone": "full", "minion": master.minion(),
    });
    master.ok("server.create", &create(bed, &spec));
    let listed = bed.virsh(&["vol-list", "lvm"]);
    let seed = listed
        .split_whitespace()
        .find(|word| word.starts_with("whole.") && word.ends_with(".seed.iso"));
    let seed = seed.unwrap();
    let kept = |folder: &str| fs::read(bed.path("lvm").join(folder).join(seed)).unwrap();
    let key = b"PRIVATE KEY";
    assert!(kept("volumes").windows(key.len()).any(|part| part == key));
    master.ok("server.delete", &about(bed, "whole"));
    assert!(kept("removed").iter().all(|byte| *byte == 0));
    assert!(!bed.virsh(&["vol-list", "lvm"]).contains("whole."));
    assert_eq!(
        (bed.leftovers("whole"), master.leftovers()),
        (vec![], vec![])
    );
}

#[test]
fn an_image_comes_into_a_pool_without_files_if_it_is_raw() {
    let Some(bed) = Bed::system() else { return };
    lvm(bed);
    let master = Master::new();
    let source = master.path("block.raw");
    // in the middle of it, where a volume that had been another's before would show through
    let mut bytes = vec![0; 9 << 20];
    bytes[5 << 20] = 1;
    fs::write(&source, &bytes).unwrap();
    let image = json!({"source": source, "pool": "lvm"});
    let answer = master.ok("image.import", &import(bed, &image));
    assert_eq!(answer["imported"], true);
    let stored = fs::read(bed.path("lvm/volumes/block.raw")).unwrap();
    assert!(stored.starts_with(&bytes));
    assert!(
        asked(bed, "block.raw")
            .iter()
            .all(|line| !line.contains("snapshot"))
    );

    let image = json!({"source": bed.pool().join(IMAGE), "pool": "lvm"});
    let error = master.fails("unsupported", "image.import", &import(bed, &image));
    assert_eq!(error["data"]["field"], "/image/pool");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("qemu-img convert -O raw"), "{error}");

    let delete = json!({"provider": bed.provider(), "image": {"name": "block.raw", "pool": "lvm"}});
    assert_eq!(master.ok("image.delete", &delete)["changed"], true);
    assert!(!bed.virsh(&["vol-list", "lvm"]).contains("block.raw"));
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn an_image_stays_while_something_stands_on_it() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let source = bed.pool().join(IMAGE);
    let image = json!({"source": source, "name": "base.qcow2"});
    master.ok("image.import", &import(bed, &image));
    let delete = |name: &str, dry_run: bool| json!({"provider": bed.provider(), "image": {"name": name}, "dry_run": dry_run});
    let spec = json!({"server_name": "standing-on", "image": "base.qcow2"});
    master.ok("server.create", &create(bed, &spec));
    for dry_run in [true, false] {
        let error = master.fails("conflict", "image.delete", &delete("base.qcow2", dry_run));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("standing-on."), "{error}");
    }
    // a server's own disks are no images
    let listed = bed.virsh(&["vol-list", "default"]);
    let root = listed
        .split_whitespace()
        .find(|word| word.starts_with("standing-on."));
    master.fails("conflict", "image.delete", &delete(root.unwrap(), false));
    master.ok("server.delete", &about(bed, "standing-on"));

    let path = bed.pool().join("base.qcow2");
    let xml = format!(
        "<domain type='qemu'><name>user-of-base</name><memory unit='MiB'>64</memory><os><type>hvm</type>\
         </os><devices><disk type='file' device='disk'><source file='{}'/><target dev='vda'/></disk>\
         </devices></domain>",
        path.display()
    );
    bed.define("define", &xml);
    let error = master.fails("conflict", "image.delete", &delete("base.qcow2", false));
    assert!(
        error["message"].as_str().unwrap().contains("user-of-base"),
        "{error}"
    );
    bed.virsh(&["undefine", "user-of-base"]);

    let show = json!({"provider": bed.provider(), "name": "base.qcow2"});
    let shown = master.ok("image.show", &show);
    assert_eq!(shown["image"]["format"], "qcow2", "{shown}");
    let told = master.ok("image.delete", &delete("base.qcow2", true));
    assert_eq!((&told["dry_run"], path.exists()), (&json!(true), true));
    // by its id as well
    let id = path.to_str().unwrap();
    assert_eq!(
        master.ok("image.delete", &delete(id, false))["changed"],
        true
    );
    assert!(!path.exists());
    assert_eq!(
        master.ok("image.delete", &delete(id, false))["changed"],
        false
    );
    let error = master.fails("not_found", "image.show", &show);
    assert_eq!(error["data"]["field"], "/name");
    assert_eq!(
        (bed.leftovers("standing-on"), master.leftovers()),
        (vec![], vec![])
    );
}

#[test]
fn pools_are_seen_made_and_started() {
    let bed = Bed::session();
    let master = Master::new();
    let directory = bed.path("made here");
    let pool = json!({"name": "made", "path": directory});
    let make =
        |dry_run: bool| json!({"provider": bed.provider(), "pool": pool, "dry_run": dry_run});
    let named = |name: &str| json!({"provider": bed.provider(), "name": name});
    assert_eq!(master.ok("pool.create", &make(true))["would_change"], true);
    assert!(!directory.exists());
    assert_eq!(master.ok("pool.create", &make(false))["changed"], true);
    assert!(directory.exists());
    assert_eq!(master.ok("pool.create", &make(false))["changed"], false);
    bed.virsh(&["pool-destroy", "made"]);
    assert_eq!(
        master.ok("pool.show", &named("made"))["pool"]["active"],
        false
    );
    assert_eq!(master.ok("pool.start", &named("made"))["changed"], true);
    assert_eq!(master.ok("pool.start", &named("made"))["changed"], false);
    let listed = master.ok("pool.list", &json!({"provider": bed.provider()}));
    let pools = listed["pools"].as_array().unwrap();
    let of = |name: &str| pools.iter().find(|pool| pool["name"] == name).unwrap();
    assert_eq!(of("made")["path"], json!(directory));
    assert_eq!(
        (&of("made")["kind"], &of("made")["files"]),
        (&json!("dir"), &json!(true))
    );
    assert!(of("default")["available"].as_u64().unwrap() > 0);

    let mut other = make(false);
    other["pool"]["path"] = json!(bed.path("elsewhere"));
    let error = master.fails("already_exists", "pool.create", &other);
    assert_eq!(error["data"]["field"], "/pool/name");
    for (name, path, field) in [
        ("a/b", "/tmp/x", "/pool/name"),
        ("a", "images", "/pool/path"),
    ] {
        other["pool"] = json!({"name": name, "path": path});
        let error = master.fails("invalid_field", "pool.create", &other);
        assert_eq!(error["data"]["field"], field);
    }
    // what cannot be started is not defined either
    fs::write(bed.path("a-file"), "").unwrap();
    other["pool"] = json!({"name": "broken", "path": bed.path("a-file/below")});
    master.call("pool.create", &other).unwrap_err();
    assert!(!bed.virsh(&["pool-list", "--all"]).contains("broken"));

    // where a pool is missing, those there are are named
    for method in ["pool.show", "pool.start"] {
        let error = master.fails("not_found", method, &named("nowhere"));
        assert!(
            error["message"].as_str().unwrap().contains("made"),
            "{error}"
        );
    }
    let spec = json!({"server_name": "lost", "pool": "nowhere"});
    let error = master.fails("not_found", "server.create", &create(bed, &spec));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("default, made") && message.contains("pool.create"),
        "{error}"
    );
    bed.virsh(&["pool-destroy", "made"]);
    bed.virsh(&["pool-undefine", "made"]);
}

/// libvirt itself, by its own schema, takes the disks of a cluster. It needs none for that: the host is
/// libvirt's test driver, of which only the pools are real.
#[test]
fn libvirt_takes_disks_of_a_cluster() {
    let bed = Bed::session();
    let master = Master::new();
    let (secret, host) = (
        "e3eb68b8-f9aa-4bd3-bdd0-1a6f2b0c2ee3",
        master.path("host.xml"),
    );
    let node = format!(
        "<node><pool type='rbd'><name>ceph</name><source><host name='mon1' port='6789'/>\
         <host name='mon2'/><name>vms</name><auth type='ceph' username='libvirt'><secret uuid='{secret}'/>\
         </auth></source><volume type='network'><name>debian</name><capacity>1048576</capacity>\
         <target><path>vms/debian</path></target></volume></pool><pool type='dir'><name>default</name>\
         <target><path>/images</path></target></pool><pool type='iscsi'><name>san</name><source>\
         <host name='san1'/><device path='iqn.2026-11.org.example:1'/></source><target>\
         <path>/dev/disk/by-path</path></target></pool></node>"
    );
    fs::write(&host, node).unwrap();
    let mut provider = bed.provider();
    provider["uri"] = json!(format!("test://{}", host.display()));
    provider["image_pool"] = json!("ceph");
    let spec = json!({
        "server_name": "clustered", "pool": "ceph", "image": "debian", "storage_disk": 900,
        "networks": [],
    });
    let plan = master.ok(
        "server.plan",
        &json!({"provider": provider, "server": spec}),
    );
    assert_eq!(plan["plan"]["seed"]["pool"], "default", "{plan}");
    let xml = plan["plan"]["domain_xml"].as_str().unwrap();
    assert_eq!(xml.matches("protocol=\"rbd\"").count(), 2, "{xml}");
    // where a seed's file would be
    let xml = xml.replace("<domain type=\"test\">", "<domain type=\"qemu\">");
    let file = master.path("domain.xml");
    fs::write(&file, xml).unwrap();
    bed.virsh(&["define", "--validate", file.to_str().unwrap()]);
    let defined = bed.virsh(&["dumpxml", "clustered", "--inactive"]);
    for said in [
        secret,
        "name='vms/clustered.",
        "<host name='mon1' port='6789'/>",
    ] {
        assert!(defined.contains(said), "{said}: {defined}");
    }
    bed.virsh(&["undefine", "clustered"]);
}

#[test]
fn seeds_have_a_pool_of_their_own_where_the_provider_names_one() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut request = create(bed, &json!({"server_name": "seeded"}));
    request["provider"]["seed_pool"] = json!("seeds");
    let error = master.fails("not_found", "server.create", &request);
    assert_eq!(error["data"]["field"], "/provider/seed_pool", "{error}");
    let target = bed.path("seeds");
    fs::create_dir(&target).unwrap();
    bed.virsh(&[
        "pool-define-as",
        "seeds",
        "dir",
        "--target",
        target.to_str().unwrap(),
    ]);
    bed.virsh(&["pool-start", "seeds"]);
    request["wait"] = json!("running");
    master.ok("server.create", &request);
    let volumes = bed.virsh(&["vol-list", "seeds"]);
    assert!(
        volumes.contains(".seed.iso") && volumes.lines().count() == 1,
        "{volumes}"
    );
    let others = bed.virsh(&["vol-list", "default"]);
    assert!(
        !others
            .lines()
            .any(|line| line.contains("seeded.") && line.contains("seed.iso")),
        "{others}"
    );
    // whoever deletes it need not know
    let deleted = master.ok("server.delete", &about(bed, "seeded"));
    assert_eq!(deleted["removed"].as_array().unwrap().len(), 3, "{deleted}");
    assert_eq!(bed.virsh(&["vol-list", "seeds"]), "");
    bed.virsh(&["pool-destroy", "seeds"]);
    bed.virsh(&["pool-undefine", "seeds"]);
}
