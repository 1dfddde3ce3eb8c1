//! What is not this program's, or not this server's: nothing of it is removed, whatever a record or a
//! journal says.

use std::fs;

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::{Bed, IMAGE};
use crate::common::master::Master;

/// Makes a server that is off; its UUID.
pub(crate) fn made(master: &Master, bed: &Bed, server: &str) -> String {
    let spec = json!({"server_name": server, "minion": master.minion()});
    let request = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    assert_eq!(master.ok("server.create", &request)["created"], true);
    bed.virsh(&["domuuid", server])
}

/// Defines `server` again, as `change` makes it of its definition.
pub(crate) fn redefined(bed: &Bed, server: &str, change: impl FnOnce(String) -> String) {
    let xml = bed.virsh(&["dumpxml", "--inactive", server]);
    bed.define("define", &change(xml));
}

/// A volume of `server`, by what it is for: `root.qcow2`, `seed.iso`.
fn volume(server: &str, uuid: &str, purpose: &str) -> String {
    format!("{server}.{}.{purpose}", &uuid[..8])
}

/// A volume that holds something, made by somebody else.
fn foreign_volume(bed: &Bed, name: &str) {
    fs::write(bed.pool().join(name), "theirs").unwrap();
    bed.refresh();
}

/// The names in a list of an answer.
fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

fn forced(bed: &Bed, server: &str) -> Value {
    let mut request = about(bed, server);
    request["force"] = json!(true);
    request
}

#[test]
fn a_copy_by_another_program_takes_nothing_of_the_original_with_it() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let uuid = made(&master, bed, "orig");
    let before = (bed.leftovers("orig"), master.leftovers());
    // As virt-clone does it: another name, UUID and disk; the metadata and read-only media are the same.
    let [root, seed] = ["root.qcow2", "seed.iso"].map(|purpose| volume("orig", &uuid, purpose));
    bed.virsh(&["vol-clone", "--pool", "default", &root, "copy-disk.qcow2"]);
    let xml = bed.virsh(&["dumpxml", "orig"]);
    let copy = xml
        .replace("<name>orig</name>", "<name>copy</name>")
        .replace(&format!("<uuid>{uuid}</uuid>"), "")
        .replace(&root, "copy-disk.qcow2");
    bed.define("define", &copy);
    let seed_file = bed.pool().join(&seed);
    let content = fs::read(&seed_file).unwrap();

    let shown = master.ok("server.show", &about(bed, "copy"));
    assert_eq!(shown["server"]["managed"], false, "{shown}");
    let mut seal = about(bed, "copy");
    seal["action"] = json!("seal");
    master.fails("conflict", "server.action", &seal);
    assert_eq!(fs::read(&seed_file).unwrap(), content);
    let error = master.fails("conflict", "server.delete", &about(bed, "copy"));
    assert!(
        error["message"].as_str().unwrap().contains("copied"),
        "{error}"
    );
    let deleted = master.ok("server.delete", &forced(bed, "copy"));
    assert_eq!(names(&deleted["removed"]), ["copy"], "{deleted}");
    let own = bed.pool().join("copy-disk.qcow2");
    let left = names(&deleted["left"]);
    assert!(left.contains(&own.to_str().unwrap()), "{deleted}");
    assert_eq!((bed.leftovers("orig"), master.leftovers()), before);

    master.ok("server.delete", &about(bed, "orig"));
    assert_eq!(
        (bed.leftovers("orig"), master.leftovers()),
        (vec![], vec![])
    );
    assert!(own.exists());
    bed.virsh(&["vol-delete", "--pool", "default", "copy-disk.qcow2"]);
}

