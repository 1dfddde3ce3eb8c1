//! The same thing asked for twice, one after the other and at once; and what is someone else's.

use std::fs;
use std::thread;

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;

fn request(bed: &Bed, spec: &Value) -> Value {
    json!({"provider": bed.provider(), "server": spec, "wait": "defined"})
}

#[test]
fn the_same_specification_is_the_same_server() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let spec = json!({"server_name": "same", "role": "web", "minion": master.minion()});
    let first = master.ok("server.create", &request(bed, &spec));
    let again = master.ok("server.create", &request(bed, &spec));
    assert_eq!(
        (&first["created"], &again["created"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(first["server"]["id"], again["server"]["id"]);
    let plan = json!({"provider": bed.provider(), "server": spec});
    assert_eq!(master.ok("server.plan", &plan)["create"], false);
    for (member, value) in [
        ("role", json!("db")),
        ("size", json!("roomy")),
        ("storage_disk", json!(1)),
        ("user_data", json!("#!/bin/sh\n")),
    ] {
        let mut other = spec.clone();
        other[member] = value;
        let error = master.fails("already_exists", "server.create", &request(bed, &other));
        assert_eq!(error["data"]["field"], "/server/server_name");
    }
    assert_eq!(bed.leftovers("same").len(), 5);
    for deleted in [true, false] {
        let answer = master.ok("server.delete", &about(bed, "same"));
        assert_eq!(
            (&answer["success"], &answer["deleted"]),
            (&json!(true), &json!(deleted))
        );
    }
    assert_eq!(bed.leftovers("same"), [""; 0]);
}

#[test]
fn of_two_at_once_one_makes_it() {
    let Some(bed) = Bed::system() else { return };
    for round in 0..5 {
        let server = format!("race{round}");
        // Different in every second round, so that it cannot be the same server.
        let masters = [Master::new(), Master::new()];
        let answers: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = masters
                .iter()
                .enumerate()
                .map(|(number, master)| {
                    let role = format!("role{}", number * (round % 2));
                    let spec =
                        json!({"server_name": server, "role": role, "minion": master.minion()});
                    scope.spawn(move || master.call("server.create", &request(bed, &spec)))
                })
                .collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let made = |answer: &Result<Value, Value>| matches!(answer, Ok(result) if result["created"] == true);
        assert_eq!(
            answers.iter().filter(|one| made(one)).count(),
            1,
            "{answers:#?}"
        );
        for (answer, master) in answers.iter().zip(&masters) {
            if made(answer) {
                assert_eq!(master.leftovers(), [server.as_str()]);
                continue;
            }
            match answer {
                Ok(result) => assert_eq!((&result["created"], round % 2), (&json!(false), 0)),
                Err(error) => assert_eq!(error["data"]["kind"], "already_exists", "{error}"),
            }
            assert_eq!(master.leftovers(), [""; 0]);
        }
        assert_eq!(
            bed.leftovers(&server).len(),
            5,
            "{:?}",
            bed.leftovers(&server)
        );
        masters[0].ok("server.delete", &about(bed, &server));
        assert_eq!(bed.leftovers(&server), [""; 0]);
        assert!(masters.iter().all(|master| master.leftovers().is_empty()));
    }
}

#[test]
fn what_others_made_is_theirs() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let disk = bed.pool().join("theirs.root.qcow2");
    fs::copy(bed.pool().join(crate::common::bed::IMAGE), &disk).unwrap();
    let variables = bed.nvram().join("theirs_VARS.fd");
    fs::create_dir_all(bed.nvram()).unwrap();
    fs::write(&variables, "their variables").unwrap();
    bed.refresh();
    let xml = format!(
        "<domain type='qemu'><name>theirs</name><memory unit='MiB'>64</memory><os>\
         <type arch='x86_64' machine='q35'>hvm</type>\
         <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>\
         <nvram>/var/lib/libvirt/qemu/nvram/theirs_VARS.fd</nvram></os><features><acpi/></features>\
         <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
         <source file='{}'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
        disk.display()
    );
    bed.define("define", &xml);
    let spec = json!({"server_name": "theirs"});
    let error = master.fails("already_exists", "server.create", &request(bed, &spec));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("not made by this program"),
        "{error}"
    );
    let shown = master.ok("server.show", &about(bed, "theirs"));
    assert_eq!(shown["server"]["managed"], false);
    master.fails("conflict", "server.delete", &about(bed, "theirs"));
    let mut seal = about(bed, "theirs");
    seal["action"] = json!("seal");
    master.fails("conflict", "server.action", &seal);
    assert_eq!(bed.state("theirs"), "shut off");

    let mut force = about(bed, "theirs");
    force["force"] = json!(true);
    assert_eq!(master.ok("server.delete", &force)["deleted"], true);
    let left = bed.leftovers("theirs");
    assert!(
        !left.iter().any(|trace| trace.starts_with("domain")),
        "{left:?}"
    );
    assert!(disk.exists());
    assert_eq!(fs::read_to_string(&variables).unwrap(), "their variables");
    bed.virsh(&["vol-delete", "--pool", "default", "theirs.root.qcow2"]);
    fs::remove_file(variables).unwrap();
}
