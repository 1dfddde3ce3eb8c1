use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use super::DriversD;
use crate::driver::{BrokenDriver, DriverSource};

/// A directory that only its owner may write to, with `files`.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(dir.path(), name, text);
    }
    dir
}

fn put(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    fs::write(&file, text).unwrap();
    mode(&file, 0o644);
    file
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A manifest of a driver called `name`.
fn page(name: &str) -> String {
    format!(
        "driver: 1\nname: {name}\nprovider: {{VAR_PROVIDER_NAME: {{driver: x}}}}\nprofile: \
         {{VAR_PROFILE_NAME: {{provider: VAR_PROVIDER_NAME}}}}\n"
    )
}

fn source<const N: usize>(directories: [&Path; N]) -> DriversD {
    DriversD {
        directories: directories.map(Path::to_owned).to_vec(),
        own: vec!["libvirt".to_owned()],
    }
}

fn broken(dir: &Path, id: &str) -> BrokenDriver {
    source([dir])
        .find(id)
        .map(|found| found.is_some())
        .unwrap_err()
}

#[test]
fn the_first_directory_counts_and_one_that_is_not_there_is_no_error() {
    let first = directory(&[("a.yaml", &page("First"))]);
    let second = directory(&[("a.yaml", &page("Second")), ("b.yaml", &page("Other"))]);
    let drivers = source([first.path(), Path::new("/nonexistent"), second.path()]);
    let (found, broken) = drivers.list();
    let names: Vec<_> = found
        .iter()
        .map(|one| (one.driver_id(), one.friendly_name()))
        .collect();
    assert_eq!(
        (names, broken),
        (vec![("a", "First"), ("b", "Other")], Vec::new())
    );
    assert_eq!(drivers.find("a").unwrap().unwrap().friendly_name(), "First");
    assert_eq!(drivers.find("b").unwrap().unwrap().friendly_name(), "Other");
    assert_eq!(drivers.ids(), ["a", "b"]);
    for id in ["c", "", ".", "../a", "a.yaml", "A"] {
        assert!(drivers.find(id).unwrap().is_none(), "{id}");
    }
}

#[test]
fn a_broken_file_is_told_and_takes_nothing_else_down() {
    let dir = directory(&[
        ("bad.yaml", "driver: 1\nname: [\n"),
        ("empty.yaml", ""),
        ("good.yaml", &page("Good")),
        ("libvirt.yaml", &page("Mine")),
        ("va_x.yaml", &page("X")),
        ("Upper.yaml", &page("Upper")),
        ("plain", "#!/bin/sh\n"),
        ("good.yaml~", "an editor's"),
        ("good.yaml.dpkg-new", "a package's"),
        (".hidden.yaml", "nobody's"),
    ]);
    let (found, broken) = source([dir.path()]).list();
    assert_eq!(found.len(), 1);
    let told: Vec<_> = broken
        .iter()
        .map(|one| (one.file.file_name().unwrap().to_str().unwrap(), one.line))
        .collect();
    assert_eq!(
        told,
        [
            ("Upper.yaml", None),
            ("bad.yaml", Some(3)),
            ("empty.yaml", None),
            ("libvirt.yaml", None),
            ("plain", None),
            ("va_x.yaml", None),
        ]
    );
    let said = |file: &str| {
        let one = broken.iter().find(|one| one.file.ends_with(file)).unwrap();
        one.message.clone()
    };
    assert!(said("libvirt.yaml").contains("the program itself"));
    assert!(said("plain").contains("chmod +x"));
}

#[test]
fn a_call_for_one_driver_reads_one_file() {
    let dir = directory(&[("one.yaml", &page("One"))]);
    for number in 0..200 {
        put(dir.path(), &format!("d{number}.yaml"), "name: [");
    }
    let drivers = source([dir.path()]);
    assert_eq!(drivers.find("one").unwrap().unwrap().friendly_name(), "One");
    // each file is looked at once: one that is gone meanwhile would be missed the second time
    let (found, broken) = drivers.list();
    assert_eq!((found.len(), broken.len()), (1, 200));
}

#[test]
fn what_others_may_write_is_not_trusted() {
    let dir = directory(&[("a.yaml", &page("A")), ("b.yaml", &page("B"))]);
    mode(&dir.path().join("a.yaml"), 0o664);
    assert!(broken(dir.path(), "a").message.contains("chmod go-w"));
    assert!(source([dir.path()]).find("b").unwrap().is_some());
    for bits in [0o770, 0o777, 0o1777] {
        mode(dir.path(), bits);
        let broken = broken(dir.path(), "b");
        assert_eq!(broken.file, dir.path());
        assert!(broken.message.contains("chmod go-w"), "{broken}");
        assert_eq!(source([dir.path()]).list().1.len(), 1);
    }
    mode(dir.path(), 0o755);
    if rustix::process::geteuid().is_root() {
        chown(dir.path().join("b.yaml"), Some(1234), None).unwrap();
        assert!(broken(dir.path(), "b").message.contains("chown root"));
    }
}

#[test]
fn a_link_and_a_name_that_is_there_twice_are_refused() {
    let outside = directory(&[("x.yaml", &page("X"))]);
    let dir = directory(&[("twice.yaml", &page("Twice")), ("twice", "#!/bin/sh\n")]);
    mode(&dir.path().join("twice"), 0o755);
    symlink(outside.path().join("x.yaml"), dir.path().join("x.yaml")).unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    assert!(broken(dir.path(), "x").message.contains("a link"));
    assert!(
        broken(dir.path(), "twice")
            .message
            .contains("there as well")
    );
    assert!(
        broken(dir.path(), "folder")
            .message
            .contains("no plain file")
    );
}

#[test]
fn a_manifest_that_is_longer_than_a_page_can_be_is_refused() {
    let dir = directory(&[(
        "long.yaml",
        &format!("{}# {}", page("Long"), "x".repeat(1 << 20)),
    )]);
    assert!(broken(dir.path(), "long").message.contains("longer than"));
}