#[test]
fn a_record_that_names_what_is_anothers_removes_its_own_only() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let victim = made(&master, bed, "victim");
    made(&master, bed, "thief");
    let before = (bed.leftovers("victim"), bed.leftovers("guest"));
    let theirs = volume("victim", &victim, "root.qcow2");
    foreign_volume(bed, "theirs.img");
    foreign_volume(bed, "nobody.01234567.root.qcow2");
    let planted = [&*theirs, IMAGE, "theirs.img", "nobody.01234567.root.qcow2"];
    redefined(bed, "thief", |xml| {
        let volume = |name: &&str| format!("<va:volume pool='default' name='{name}' use='data'/>");
        let more: Vec<_> = planted.iter().chain(&["absent.img"]).map(volume).collect();
        let more = more.concat();
        let key = master.ok(
            "key.fingerprint",
            &json!({"public_key": fs::read_to_string(master.pki().join("minions/victim")).unwrap()}),
        );
        let at = xml.find("<va:minion").unwrap();
        let end = at + xml[at..].find("/>").unwrap() + 2;
        let pki = master.pki();
        let minion = format!(
            "<va:minion id='victim' fingerprint='{}' pki_dir='{}'/>",
            key["fingerprint"].as_str().unwrap(),
            pki.display()
        );
        format!("{}{more}{minion}{}", &xml[..at], &xml[end..])
    });
    let deleted = master.ok("server.delete", &about(bed, "thief"));
    assert_eq!(deleted["removed"].as_array().unwrap().len(), 3, "{deleted}");
    let left = names(&deleted["left"]);
    for name in planted {
        assert!(left.contains(&&*format!("default/{name}")), "{deleted}");
        assert!(bed.pool().join(name).exists(), "{name}");
    }
    assert!(
        !left.iter().any(|name| name.contains("absent")),
        "{deleted}"
    );
    assert!(
        left.iter().any(|name| name.ends_with("minions/victim")),
        "{deleted}"
    );
    assert_eq!(bed.leftovers("thief"), [""; 0]);
    assert_eq!((bed.leftovers("victim"), bed.leftovers("guest")), before);
    assert!(master.leftovers().contains(&"victim".to_owned()));
    master.ok("server.delete", &about(bed, "victim"));
    for name in ["theirs.img", "nobody.01234567.root.qcow2"] {
        bed.virsh(&["vol-delete", "--pool", "default", name]);
    }
}

#[test]
fn sealing_touches_no_seed_but_the_servers_own() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let kept = made(&master, bed, "kept");
    let sealer = made(&master, bed, "sealer");
    let (theirs, own) = (
        volume("kept", &kept, "seed.iso"),
        volume("sealer", &sealer, "seed.iso"),
    );
    redefined(bed, "sealer", |xml| {
        xml.replace(
            &format!("name=\"{own}\" use"),
            &format!("name=\"{theirs}\" use"),
        )
        .replace(
            &format!("name='{own}' use"),
            &format!("name='{theirs}' use"),
        )
    });
    assert!(bed.virsh(&["dumpxml", "sealer"]).contains(&theirs));
    let content = fs::read(bed.pool().join(&theirs)).unwrap();
    let mut seal = about(bed, "sealer");
    seal["action"] = json!("seal");
    master.fails("conflict", "server.action", &seal);
    assert_eq!(fs::read(bed.pool().join(&theirs)).unwrap(), content);
    for server in ["sealer", "kept"] {
        master.ok("server.delete", &about(bed, server));
    }
    bed.virsh(&["vol-delete", "--pool", "default", &own]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn records_that_do_not_count_leave_everything_but_the_definition() {
    let Some(bed) = Bed::system() else { return };
    let other = "01234567-89ab-4def-8123-456789abcdef";
    let unreadable =
        "<va:server xmlns:va='urn:va-driver:server:1'><va:version>0.0.9</va:version></va:server>";
    for (number, kind) in ["another's", "unreadable", "of a later format"]
        .iter()
        .enumerate()
    {
        let master = Master::new();
        let server = format!("notours{number}");
        let uuid = made(&master, bed, &server);
        let mut before = bed.leftovers(&server);
        redefined(bed, &server, |xml| match number {
            0 => xml.replace(
                &format!("<va:uuid>{uuid}</va:uuid>"),
                &format!("<va:uuid>{other}</va:uuid>"),
            ),
            1 => {
                let (at, end) = ("<va:server", "</va:server>");
                let (at, end) = (xml.find(at).unwrap(), xml.find(end).unwrap() + end.len());
                format!("{}{unreadable}{}", &xml[..at], &xml[end..])
            }
            _ => xml.replace("urn:va-driver:server:1", "urn:va-driver:server:2"),
        });
        let request = json!({"provider": bed.provider(), "full": true});
        let list = master.ok("server.list", &request);
        let listed = list["servers"].as_array().unwrap().iter();
        let listed = listed.clone().find(|one| one["name"] == server).unwrap();
        assert_eq!(listed["managed"], false, "{kind}: {listed}");
        assert_eq!(
            listed["warnings"].is_array(),
            number == 1,
            "{kind}: {listed}"
        );
        let shown = master.ok("server.show", &about(bed, &server));
        assert_eq!(shown["server"]["managed"], false, "{kind}: {shown}");
        master.fails("conflict", "server.delete", &about(bed, &server));
        let spec = json!({"server_name": server, "minion": master.minion()});
        let again = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
        master.fails("already_exists", "server.create", &again);
        let deleted = master.ok("server.delete", &forced(bed, &server));
        assert_eq!(names(&deleted["removed"]), [&*server], "{kind}: {deleted}");
        assert_eq!(names(&deleted["left"]).len(), 2, "{kind}: {deleted}");
        before.retain(|trace| !trace.starts_with("domain"));
        assert_eq!(bed.leftovers(&server), before, "{kind}");
        assert_eq!(master.leftovers(), [&*server], "{kind}");
        for purpose in ["root.qcow2", "seed.iso"] {
            let volume = volume(&server, &uuid, purpose);
            bed.virsh(&["vol-delete", "--pool", "default", &volume]);
        }
    }
}

#[test]
fn a_record_of_the_first_version_counts_by_its_volumes() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let uuid = made(&master, bed, "first");
    redefined(bed, "first", |xml| {
        xml.replace(&format!("<va:uuid>{uuid}</va:uuid>"), "")
    });
    bed.virsh(&["domrename", "first", "renamed"]);
    let shown = master.ok("server.show", &about(bed, "renamed"));
    assert_eq!(shown["server"]["managed"], true, "{shown}");
    let deleted = master.ok("server.delete", &about(bed, "renamed"));
    assert_eq!(deleted["removed"].as_array().unwrap().len(), 4, "{deleted}");
    assert_eq!(
        (bed.leftovers("first"), master.leftovers()),
        (vec![], vec![])
    );
}

