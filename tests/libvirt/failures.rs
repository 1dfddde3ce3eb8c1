//! Creations that fail, at each of their steps: nothing is left, and the error says why.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{FaultProxy, What, When};
use crate::images::qemu_img;

/// Puts the members of `more` into `base`.
fn with(base: &Value, more: &Value) -> Value {
    let mut all = base.clone();
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

#[test]
fn what_is_not_there_is_named_before_anything_is_made() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    bed.define("net-define", "<network><name>asleep</name></network>");
    bed.define(
        "pool-define",
        "<pool type='dir'><name>asleep</name><target><path>/nonexistent</path></target></pool>",
    );
    let big = bed.pool().join("big.raw");
    fs::File::create(&big).unwrap().set_len(3 << 30).unwrap();
    bed.refresh();
    let cases = [
        (
            json!({"image": "no-such.qcow2"}),
            "not_found",
            "/server/image",
            "no-such.qcow2",
        ),
        (
            json!({"image": "big.raw"}),
            "invalid_field",
            "/server/size",
            "3 GiB",
        ),
        (
            json!({"network": "no-such-net"}),
            "not_found",
            "/server/network",
            "no-such-net",
        ),
        (
            json!({"networks": ["default", "no-such-net"]}),
            "not_found",
            "/server/networks/1",
            "no-such-net",
        ),
        (
            json!({"network": "asleep"}),
            "conflict",
            "/server/network",
            "net-start asleep",
        ),
        (
            json!({"pool": "no-such-pool"}),
            "not_found",
            "/server/pool",
            "no-such-pool",
        ),
        (
            json!({"pool": "asleep"}),
            "conflict",
            "/server/pool",
            "pool asleep is not started",
        ),
        (
            json!({"disks": [{"size": 1, "pool": "nope"}]}),
            "not_found",
            "/server/disks/0/pool",
            "nope",
        ),
        (
            json!({"size": "no-such-size"}),
            "not_found",
            "/server/size",
            "tiny",
        ),
        (
            json!({"machine": "nonsense"}),
            "invalid_field",
            "/server/machine",
            "nonsense",
        ),
        (
            json!({"seed": {"bus": "ide"}}),
            "invalid_field",
            "/server/seed/bus",
            "q35 has no IDE",
        ),
        (
            json!({"virt_type": "kvm"}),
            "unsupported",
            "/server/virt_type",
            "KVM",
        ),
    ];
    for (more, kind, field, says) in cases {
        let spec = with(
            &json!({"server_name": "lacking", "minion": master.minion()}),
            &more,
        );
        let request = json!({"provider": bed.provider(), "server": spec});
        let error = master.fails(kind, "server.create", &request);
        assert_eq!(error["data"]["field"], field, "{error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        assert_eq!(bed.leftovers("lacking"), [""; 0]);
        assert_eq!(master.leftovers(), [""; 0]);
    }
    bed.virsh(&["pool-undefine", "asleep"]);
    bed.virsh(&["net-undefine", "asleep"]);
    bed.virsh(&["vol-delete", "--pool", "default", "big.raw"]);
}

#[test]
fn what_the_host_refuses_is_undone() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let huge = json!({"num_cpus": 1, "memory": 1_u64 << 38, "vol_capacity": 1});
    let cases = [
        // at the definition, or at the start
        (
            json!({}),
            json!({"domain_xml": "<domain><cpu mode='custom'><model>no-such-cpu</model></cpu></domain>"}),
        ),
        // at the start
        (
            json!({}),
            json!({"domain_xml": "<domain><devices><hostdev mode='subsystem' type='pci' managed='yes'>\
                <source><address domain='0' bus='254' slot='31' function='7'/></source></hostdev></devices></domain>"}),
        ),
        (json!({"flavours": {"huge": huge}}), json!({"size": "huge"})),
        (json!({"console_log": "/nonexistent/directory"}), json!({})),
    ];
    for (provider, server) in cases {
        let spec = with(
            &json!({"server_name": "refused", "minion": master.minion(), "disks": [{"size": 1}]}),
            &server,
        );
        let request = json!({"provider": with(&bed.provider(), &provider), "server": spec});
        let error = master.call("server.create", &request).unwrap_err();
        let kind = error["data"]["kind"].as_str().unwrap();
        assert!(
            !["connection_failed", "partial_failure"].contains(&kind),
            "{error}"
        );
        assert!(
            error["message"].as_str().unwrap().starts_with("cannot "),
            "{error}"
        );
        assert_eq!(bed.leftovers("refused"), [""; 0], "{error}");
        assert_eq!(master.leftovers(), [""; 0], "{error}");
    }
}

#[test]
fn another_minions_key_is_not_touched() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let other = master.ok("key.generate", &json!({"bits": 2048}));
    let key = json!({"pki_dir": master.pki(), "id": "taken", "public_key": other["public_key"]});
    master.ok("key.accept", &key);
    let spec = json!({"server_name": "taken", "minion": master.minion()});
    let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    let error = master.fails("already_exists", "server.create", &request);
    assert_eq!(error["data"]["field"], "/server/minion/id");
    assert_eq!(bed.leftovers("taken"), [""; 0]);
    assert_eq!(master.leftovers(), ["taken"]);
    let kept = fs::read_to_string(master.pki().join("minions/taken")).unwrap();
    assert_eq!(kept.trim(), other["public_key"].as_str().unwrap().trim());

    // A key that the caller has accepted already is taken, and is the caller's if it fails.
    let keys = json!({"public": other["public_key"], "private": other["private_key"]});
    let mut minion = master.minion();
    minion["keys"] = keys;
    let spec = json!({"server_name": "taken", "minion": minion, "network": "bridge:no-such-br"});
    let request = json!({"provider": bed.provider(), "server": spec});
    master.call("server.create", &request).unwrap_err();
    assert_eq!(bed.leftovers("taken"), [""; 0]);
    assert_eq!(master.leftovers(), ["taken"]);
}

