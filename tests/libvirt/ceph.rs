//! Disks that a Ceph holds: a real one, on loopback.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::common::{env_file, printed, tests_dir};
use crate::guest_console::Seen;
use crate::images::qemu_img;

const SECRET: &str = "6b5e1f0c-3c0e-4b57-9a43-5d7c6f0f2a11";

/// The cluster, for as long as this lives.
struct Ceph {
    dir: tempfile::TempDir,
    env: HashMap<String, String>,
}

impl Ceph {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::script("start", dir.path());
        Self {
            env: env_file(&dir.path().join("env")),
            dir,
        }
    }

    fn script(command: &str, dir: &Path) {
        printed(
            Command::new(tests_dir().join("bed/ceph"))
                .arg(command)
                .arg(dir),
        );
    }

    fn rbd(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("rbd");
        command.args(["-c", &self.env["VA_CEPH_CONF"], "-p", "guests"]);
        printed(command.args(arguments))
    }

    fn list(&self) -> Vec<String> {
        let listed = self.rbd(&["ls"]);
        listed.lines().map(ToOwned::to_owned).collect()
    }

    /// The pool `ceph` of the bed, as libvirt's documentation has it.
    fn pool(&self, bed: &Bed) {
        let secret = format!(
            "<secret ephemeral='no' private='yes'><uuid>{SECRET}</uuid><usage type='ceph'>\
             <name>client.libvirt secret</name></usage></secret>"
        );
        bed.define("secret-define", &secret);
        bed.virsh(&["secret-set-value", SECRET, &self.env["VA_CEPH_KEY"]]);
        let port = &self.env["VA_CEPH_PORT"];
        let pool = format!(
            "<pool type='rbd'><name>ceph</name><source><name>guests</name>\
             <host name='127.0.0.1' port='{port}'/>\
             <auth username='libvirt' type='ceph'><secret uuid='{SECRET}'/></auth></source></pool>"
        );
        bed.define("pool-define", &pool);
        bed.virsh(&["pool-start", "ceph"]);
    }
}

impl Drop for Ceph {
    fn drop(&mut self) {
        Self::script("stop", self.dir.path());
    }
}

#[test]
#[ignore = "starts a Ceph, which its packages are wanted for: make test-debian"]
fn a_cluster_clones_the_image_and_holds_every_disk() {
    let Some(bed) = Bed::own_system() else { return };
    let ceph = Ceph::start();
    ceph.pool(&bed);
    let master = Master::new();
    let target = format!("rbd:guests/guest.raw:conf={}", ceph.env["VA_CEPH_CONF"]);
    qemu_img(&["convert", "-O", "raw", IMAGE, &target], &bed.pool());

    let mut provider = bed.provider();
    provider["image_pool"] = json!("ceph");
    provider["flavours"]["wide"] = json!({"num_cpus": 1, "memory": "256MiB", "vol_capacity": 2});
    let server = |name: &str, more: Value| {
        let mut spec = json!({"server_name": name, "image": "guest.raw", "pool": "ceph"});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"provider": provider, "server": spec})
    };
    // an image does not come out of the cluster
    let beside = server("beside", json!({"pool": "default"}));
    let error = master.fails("unsupported", "server.create", &beside);
    assert_eq!(error["data"]["field"], "/server/pool", "{error}");

    let disks = json!([{"size": 1, "pool": "ceph"}]);
    let request = server(
        "clustered",
        json!({"minion": master.minion(), "disks": disks}),
    );
    master.ok("server.create", &request);
    assert_eq!(Seen::by(&bed, "clustered").get("hostname"), "clustered");
    let made = ceph.list();
    assert_eq!(made.len(), 3, "{made:?}");
    let of = |word: &str| made.iter().find(|name| name.contains(word)).expect(word);
    let (root, data) = (of(".root."), of(".data1."));
    let info = ceph.rbd(&["info", root]);
    assert!(info.contains("parent: guests/guest.raw@"), "{info}");
    let info = ceph.rbd(&["info", data]);
    assert!(!info.contains("parent:"), "{info}");

    // what is there already is found, and what stands on the image keeps it
    let again = master.ok("server.create", &request);
    assert_eq!(again["created"], false, "{again}");
    let image = json!({"provider": provider, "image": {"name": "guest.raw"}});
    for dry_run in [true, false] {
        let mut image = image.clone();
        image["dry_run"] = json!(dry_run);
        let error = master.fails("conflict", "image.delete", &image);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("clustered is a clone"), "{error}");
    }

    let about = json!({"provider": provider, "server_name": "clustered"});
    let act = |action: &str, more: Value| {
        let mut request = about.clone();
        request["action"] = json!(action);
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        master.ok("server.action", &request)
    };
    act("rebuild", json!({}));
    assert!(ceph.list().contains(&root.replace(".root.", ".root2.")));
    assert!(!ceph.list().contains(root));
    let attached = act("attach_disk", json!({"disk": {"size": 1, "pool": "ceph"}}));
    let volume = &attached["volume"];
    assert!(ceph.list().contains(&volume.as_str().unwrap().to_owned()));
    act("detach_disk", json!({"volume": volume, "delete": true}));
    act("resize", json!({"size": "wide"}));
    let info = ceph.rbd(&["info", &root.replace(".root.", ".root2.")]);
    assert!(info.contains("size 2 GiB"), "{info}");

    let deleted = master.ok("server.delete", &about);
    assert_eq!(deleted["deleted"], true, "{deleted}");
    assert_eq!(ceph.list(), ["guest.raw"]);
    assert_eq!(bed.leftovers("clustered"), [""; 0]);
    // another's clone, of which nobody but the cluster knows
    let snapshot = ceph.rbd(&["snap", "ls", "--format", "json", "guest.raw"]);
    let snapshots: Value = serde_json::from_str(&snapshot).unwrap();
    let name = snapshots[0]["name"].as_str().unwrap();
    ceph.rbd(&[
        "clone",
        &format!("guests/guest.raw@{name}"),
        "guests/anothers",
    ]);
    let error = master.fails("conflict", "image.delete", &image);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("clones of it stand"),
        "{error}"
    );
    ceph.rbd(&["rm", "anothers"]);
    assert_eq!(master.ok("image.delete", &image)["changed"], true);
    assert_eq!(ceph.list(), [""; 0]);
}