/// A journal below the master's state directory as one that was cut off.
pub(crate) fn plant(master: &Master, bed: &Bed, subject: &str, lines: &[Value]) {
    let folder = master.state().join("journal");
    fs::create_dir_all(&folder).unwrap();
    let host = bed.env("VA_URI_UNIX");
    let mut text = json!({"host": host, "subject": subject}).to_string() + "\n";
    for line in lines {
        text += &(line.to_string() + "\n");
    }
    fs::write(folder.join("planted.jsonl"), text).unwrap();
}

#[test]
fn a_journal_that_names_what_is_anothers_removes_nothing() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let standing = made(&master, bed, "standing");
    foreign_volume(bed, "foreign.img");
    let xml = "<domain type='qemu'><name>unmanaged</name><memory unit='MiB'>64</memory>\
               <os><type>hvm</type></os></domain>";
    bed.define("define", xml);
    let unmanaged = bed.virsh(&["domuuid", "unmanaged"]);
    foreign_volume(bed, &volume("unmanaged", &unmanaged, "root.qcow2"));
    let before = (bed.leftovers("standing"), master.leftovers());
    let named =
        |pool: &str, name: &str| json!({"resource": "volume", "pool": pool, "volume": name});
    let volumes = |more: &[&str]| -> Vec<Value> {
        let all = [IMAGE, "foreign.img", "absent.img"];
        all.iter()
            .chain(more)
            .map(|name| named("default", name))
            .collect()
    };
    let domain =
        |uuid: &str, name: &str| json!({"resource": "domain", "uuid": uuid, "server": name});
    let root = volume("standing", &standing, "root.qcow2");
    let fake = volume("unmanaged", &unmanaged, "root.qcow2");
    let gone = "01234567-89ab-4def-8123-456789abcdef";
    let cases = [
        // a server that is there, and none of the journal's
        volumes(&[&root, &fake]),
        // a server under another's name
        [volumes(&[&root]), vec![domain(&standing, "ghost")]].concat(),
        // somebody else's domain
        [volumes(&[&fake]), vec![domain(&unmanaged, "unmanaged")]].concat(),
        // a server that is gone, and another's volumes
        [volumes(&[&root]), vec![domain(gone, "ghost")]].concat(),
        vec![named("no-such-pool", "foreign.img")],
    ];
    let there = [4, 4, 4, 3, 1];
    for (number, lines) in cases.iter().enumerate() {
        for call in ["server.recover", "server.delete", "server.create"] {
            plant(&master, bed, "ghost", lines);
            let what = format!("case {number}, {call}");
            let answer = match call {
                "server.recover" => master.ok(call, &json!({"provider": bed.provider()})),
                "server.delete" => master.ok(call, &about(bed, "ghost")),
                _ => {
                    let spec = json!({"server_name": "ghost"});
                    let request =
                        json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
                    let created = master.ok(call, &request);
                    master.ok("server.delete", &about(bed, "ghost"));
                    created
                }
            };
            if call != "server.create" {
                assert_eq!(answer["removed"], json!([]), "{what}: {answer}");
                let left = names(&answer["left"]);
                assert_eq!(left.len(), there[number], "{what}: {answer}");
            }
            assert_eq!(
                (bed.leftovers("standing"), master.leftovers()),
                before,
                "{what}"
            );
            assert!(bed.pool().join("foreign.img").exists(), "{what}");
            assert!(bed.pool().join(&fake).exists(), "{what}");
            assert!(bed.pool().join(IMAGE).exists(), "{what}");
            assert_eq!(bed.state("unmanaged"), "shut off", "{what}");
        }
    }
    bed.virsh(&["undefine", "unmanaged"]);
    for name in ["foreign.img", &fake] {
        bed.virsh(&["vol-delete", "--pool", "default", name]);
    }
    master.ok("server.delete", &about(bed, "standing"));
}