/// A pool on a small file system in memory, which only the daemon and its guests see mounted.
pub(crate) struct SmallPool<'a> {
    bed: &'a Bed,
    name: &'a str,
    pid: String,
    target: PathBuf,
}

impl<'a> SmallPool<'a> {
    pub(crate) fn new(bed: &'a Bed, name: &'a str, size: &str) -> Self {
        let target = bed.path(name);
        fs::create_dir(&target).unwrap();
        let pid = fs::read_to_string(bed.path("libvirtd.pid")).unwrap();
        let pool = Self {
            bed,
            name,
            pid: pid.trim().to_owned(),
            target,
        };
        let options = format!("size={size},mode=0711");
        pool.in_namespace(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs"]);
        let target = pool.target.to_str().unwrap();
        bed.virsh(&["pool-define-as", name, "dir", "--target", target]);
        bed.virsh(&["pool-start", name]);
        pool
    }

    fn in_namespace(&self, command: &[&str]) {
        let output = Command::new("nsenter")
            .args(["-m", "-t", &self.pid])
            .args(command)
            .arg(&self.target)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
    }

    /// A file in it, as seen from outside.
    fn file(&self, name: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.pid));
        root.join(self.target.strip_prefix("/").unwrap()).join(name)
    }

    fn volumes(&self) -> String {
        self.bed.virsh(&["pool-refresh", self.name]);
        self.bed.virsh(&["vol-list", self.name])
    }

    pub(crate) fn remove(self) {
        self.bed.virsh(&["pool-destroy", self.name]);
        self.bed.virsh(&["pool-undefine", self.name]);
        self.in_namespace(&["umount"]);
    }
}

#[test]
fn a_full_pool_is_told_and_left_as_it_was() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let pool = SmallPool::new(bed, "small", "8m");
    // It is seen beforehand …
    let spec = json!({"server_name": "crowded", "pool": "small", "clone": "full", "minion": master.minion()});
    let error = master.fails(
        "quota_exceeded",
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    assert_eq!(error["data"]["field"], "/server/pool");
    // … and where it is not, on the way: the daemon believes what it saw last.
    fs::write(pool.file("filler"), vec![1; 8_300_000]).unwrap();
    let spec = json!({"server_name": "crowded", "pool": "small", "minion": master.minion()});
    let error = master.fails(
        "quota_exceeded",
        "server.create",
        &json!({"provider": bed.provider(), "server": spec}),
    );
    assert!(!error["message"].as_str().unwrap().is_empty());
    assert_eq!(bed.leftovers("crowded"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
    let volumes = pool.volumes();
    assert!(
        volumes.starts_with("filler") && volumes.lines().count() == 1,
        "{volumes}"
    );

    // An image that does not fit, as seen beforehand, and on the way: the room is taken while the
    // image comes.
    fs::remove_file(pool.file("filler")).unwrap();
    let source = master.path("large.raw");
    fs::write(&source, vec![3; 9_000_000]).unwrap();
    let image = json!({"source": source, "pool": "small"});
    let request = json!({"provider": bed.provider(), "image": image});
    master.fails("quota_exceeded", "image.import", &request);
    assert_eq!(pool.volumes(), "");
    // … or at once, whatever the daemon saw last, where all of it is taken at once
    fs::write(&source, vec![3; 6_000_000]).unwrap();
    let dense = master.path("dense.qcow2");
    let convert = ["convert", "-O", "qcow2", "large.raw", "dense.qcow2"];
    qemu_img(&convert, source.parent().unwrap());
    fs::write(&dense, fs::read(&dense).unwrap()).unwrap();
    fs::write(pool.file("filler"), vec![1; 5_000_000]).unwrap();
    let request = json!({"provider": bed.provider(), "image": {"source": dense, "pool": "small"}});
    master.fails("quota_exceeded", "image.import", &request);
    let only_the_filler =
        |volumes: &str| volumes.starts_with("filler") && volumes.lines().count() == 1;
    let volumes = pool.volumes();
    assert!(only_the_filler(&volumes), "{volumes}");
    assert_eq!(master.leftovers(), [""; 0]);
    // the daemon of libvirt 11.3 ends when an upload meets a full disk, whoever uploads
    if bed.release() >= 11 {
        pool.remove();
        return;
    }
    fs::remove_file(pool.file("filler")).unwrap();
    let held = FaultProxy::before(bed.env("VA_TCP_PORT"), When::Upload, What::Hold);
    fs::write(&source, vec![3; 5_000_000]).unwrap();
    let mut provider = bed.provider();
    provider["uri"] = json!(held.uri());
    let mut program = master.start(
        "image.import",
        &json!({"provider": provider, "image": image}),
    );
    held.reached();
    fs::write(pool.file("filler"), vec![1; 5_000_000]).unwrap();
    held.release();
    let answer = program.receive();
    assert_eq!(
        answer["error"]["data"]["kind"], "quota_exceeded",
        "{answer}"
    );
    let volumes = pool.volumes();
    assert!(only_the_filler(&volumes), "{volumes}");
    assert_eq!(master.leftovers(), [""; 0]);
    pool.remove();
}
