//! Imports that are killed, that meet another's, and whose image somebody has replaced: what is
//! listed is whole, and what is removed is the import's own.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{FaultProxy, What, When};
use crate::images::qemu_img;

/// An image that two of a stream's messages carry, and a third.
fn source(master: &Master, filler: u8) -> (PathBuf, Vec<u8>) {
    let path = master.path(&format!("source{filler}.qcow2"));
    let raw = master.path("filler.raw");
    fs::write(&raw, vec![filler; 400 << 10]).unwrap();
    let [from, to] = [&raw, &path].map(|file| file.to_str().unwrap());
    let convert = ["convert", "-f", "raw", "-O", "qcow2", from, to];
    qemu_img(&convert, raw.parent().unwrap());
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

fn import(provider: &Value, source: &PathBuf, name: &str) -> Value {
    json!({"provider": provider, "image": {"source": source, "name": name}})
}

fn through(bed: &Bed, proxy: &FaultProxy) -> Value {
    let mut provider = bed.provider();
    provider["uri"] = json!(proxy.uri());
    provider
}

fn proxy(bed: &Bed, when: When, what: What) -> FaultProxy {
    FaultProxy::before(bed.env("VA_TCP_PORT"), when, what)
}

/// Whether `provider.images` lists `name`.
fn is_listed(bed: &Bed, name: &str) -> bool {
    let images = Master::new().ok("provider.images", &json!({"provider": bed.provider()}));
    let images = images["images"].as_array().unwrap().iter();
    let names: Vec<_> = images
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.starts_with("va-import.")),
        "{names:?}"
    );
    names.contains(&name)
}

/// What `name` holds in the pool; none where it is not there.
fn stored(bed: &Bed, name: &str) -> Option<Vec<u8>> {
    fs::read(bed.pool().join(name)).ok()
}

/// The volumes of the pool that an import of `name` makes, as the host knows them and as files.
fn volumes(bed: &Bed, name: &str) -> Vec<String> {
    // refused while the pool looks by itself, which it does after an upload
    let _ = bed.try_virsh(&["pool-refresh", "default"]);
    let listed = bed.virsh(&["vol-list", "default"]);
    let known = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    known
        .filter(|volume| volume.ends_with(name))
        .map(ToOwned::to_owned)
        .collect()
}

fn remove(bed: &Bed, name: &str) {
    bed.virsh(&["vol-delete", "--pool", "default", name]);
}

/// Starts an import of `source` as `name` and kills it once `at` frames have passed.
fn killed(bed: &Bed, master: &Master, source: &PathBuf, name: &str, at: usize) {
    let proxy = proxy(bed, When::Frames(at), What::Hold);
    let program = master.start("image.import", &import(&through(bed, &proxy), source, name));
    proxy.reached();
    program.signal(Signal::KILL);
    assert_eq!(program.end().0, None);
    proxy.release();
}

/// How many frames an import as `name` sends.
fn frames_of_an_import(bed: &Bed, master: &Master, source: &PathBuf, name: &str) -> usize {
    let proxy = proxy(bed, When::Never, What::Hold);
    master.ok("image.import", &import(&through(bed, &proxy), source, name));
    remove(bed, name);
    proxy.frames()
}

