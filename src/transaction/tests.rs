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
    Transaction::begin(Journal::create(dir.path(), "host", "a thing").unwrap())
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
        Ok(())
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
        _ => Ok(()),
    });
    assert_eq!(error.kind(), Kind::PartialFailure);
    assert_eq!(error.left_behind().len(), 1);
    assert_eq!(error.left_behind()[0].name, "2");
    assert_eq!(error.left_behind()[0].reason, "busy");

    let abandoned = Journal::abandoned::<Thing>(dir.path(), "host").unwrap();
    assert_eq!(abandoned[0].resources, [Thing(2)]);
}

#[test]
fn an_abandoned_journal_is_found_by_its_host_and_undone() {
    let dir = tempfile::tempdir().unwrap();
    let mut transaction = begin(&dir);
    transaction.record(Thing(1)).unwrap();
    assert!(
        Journal::abandoned::<Thing>(dir.path(), "host")
            .unwrap()
            .is_empty(),
        "still at work"
    );
    drop(transaction); // as a program that was killed

    assert!(
        Journal::abandoned::<Thing>(dir.path(), "other")
            .unwrap()
            .is_empty()
    );
    let found = Journal::abandoned::<Thing>(dir.path(), "host")
        .unwrap()
        .remove(0);
    assert_eq!(found.subject, "a thing");
    let (removed, left) = found.undo(|_| Ok(())).unwrap();
    assert_eq!((removed, left.len()), (vec![Thing(1)], 0));
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
    let found = Journal::abandoned::<Thing>(dir.path(), "host")
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
    let (removed, left) = transaction
        .unmake(|thing| match thing.0 {
            2 => Err(Error::new(Kind::Timeout, "busy")),
            _ => Ok(()),
        })
        .unwrap();
    assert_eq!(removed, [Thing(1), Thing(3)]);
    assert_eq!(left[0].name, "2");
    let abandoned = Journal::abandoned::<Thing>(dir.path(), "host").unwrap();
    assert_eq!(abandoned[0].resources, [Thing(2)]);
    drop(abandoned);

    let mut transaction = Transaction::begin(Journal::create(dir.path(), "other", "it").unwrap());
    transaction.record(Thing(1)).unwrap();
    transaction.unmake(|_| Ok(())).unwrap();
    assert!(
        Journal::abandoned::<Thing>(dir.path(), "other")
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
    let abandoned = Journal::abandoned::<Thing>(dir.path(), "host").unwrap();
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
    let abandoned = Journal::abandoned::<Thing>(dir.path(), "host").unwrap();
    let left: Vec<_> = abandoned[0].resources.iter().map(|thing| thing.0).collect();
    let expected: Vec<_> = (1..=19).filter(|n| *n != 3).chain([21]).collect();
    assert_eq!(left, expected);
}
