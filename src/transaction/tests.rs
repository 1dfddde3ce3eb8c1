use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Thing(u32);

impl Resource for Thing {
    fn kind(&self) -> &'static str {
        "thing"
    }
    fn name(&self) -> String {
        self.0.to_string()
    }
}

fn journals(dir: &tempfile::TempDir) -> usize {
    std::fs::read_dir(dir.path().join("journal"))
        .unwrap()
        .count()
}

fn begin(dir: &tempfile::TempDir) -> Transaction<Thing> {
    Transaction::begin(Journal::create(dir.path(), &HostId::new("host"), "a thing").unwrap())
}

#[test]
fn a_commit_leaves_no_journal() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction.record(Thing(1)).unwrap();
    assert_eq!(journals(&dir), 1);
    transaction.commit().unwrap();
    assert_eq!(journals(&dir), 0);
}

#[test]
fn a_failure_undoes_everything_in_reverse() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    for thing in 1..=3 {
        transaction.record(Thing(thing)).unwrap();
    }
    transaction.forget(&Thing(2)).unwrap();
    let undone = RefCell::new(Vec::new());
    let error = transaction.roll_back(Error::new(Kind::Conflict, "no"), |thing| {
        undone.borrow_mut().push(thing.0);
        Ok(Removal::Gone)
    });
    assert_eq!(*undone.borrow(), [3, 1]);
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(journals(&dir), 0);
}

#[test]
fn what_cannot_be_undone_is_named_and_the_rest_is_undone() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    for thing in 1..=3 {
        transaction.record(Thing(thing)).unwrap();
    }
    let error = transaction.roll_back(Error::new(Kind::Conflict, "no"), |thing| match thing.0 {
        2 => Err(Error::new(Kind::Timeout, "busy")),
        _ => Ok(Removal::Gone),
    });
    assert_eq!(error.kind(), Kind::PartialFailure);
    assert_eq!(error.left_behind().len(), 1);
    assert_eq!(error.left_behind()[0].name, "2");
    assert_eq!(error.left_behind()[0].reason, "busy");

    let abandoned = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host")).unwrap();
    assert_eq!(abandoned[0].resources, [Thing(2)]);
}

#[test]
fn an_abandoned_journal_is_found_by_its_host_and_undone() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction.record(Thing(1)).unwrap();
    assert!(
        Journal::abandoned::<Thing>(dir.path(), &HostId::new("host"))
            .unwrap()
            .is_empty(),
        "still at work"
    );
    drop(transaction); // as a program that was killed

    assert!(
        Journal::abandoned::<Thing>(dir.path(), &HostId::new("other"))
            .unwrap()
            .is_empty()
    );
    let found = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host"))
        .unwrap()
        .remove(0);
    assert_eq!(found.subject, "a thing");
    let undone = found.undo(|_| Ok(Removal::Gone)).unwrap();
    assert_eq!(undone.removed, [Thing(1)]);
    assert!(undone.left_behind.is_empty());
    assert_eq!(journals(&dir), 0);
}

#[test]
fn a_line_that_was_cut_off_is_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction.record(Thing(1)).unwrap();
    let path = std::fs::read_dir(dir.path().join("journal"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    drop(transaction);
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, b"{\"cut").unwrap();
    let found = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host"))
        .unwrap()
        .remove(0);
    assert_eq!(found.resources, [Thing(1)]);
}

#[test]
fn what_is_to_go_is_written_down_until_it_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    for thing in 1..=3 {
        transaction.record(Thing(thing)).unwrap();
    }
    let undone = transaction
        .unmake(|thing| match thing.0 {
            2 => Err(Error::new(Kind::Timeout, "busy")),
            _ => Ok(Removal::Gone),
        })
        .unwrap();
    assert_eq!(undone.removed, [Thing(3), Thing(1)]);
    assert_eq!(undone.left_behind[0].name, "2");
    let abandoned = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host")).unwrap();
    assert_eq!(abandoned[0].resources, [Thing(2)]);
    drop(abandoned);

    let mut transaction =
        Transaction::begin(Journal::create(dir.path(), &HostId::new("other"), "it").unwrap());
    transaction.record(Thing(1)).unwrap();
    transaction.unmake(|_| Ok(Removal::Gone)).unwrap();
    assert!(
        Journal::abandoned::<Thing>(dir.path(), &HostId::new("other"))
            .unwrap()
            .is_empty()
    );
    assert_eq!(journals(&dir), 1);
}

#[test]
fn what_is_recorded_at_once_is_there_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction.record_all(vec![Thing(1), Thing(2)]).unwrap();
    assert_eq!(transaction.made(), [Thing(1), Thing(2)]);
    drop(transaction);
    let abandoned = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host")).unwrap();
    assert_eq!(abandoned[0].resources, [Thing(1), Thing(2)]);
}