#[test]
fn an_import_killed_anywhere_is_ended_by_the_next_call() {
    let Some(bed) = Bed::to_leave() else { return };
    let master = Master::new();
    let (source, bytes) = source(&master, 1);
    let is_whole = |name: &str| stored(bed, name).is_some_and(|found| found == bytes);
    let all = frames_of_an_import(bed, &master, &source, "cut0.qcow2");
    let (mut unfinished, mut whole) = (0, 0);
    for at in 1..all {
        let name = format!("cut{at}.qcow2");
        let when = format!("killed after frame {at} of {all}");
        killed(bed, &master, &source, &name, at);
        let listed = is_listed(bed, &name);
        assert!(!listed || is_whole(&name), "{when}");
        unfinished += usize::from(stored(bed, &name).is_some() && !is_whole(&name));
        if master.leftovers().is_empty() {
            assert!(stored(bed, &name).is_none() || is_whole(&name), "{when}");
            continue; // it had not begun, or was done
        }
        // Each of the ways out; none of them takes what is whole.
        if at % 2 == 0 {
            let recovered = master.ok("server.recover", &json!({"provider": bed.provider()}));
            assert_eq!(recovered["left_behind"], json!([]), "{when}");
            let left = volumes(bed, &name);
            assert!(
                left.is_empty() || left == [name.as_str()],
                "{when}: {left:?}"
            );
            assert_eq!(is_listed(bed, &name), is_whole(&name), "{when}");
            assert_eq!(left.is_empty(), !is_whole(&name), "{when}");
        }
        let answer = master.ok("image.import", &import(&bed.provider(), &source, &name));
        assert!(!listed || answer["imported"] == false, "{when}");
        whole += usize::from(answer["imported"] == false);
        assert_eq!(answer["image"]["format"], "qcow2", "{when}");
        assert!(is_whole(&name) && is_listed(bed, &name), "{when}");
        assert_eq!(volumes(bed, &name), [name.as_str()], "{when}");
        assert_eq!(master.leftovers(), [""; 0], "{when}");
        remove(bed, &name);
    }
    assert!(unfinished > 3 && whole > 0, "{unfinished} {whole} of {all}");
}

