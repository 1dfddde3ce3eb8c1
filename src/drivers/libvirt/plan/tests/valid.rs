//! All XML that is written is what libvirt's own schemas describe, over specifications of every kind.

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::*;
use crate::drivers::libvirt::xml::pool::Pool;
use crate::drivers::libvirt::xml::snapshot::NewSnapshot;

const SCHEMAS: &str = "/usr/share/libvirt/schemas";
const CASES: usize = 400;

/// What each member may be; null is one that is not given.
fn members() -> Vec<(&'static str, Vec<Value>)> {
    let ignition = json!({"ignition": {"version": "3.4.0"}}).to_string();
    vec![
        ("disk_bus", vec![Value::Null, json!("scsi"), json!("sata")]),
        ("secure_boot", vec![Value::Null, json!(true)]),
        ("tpm", vec![Value::Null, json!(true)]),
        ("graphics", vec![Value::Null, json!("none")]),
        ("role", vec![Value::Null, json!("web & <db> \"'")]),
        ("pool", vec![Value::Null, json!("big")]),
        ("clone", vec![Value::Null, json!("full")]),
        ("minion", vec![Value::Null, json!({})]),
        ("user_data", vec![Value::Null, Value::Null, json!(ignition)]),
        (
            "disks",
            vec![
                Value::Null,
                json!([{"size": 1}]),
                json!([{"size": 1, "pool": "big"}, {"size": 2}]),
            ],
        ),
        (
            "seed",
            vec![
                Value::Null,
                json!({"bus": "virtio"}),
                json!({"bus": "sata"}),
                json!({"bus": "ide", "format": "cidata"}),
            ],
        ),
        (
            "networks",
            vec![
                Value::Null,
                json!([]),
                json!(["user", "bridge:br0", "macvtap:eth0"]),
                json!([{"network": "lan", "mtu": 9000, "queues": 4, "reserve": true}]),
                json!([{"bridge": "br0", "openvswitch": true, "vlan": 3, "model": "e1000"}]),
                json!([{"network": "lan", "portgroup": "p", "mac": "52:54:00:00:00:01"}, "lan"]),
            ],
        ),
        (
            "domain_xml",
            vec![
                Value::Null,
                json!("<domain><description>x</description></domain>"),
            ],
        ),
    ]
}

/// What the host may be.
fn hosts() -> Vec<Facts> {
    let mut all = Vec::new();
    for kind in ["dir", "logical", "rbd", "zfs"] {
        for (arch, machine, efi) in [
            ("x86_64", "q35", false),
            ("x86_64", "q35", true),
            ("x86_64", "pc", false),
            ("aarch64", "virt", true),
        ] {
            for cpu in [None, Some("maximum"), Some("qemu64")] {
                let mut facts = facts_with(kind, 64 * GIB);
                let hypervisor = &mut facts.hypervisor;
                hypervisor.arch = Some(arch.to_owned());
                hypervisor.machine = Some(machine.to_owned());
                (hypervisor.efi, hypervisor.cpu) = (efi, cpu.map(ToOwned::to_owned));
                all.push(facts);
            }
        }
    }
    all
}

/// The next server, and the host that it is for.
fn drawn(
    runner: &mut TestRunner,
    members: &[(&str, Vec<Value>)],
    hosts: &[Facts],
) -> (Value, Facts) {
    let indices = prop::collection::vec(any::<Index>(), members.len() + 1);
    let indices = indices.new_tree(runner).unwrap().current();
    let mut server = Map::new();
    for ((member, choices), index) in members.iter().zip(&indices) {
        let choice = index.get(choices);
        if !choice.is_null() {
            server.insert((*member).to_owned(), choice.clone());
        }
    }
    let mut facts = indices[members.len()].get(hosts).clone();
    let secure = server.contains_key("secure_boot");
    if facts.hypervisor.efi || secure {
        server.insert("firmware".to_owned(), json!("uefi"));
    }
    facts.hypervisor.efi |= secure;
    facts.hypervisor.secure_boot = secure;
    (Value::Object(server), facts)
}

/// Sees that all of `files` are what `schema` describes, by one run.
fn check(schema: &str, files: &[std::path::PathBuf]) {
    let output = Command::new("xmllint")
        .args(["--noout", "--relaxng", &format!("{SCHEMAS}/{schema}")])
        .args(files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<_> = said
        .lines()
        .filter(|line| !line.ends_with(" validates"))
        .collect();
    assert!(
        output.status.success(),
        "{schema}: {:#?}",
        &wrong[..wrong.len().min(12)]
    );
}

#[test]
fn whatever_is_asked_for_is_written_as_libvirts_schemas_have_it() {
    let is_there = Command::new("xmllint").arg("--version").output().is_ok();
    if !is_there || !Path::new(SCHEMAS).exists() {
        eprintln!("SKIPPED: xmllint (libxml2-utils) and libvirt's schemas are not here");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (mut domains, mut volumes) = (Vec::new(), Vec::new());
    let put = |list: &mut Vec<_>, name: String, text: String| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        list.push(path);
    };
    let (members, hosts) = (members(), hosts());
    let mut runner = TestRunner::deterministic();
    for number in 0..CASES {
        let (server, facts) = drawn(&mut runner, &members, &hosts);
        let folder = ["/guests", "/dev/vg"][number % 2];
        // what does not fit together is refused, and that has tests of its own
        let Ok(made) = planned_on(settings(json!({})), facts, server) else {
            continue;
        };
        put(&mut domains, format!("{number}.xml"), made.xml_in(folder));
        for (index, volume) in std::iter::once(&made.plan.root)
            .chain(&made.plan.data)
            .enumerate()
        {
            let text = to_xml(&volume.xml).unwrap();
            put(&mut volumes, format!("{number}-{index}.xml"), text);
        }
    }
    assert!(domains.len() > CASES / 10, "only {} fit", domains.len());
    check("domain.rng", &domains);
    check("storagevol.rng", &volumes);
    let (mut snapshots, mut pools) = (Vec::new(), Vec::new());
    let snapshot = NewSnapshot {
        name: "before & after".to_owned(),
    };
    put(
        &mut snapshots,
        "snapshot.xml".to_owned(),
        to_xml(&snapshot).unwrap(),
    );
    check("domainsnapshot.rng", &snapshots);
    let pool = Pool::in_directory("fast & new", "/srv/a & b");
    put(&mut pools, "pool.xml".to_owned(), to_xml(&pool).unwrap());
    check("storagepool.rng", &pools);
}
