use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::ConfinedDir;
use crate::Kind;

#[test]
fn files_are_made_once_with_their_mode() {
    let root = tempfile::tempdir().unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    dir.create_new("a", b"one", 0o644).unwrap();
    assert_eq!(
        dir.create_new("a", b"two", 0o644).unwrap_err().kind(),
        Kind::AlreadyExists
    );
    assert_eq!(dir.read("a", 3).unwrap().unwrap(), b"one");
    assert_eq!(dir.read("a", 2).unwrap_err().kind(), Kind::Conflict);
    dir.replace("a", b"three", 0o600).unwrap();
    assert_eq!(dir.read("a", 9).unwrap().unwrap(), b"three");
    assert_eq!(
        fs::metadata(root.path().join("a"))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777,
        0o600
    );
    assert_eq!(
        fs::read_dir(root.path()).unwrap().count(),
        1,
        "no temporary file stays"
    );
    assert!(dir.remove("a").unwrap() && !dir.remove("a").unwrap());
    assert_eq!(dir.read("a", 9).unwrap(), None);
}

#[test]
fn links_and_odd_files_are_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("f"), "x").unwrap();
    symlink(outside.path(), root.path().join("dir")).unwrap();
    symlink(outside.path().join("f"), root.path().join("file")).unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    assert_eq!(dir.child("dir").unwrap_err().kind(), Kind::Conflict);
    assert_eq!(
        dir.child_or_create("dir", 0o700).unwrap_err().kind(),
        Kind::Conflict
    );
    assert_eq!(dir.read("file", 9).unwrap_err().kind(), Kind::Conflict);
    assert_eq!(
        dir.create_new("file", b"y", 0o600).unwrap_err().kind(),
        Kind::AlreadyExists
    );
    dir.replace("file", b"y", 0o600).unwrap();
    assert_eq!(fs::read(outside.path().join("f")).unwrap(), b"x");
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        root.path().join("fifo"),
        rustix::fs::Mode::RUSR,
    )
    .unwrap();
    assert_eq!(dir.read("fifo", 9).unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn only_files_and_links_are_replaced() {
    let root = tempfile::tempdir().unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    let pipe = root.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR).unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    for name in ["pipe", "folder"] {
        let error = dir.replace(name, b"", 0o600).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict, "{name}");
    }
}

#[test]
fn what_a_program_left_that_was_killed_is_swept_away() {
    use std::time::{Duration, SystemTime};
    let root = tempfile::tempdir().unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    let old = SystemTime::now() - Duration::from_secs(120);
    let temporary = |uuid: u128| format!(".va-driver-{}", uuid::Uuid::from_u128(uuid).simple());
    let (ours, under_way) = (temporary(1), temporary(2));
    for (name, written) in [
        (ours.as_str(), old),
        (under_way.as_str(), SystemTime::now()),
        (".va-driver-notes", old),
        (".other", old),
    ] {
        let file = fs::File::create(root.path().join(name)).unwrap();
        file.set_modified(written).unwrap();
    }
    dir.create_new("f", b"", 0o600).unwrap();
    let left = |name: &str| root.path().join(name).exists();
    assert!(!left(&ours) && left(&under_way) && left(".other"));
    assert!(left(".va-driver-notes"), "somebody's own");
}

#[test]
fn whatever_the_umask_takes_folders_get_their_mode() {
    let root = tempfile::tempdir().unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    dir.child_or_create("d", 0o777).unwrap();
    let mode = fs::metadata(root.path().join("d"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o777);
}

#[test]
fn names_stay_inside() {
    let root = tempfile::tempdir().unwrap();
    let dir = ConfinedDir::open(root.path()).unwrap();
    for name in ["", ".", "..", "a/b", "../x", "a\0"] {
        assert_eq!(
            dir.create_new(name, b"", 0o600).unwrap_err().kind(),
            Kind::InvalidField
        );
        assert_eq!(
            dir.child_or_create(name, 0o700).unwrap_err().kind(),
            Kind::InvalidField
        );
    }
}

#[test]
fn what_root_makes_belongs_to_the_folders_owner() {
    use std::os::unix::fs::{MetadataExt, chown};
    let root = tempfile::tempdir().unwrap();
    let owner = if rustix::process::geteuid().is_root() {
        chown(root.path(), Some(1234), Some(1235)).unwrap();
        (1234, 1235)
    } else {
        (
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw(),
        )
    };
    let dir = ConfinedDir::open(root.path()).unwrap();
    dir.create_new("f", b"", 0o600).unwrap();
    dir.child_or_create("d", 0o700).unwrap();
    for name in ["f", "d"] {
        let metadata = fs::metadata(root.path().join(name)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), owner);
    }
}