#[test]
fn what_is_forgotten_is_gone_from_the_journal_and_the_rest_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction
        .record_all((1..=20).map(Thing).collect())
        .unwrap();
    transaction.forget(&Thing(20)).unwrap();
    transaction.forget(&Thing(3)).unwrap();
    transaction.record(Thing(21)).unwrap();
    drop(transaction);
    let abandoned = Journal::abandoned::<Thing>(dir.path(), &HostId::new("host")).unwrap();
    let left: Vec<_> = abandoned[0].resources.iter().map(|thing| thing.0).collect();
    let expected: Vec<_> = (1..=19).filter(|n| *n != 3).chain([21]).collect();
    assert_eq!(left, expected);
}

/// Things 1 to 3, of which 1 is there, 2 is not, and 3 is somebody else's.
fn mixed(thing: &Thing) -> Removal {
    match thing.0 {
        1 => Removal::Gone,
        2 => Removal::Absent,
        _ => Removal::Kept("it is another's".into()),
    }
}

#[test]
fn only_what_is_gone_is_called_removed_and_what_is_kept_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction
        .record_all((1..=3).map(Thing).collect())
        .unwrap();
    let undone = transaction.unmake(|thing| Ok(mixed(thing))).unwrap();
    assert_eq!(undone.removed, [Thing(1)]);
    assert_eq!(undone.left, [named(&Thing(3), "it is another's")]);
    assert!(undone.left_behind.is_empty());
    assert_eq!(journals(&dir), 0, "nothing is left to do");
}

#[test]
fn a_failure_names_what_it_keeps_and_stays_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction
        .record_all((1..=3).map(Thing).collect())
        .unwrap();
    let error = transaction.roll_back(Error::new(Kind::Conflict, "no"), |thing| Ok(mixed(thing)));
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(error.left_behind(), [named(&Thing(3), "it is another's")]);
    assert_eq!(journals(&dir), 0);
}

#[test]
fn whatever_journals_name_is_found_at_work_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut at_work = begin(&dir);
    at_work.record(Thing(1)).unwrap();
    let mut gone = begin(&dir);
    gone.record(Thing(2)).unwrap();
    drop(gone);
    let mut all = journaled::<Thing>(dir.path()).unwrap();
    all.sort_by_key(|thing| thing.0);
    assert_eq!(all, [Thing(1), Thing(2)]);
}

/// A journal of "web-1" on the host `identity`, reached at `address`, whose program is gone.
fn leave(dir: &tempfile::TempDir, host: &HostId) -> std::path::PathBuf {
    let before = files(dir);
    let mut transaction = Transaction::begin(Journal::create(dir.path(), host, "web-1").unwrap());
    transaction.record(Thing(1)).unwrap();
    let mut files = files(dir);
    files.retain(|path| !before.contains(path));
    files.remove(0)
}

fn files(dir: &tempfile::TempDir) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir.path().join("journal"))
        .into_iter()
        .flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn found(dir: &tempfile::TempDir, host: &HostId) -> usize {
    Journal::abandoned::<Thing>(dir.path(), host).unwrap().len()
}

/// What is told of the only journal.
fn problem(dir: &tempfile::TempDir) -> Option<Problem> {
    let mut leftovers = Journal::leftovers(dir.path()).unwrap();
    assert_eq!(leftovers.unfinished.len() + leftovers.problems.len(), 1);
    leftovers.problems.pop()
}

#[test]
fn a_host_is_known_by_what_it_is_and_by_how_it_is_reached() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("uuid 1").at("qemu:///system");
    leave(&dir, &host);
    assert_eq!(
        found(&dir, &HostId::new("uuid 1").at("qemu+unix:///system")),
        1
    );
    assert_eq!(found(&dir, &HostId::new("uuid 2").at("qemu:///system")), 1);
    assert_eq!(
        found(&dir, &HostId::new("uuid 2").at("qemu+unix:///system")),
        0
    );
    assert_eq!(found(&dir, &HostId::new("uuid 2")), 0);
}

#[test]
fn a_journal_of_the_first_version_is_found_by_the_address_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = leave(&dir, &HostId::new("uuid 1"));
    let old = "{\"host\":\"qemu:///system\",\"subject\":\"web-1\"}\n7\n";
    std::fs::write(path, old).unwrap();
    let host = HostId::new("uuid 1").at("qemu:///system");
    let abandoned = Journal::abandoned::<Thing>(dir.path(), &host).unwrap();
    assert_eq!(abandoned[0].resources, [Thing(7)]);
    drop(abandoned);
    assert_eq!(problem(&dir), None);
}