#[test]
fn the_next_creation_ends_a_killed_import_and_no_server_is_made_of_it() {
    let Some(bed) = Bed::to_leave() else { return };
    let master = Master::new();
    let (source, _) = source(&master, 2);
    let held = proxy(bed, When::Upload, What::Hold);
    let request = import(&through(bed, &held), &source, "early.qcow2");
    let program = master.start("image.import", &request);
    held.reached();

    let spec = json!({"server_name": "early", "image": "early.qcow2"});
    let create = json!({"provider": bed.provider(), "server": spec});
    let error = master.fails("conflict", "server.create", &create);
    assert_eq!(error["data"]["field"], "/server/image");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("being imported"),
        "{error}"
    );
    program.signal(Signal::KILL);
    assert_eq!(program.end().0, None);
    held.release();

    let error = master.fails("not_found", "server.create", &create);
    assert_eq!(error["data"]["field"], "/server/image");
    assert_eq!(volumes(bed, "early.qcow2"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn an_image_that_was_removed_and_brought_anew_by_somebody_else_stays() {
    let Some(bed) = Bed::to_leave() else { return };
    let (master, other) = (Master::new(), Master::new());
    let (source, _) = source(&master, 3);
    let name = "golden.qcow2";
    let held = proxy(bed, When::Upload, What::Hold);
    let program = master.start("image.import", &import(&through(bed, &held), &source, name));
    held.reached();
    program.signal(Signal::KILL);
    assert_eq!(program.end().0, None);
    held.release();
    assert_ne!(master.leftovers(), [""; 0]);

    // The part is removed by hand, and another brings the right image under that name.
    while bed
        .try_virsh(&["vol-delete", "--pool", "default", name])
        .is_err()
    {}
    let (right, bytes) = self::source(&other, 4);
    let brought = other.ok("image.import", &import(&bed.provider(), &right, name));
    assert_eq!(brought["imported"], true);
    assert!(is_listed(bed, name));
    let asked = json!({"provider": bed.provider(), "dry_run": true});
    let plan = master.ok("server.recover", &asked);
    let place = json!(format!("default/{name}"));
    let of = |list: &Value| {
        let mut all = list.as_array().into_iter().flatten();
        all.any(|one| one["name"] == place)
    };
    assert!(
        !of(&plan["would_remove"]) && of(&plan["would_stay"]),
        "{plan}"
    );

    let spec = json!({"server_name": "standing", "image": name});
    let create = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    other.ok("server.create", &create);
    let spec = json!({"server_name": "next", "image": name});
    let create = json!({"provider": bed.provider(), "server": spec, "wait": "defined"});
    master.ok("server.create", &create);
    assert_eq!(stored(bed, name), Some(bytes));
    assert_eq!(volumes(bed, name), [name]);
    assert_eq!(master.leftovers(), [""; 0]);
    for (master, server) in [(&other, "standing"), (&master, "next")] {
        master.ok("server.delete", &crate::boot::about(bed, server));
    }
    remove(bed, name);
}

#[test]
fn an_image_that_a_journal_of_the_first_version_names_stays() {
    let Some(bed) = Bed::to_leave() else { return };
    let master = Master::new();
    let (source, bytes) = source(&master, 5);
    master.ok(
        "image.import",
        &import(&bed.provider(), &source, "named.qcow2"),
    );
    let journal = format!(
        "{}\n{}\n",
        json!({"host": bed.env("VA_URI_UNIX"), "subject": "named.qcow2"}),
        json!({"resource": "volume", "pool": "default", "volume": "named.qcow2"})
    );
    let folder = master.state().join("journal");
    fs::write(folder.join("old.jsonl"), journal).unwrap();
    let recovered = master.ok("server.recover", &json!({"provider": bed.provider()}));
    assert_eq!(recovered["left_behind"], json!([]));
    assert_eq!(stored(bed, "named.qcow2"), Some(bytes));
    assert_eq!(master.leftovers(), [""; 0]);
    remove(bed, "named.qcow2");
}

#[test]
fn two_imports_of_one_name_do_not_harm_each_other() {
    let Some(bed) = Bed::to_leave() else { return };
    let (first, second) = (Master::new(), Master::new());
    let (source, bytes) = source(&first, 6);
    let (other, _) = self::source(&second, 7);
    let all = frames_of_an_import(bed, &first, &source, "both0.qcow2");
    let mut came_first = 0;
    for at in (10..all).step_by(2) {
        let name = format!("both{at}.qcow2");
        let when = format!("the second after frame {at} of {all}");
        let held = proxy(bed, When::Frames(at), What::Hold);
        let request = import(&through(bed, &held), &source, &name);
        let mut program = first.start("image.import", &request);
        held.reached();
        let answer = second.call("image.import", &import(&bed.provider(), &other, &name));
        held.release();
        let answers = [program.receive(), json!(answer)];
        let imported = answers.iter().filter(|answer| {
            answer["result"]["imported"] == true || answer["Ok"]["imported"] == true
        });
        assert_eq!(imported.count(), 1, "{when}: {answers:?}");
        let refused = match &answer {
            Ok(_) => answers[0]["error"].clone(),
            Err(error) => error.clone(),
        };
        assert_eq!(
            refused["data"]["kind"], "already_exists",
            "{when}: {refused}"
        );
        assert_eq!(refused["data"]["field"], "/image/name", "{when}: {refused}");
        let stays = stored(bed, &name).unwrap();
        assert_eq!(stays == bytes, answer.is_err(), "{when}");
        came_first += usize::from(answer.is_err());
        assert_eq!(volumes(bed, &name), [name.as_str()], "{when}");
        assert_eq!(
            (first.leftovers(), second.leftovers()),
            (Vec::new(), Vec::new()),
            "{when}"
        );
        remove(bed, &name);
    }
    assert!(came_first > 2, "{came_first} of {all}");
}

#[test]
fn a_host_is_known_again_by_another_address() {
    let Some(bed) = Bed::to_leave() else { return };
    let master = Master::new();
    let (source, _) = source(&master, 8);
    let held = proxy(bed, When::Upload, What::Hold);
    let program = master.start(
        "image.import",
        &import(&through(bed, &held), &source, "far.qcow2"),
    );
    held.reached();
    program.signal(Signal::KILL);
    assert_eq!(program.end().0, None);
    held.release();
    let mut tcp = bed.provider();
    tcp["uri"] = json!(format!("{}?mode=legacy", bed.env("VA_URI_TCP")));
    let recovered = master.ok("server.recover", &json!({"provider": tcp}));
    assert_ne!(recovered["removed"], json!([]));
    assert_eq!(volumes(bed, "far.qcow2"), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}
