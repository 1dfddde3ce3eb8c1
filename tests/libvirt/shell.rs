//! The subcommands on a real host: what they exit with, and what a dry run tells.

use std::collections::HashSet;
use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;
use crate::common::run_in;

/// Runs the program for `master` on `bed`; `{provider}` stands in a file.
fn run(bed: &Bed, master: &Master, args: &[&str]) -> Output {
    let file = master.path("provider.json");
    fs::write(&file, bed.provider().to_string()).unwrap();
    let provider = ["--provider-file", file.to_str().unwrap()];
    run_in(&master.state(), &[args, &provider].concat(), b"")
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The kinds and names in a list of what is or would be removed.
fn names(list: &Value) -> HashSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|removed| (text(&removed["resource"]), text(&removed["name"])))
        .collect()
}

#[test]
fn a_server_that_is_not_ready_in_time_exits_with_a_code_of_its_own() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let create = [
        "server",
        "create",
        "not-ready",
        "--wait",
        "address",
        "--timeout",
        "1",
    ];
    let output = run(bed, &master, &create);
    assert_eq!(output.status.code(), Some(15), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&answer["created"], &answer["ready"]),
        (&json!(true), &json!(false))
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("no address") && said.contains("after 1 s"),
        "{said}"
    );
    assert!(said.contains("va-driver server show not-ready"), "{said}");
    // one that is as far as it was waited for is a success
    let output = run(bed, &master, &["server", "create", "not-ready"]);
    assert!(output.status.success(), "{output:?}");
    told(&run(bed, &master, &["server", "delete", "not-ready"]));
}

#[test]
fn a_dry_run_of_a_deletion_tells_what_the_deletion_removes() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let pki = master.pki();
    let pki = pki.to_str().unwrap();
    let create = [
        "server",
        "create",
        "dry-delete",
        "--minion",
        "--master",
        "10.9.8.7",
        "--pki-dir",
        pki,
        "--storage-disk",
        "1",
        "--wait",
        "defined",
    ];
    told(&run(bed, &master, &create));
    let plan = told(&run(
        bed,
        &master,
        &["server", "delete", "dry-delete", "--dry-run"],
    ));
    assert_eq!(plan["would_change"], true);
    assert!(
        bed.virsh(&["list", "--all", "--name"])
            .contains("dry-delete")
    );
    let action = ["server", "action", "dry-delete", "delete", "--dry-run"];
    assert_eq!(told(&run(bed, &master, &action)), plan);

    let deleted = told(&run(bed, &master, &["server", "delete", "dry-delete"]));
    assert_eq!(names(&plan["would_remove"]), names(&deleted["removed"]));
    assert!(names(&plan["would_remove"]).len() >= 5, "{plan}");
    let plan = told(&run(
        bed,
        &master,
        &["server", "delete", "dry-delete", "--dry-run"],
    ));
    assert_eq!(
        (&plan["would_change"], plan.get("would_remove")),
        (&json!(false), None)
    );
}

#[test]
fn a_dry_run_of_a_recovery_tells_what_the_journals_hold() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let recover = ["server", "recover", "--dry-run"];
    assert_eq!(told(&run(bed, &master, &recover))["would_change"], false);
    let journals = master.state().join("journal");
    fs::create_dir_all(&journals).unwrap();
    let journal = journals.join("0b0e8bd5-7f6c-4d9b-a1b0-2d3c4e5f6a7b.jsonl");
    let volume = "dry-recover.0a1b2c3d.root.qcow2";
    let header = json!({"host": bed.env("VA_URI_UNIX"), "subject": "dry-recover"});
    let entry = json!({"resource": "volume", "pool": "default", "volume": volume});
    fs::write(&journal, format!("{header}\n{entry}\n")).unwrap();
    bed.virsh(&["vol-create-as", "default", volume, "1M"]);
    let plan = told(&run(bed, &master, &recover));
    let expected = [("volume".to_owned(), format!("default/{volume}"))];
    assert_eq!(names(&plan["would_remove"]), HashSet::from(expected));
    assert!(plan["message"].as_str().unwrap().contains("dry-recover"));
    assert!(journal.exists() && bed.pool().join(volume).exists());
    let doctor = run(bed, &master, &["doctor"]);
    let doctor: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let checks = doctor["checks"].as_array().unwrap();
    let leftovers = checks.iter().find(|check| check["name"] == "leftovers");
    let leftovers = leftovers.unwrap();
    assert_eq!(leftovers["outcome"], "warning");
    assert!(
        leftovers["message"].as_str().unwrap().contains(volume),
        "{leftovers}"
    );
    assert!(journal.exists());
    let recovered = told(&run(bed, &master, &["server", "recover"]));
    assert_eq!(names(&recovered["removed"]), names(&plan["would_remove"]));
}

#[test]
fn a_dry_run_of_an_import_has_looked_at_the_image_and_the_pool() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let image = master.path("dry-import.raw");
    fs::write(&image, vec![0; 4 << 20]).unwrap();
    let import = ["image", "import", image.to_str().unwrap()];
    let dry = [&import[..], &["--dry-run"]].concat();
    let plan = told(&run(bed, &master, &dry));
    assert_eq!(plan["would_change"], true);
    let message = plan["message"].as_str().unwrap();
    assert!(
        message.contains("pool default") && message.contains("4 MiB"),
        "{message}"
    );
    assert!(!bed.pool().join("dry-import.raw").exists());
    told(&run(bed, &master, &import));
    assert_eq!(told(&run(bed, &master, &dry))["would_change"], false);
    bed.virsh(&["vol-delete", "dry-import.raw", "default"]);
    let output = run(bed, &master, &[&dry[..], &["--pool", "absent"]].concat());
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    fs::write(&image, "no image").unwrap();
    let import = [
        "image",
        "import",
        image.to_str().unwrap(),
        "--format",
        "qcow2",
        "--dry-run",
    ];
    let output = run(bed, &master, &import);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[test]
fn several_servers_of_a_file_are_made_once_and_an_image_under_them_stays() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let file = master.path("all.yaml");
    let spec = "- {server_name: many-1}\n- {server_name: many-2}\n- {server_name: many-10, size: nonesuch}\n";
    fs::write(&file, spec).unwrap();
    let args = [
        "server",
        "create",
        "--wait",
        "defined",
        "--spec",
        file.to_str().unwrap(),
    ];
    let outcomes = |code: i32| {
        let output = run(bed, &master, &args);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let results = answer["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|one| one["outcome"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(4), ["created", "created", "failed"]);
    assert_eq!(outcomes(4), ["unchanged", "unchanged", "failed"]);
    fs::write(&file, spec.replace(", size: nonesuch", "")).unwrap();
    assert_eq!(outcomes(0), ["unchanged", "unchanged", "created"]);

    let refused = run(bed, &master, &["image", "delete", IMAGE]);
    assert_eq!(refused.status.code(), Some(11), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("linked clone"),
        "{refused:?}"
    );

    let near = run(bed, &master, &["image", "show", &IMAGE.replace("gu", "ug")]);
    assert_eq!(near.status.code(), Some(4), "{near:?}");
    assert!(
        String::from_utf8_lossy(&near.stderr).contains("did you mean"),
        "{near:?}"
    );

    let deleted = run(
        bed,
        &master,
        &[
            "server", "delete", "many-1", "many-2", "many-10", "-o", "name",
        ],
    );
    assert_eq!(deleted.stdout, b"many-1\nmany-2\nmany-10\n", "{deleted:?}");
    for name in ["many-1", "many-2", "many-10"] {
        assert_eq!(bed.leftovers(name), [""; 0]);
    }
}