#[test]
fn what_holds_nothing_is_cleared_and_a_new_journal_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("host");
    for text in ["", "{\"host\":\"ho"] {
        let path = leave(&dir, &host);
        std::fs::write(path, text).unwrap();
        assert_eq!(found(&dir, &host), 0);
        assert_eq!(journals(&dir), 0);
    }
    // One that is made while everything is looked at.
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| (0..300).for_each(|_| drop(Journal::leftovers(dir.path()))));
        while !looking.is_finished() {
            let transaction = begin(&dir);
            assert_eq!(journals(&dir), 1);
            transaction.commit().unwrap();
        }
    });
}

#[test]
fn what_cannot_be_read_is_told_with_the_way_out_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("host");
    let path = leave(&dir, &host);
    let sound = std::fs::read_to_string(&path).unwrap();
    let later = sound.replace(env!("CARGO_PKG_VERSION"), "99.0.0");
    let odd = sound.replace(env!("CARGO_PKG_VERSION"), "odd");
    for (text, says) in [
        ("no journal\n".to_owned(), "does not begin as one"),
        (later, "99.0.0"),
        (odd, "odd"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let problem = problem(&dir).unwrap();
        assert!(problem.why.contains(says), "{problem:?}");
        assert!(!problem.way_out.is_empty());
        assert_eq!(found(&dir, &host), 0);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let long = std::fs::File::create(&path).unwrap();
    long.set_len((16 << 20) + 1).unwrap();
    assert!(problem(&dir).unwrap().why.contains("too large"));
    // An entry that is not known: the others must not be forgotten.
    let text = format!("{sound}{{\"resource\":\"unheard of\"}}\n2\n");
    std::fs::write(&path, &text).unwrap();
    assert_eq!(found(&dir, &host), 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn links_and_pipes_are_neither_followed_nor_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("host");
    let path = leave(&dir, &host);
    let elsewhere = dir.path().join("elsewhere");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert!(problem(&dir).unwrap().why.contains("no plain file"));
    assert_eq!(found(&dir, &host), 0);
    assert!(elsewhere.exists());

    std::fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(problem(&dir).unwrap().why.contains("no plain file"));
    assert_eq!(found(&dir, &host), 0);
}

#[test]
fn a_journal_that_was_cut_off_while_it_was_shortened_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("host");
    let path = leave(&dir, &host);
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"\n\n\n\n"); // what shortening leaves until the file is cut
    std::fs::write(&path, text).unwrap();
    let abandoned = Journal::abandoned::<Thing>(dir.path(), &host).unwrap();
    assert_eq!(abandoned[0].resources, [Thing(1)]);
}

#[test]
fn a_sole_journal_is_one_calls_at_a_time_and_a_childs_that_it_has_started() {
    let dir = tempfile::tempdir().unwrap();
    let host = HostId::new("far");
    let sole = || Journal::sole(dir.path(), &host, "web").unwrap();
    let mut transaction = Transaction::begin(sole().unwrap());
    assert!(sole().is_none());
    let other = Journal::sole(dir.path(), &host, "db").unwrap().unwrap();
    other.close().unwrap();
    let child = transaction.lock().unwrap();
    transaction.record(Thing(1)).unwrap();
    // as one that is killed, which unlocks nothing that its child holds
    std::mem::forget(transaction);
    let abandoned = || Journal::abandoned::<Thing>(dir.path(), &host).unwrap();
    assert!(abandoned().is_empty() && sole().is_none());
    rustix::fs::flock(&child, rustix::fs::FlockOperation::Unlock).unwrap();
    let again = Journal::sole(dir.path(), &host, "web").unwrap_err();
    assert_eq!(again.kind(), Kind::Conflict);
    let mut found = abandoned();
    let one = found.pop().unwrap();
    assert_eq!(
        (one.subject.as_str(), &one.resources),
        ("web", &vec![Thing(1)])
    );
    one.undo(|_| Ok(Removal::Gone)).unwrap();
    assert_eq!(journals(&dir), 0);
    sole().unwrap().close().unwrap();
}

#[test]
fn what_a_program_is_at_work_on_is_told_and_what_was_left_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let in_hand = |host: &str, subject: &str| {
        Journal::in_hand(dir.path(), &HostId::new(host), subject).unwrap()
    };
    let mut transaction = begin(&dir);
    assert!(!in_hand("host", "a thing"), "nothing is made yet");
    transaction.record(Thing(1)).unwrap();
    assert!(in_hand("host", "a thing"));
    assert!(!in_hand("host", "another") && !in_hand("another", "a thing"));
    drop(transaction);
    assert!(!in_hand("host", "a thing"), "its program is gone");
    let taken: Vec<Abandoned<Thing>> =
        Journal::abandoned(dir.path(), &HostId::new("host")).unwrap();
    assert!(in_hand("host", "a thing"), "another one removes it");
    drop(taken);
}
