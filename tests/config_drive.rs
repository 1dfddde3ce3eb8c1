//! Config drives, read by the tools that others read them with: isoinfo (genisoimage), xorriso and
//! blkid (util-linux). Where one is missing, these tests fail.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;
use time::macros::datetime;
use va_driver::testing::iso9660::{self, File};
use va_driver::testing::{Format, Seed, seal};

type Tree = BTreeMap<String, Vec<u8>>;

/// An image in a directory of its own.
struct Image {
    dir: TempDir,
}

impl Image {
    fn new(bytes: &[u8]) -> Self {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("image"), bytes).unwrap();
        Self { dir }
    }

    fn of(tree: &Tree) -> Self {
        let files: Vec<File<'_>> = tree
            .iter()
            .map(|(path, content)| File { path, content })
            .collect();
        let at = datetime!(2024-05-06 07:08:09 UTC);
        Self::new(&iso9660::write("config-2", at, &files).unwrap())
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    /// What isoinfo prints about it; it must have no complaint.
    fn isoinfo(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("isoinfo");
        let output = run(command.arg("-i").arg(self.path()).args(arguments));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        output.stdout
    }

    /// The paths in one set of names.
    fn paths(&self, names: &[&str]) -> Vec<String> {
        let listing = String::from_utf8(self.isoinfo(&[names, &["-f"]].concat())).unwrap();
        listing.lines().map(str::to_owned).collect()
    }

    /// All files as xorriso extracts them; it must have no complaint.
    fn extracted(&self) -> Tree {
        let target = self.dir.path().join("extracted");
        let mut command = Command::new("xorriso");
        command.args([
            "-report_about",
            "NOTE",
            "-abort_on",
            "WARNING",
            "-osirrox",
            "on",
            "-indev",
        ]);
        command.arg(self.path());
        command
            .args(["-check_media", "--", "-extract", "/"])
            .arg(&target);
        command.arg("-end");
        let output = run(&mut command);
        let said = String::from_utf8_lossy(&output.stderr);
        for severity in ["WARNING", "SORRY", "MISHAP", "FAILURE", "FATAL"] {
            assert!(!said.contains(severity), "{said}");
        }
        let mut tree = Tree::new();
        read(&target, "", &mut tree);
        tree
    }

    fn blkid(&self) -> BTreeMap<String, String> {
        let mut command = Command::new("blkid");
        let output = run(command.args(["-p", "-o", "export"]).arg(self.path()));
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

fn run(command: &mut Command) -> Output {
    let output = command
        .env("PATH", path_with_sbin())
        .env("LC_ALL", "C")
        .output()
        .unwrap_or_else(|error| panic!("{command:?} must be installed for this test: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

fn path_with_sbin() -> String {
    format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}

/// Reads `dir`, and makes it removable: it was extracted for reading only.
fn read(dir: &Path, prefix: &str, tree: &mut Tree) {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &format!("{path}/"), tree);
        } else {
            tree.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

/// What isoinfo lists for it: every file and directory.
fn all_paths(tree: &Tree) -> Vec<String> {
    let mut paths: Vec<String> = tree
        .keys()
        .flat_map(|path| {
            let ends = path.match_indices('/').map(|(end, _)| end);
            ends.chain([path.len()])
                .map(|end| format!("/{}", &path[..end]))
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

fn sorted(mut paths: Vec<String>) -> Vec<String> {
    paths.sort();
    paths
}

fn sizes() -> Tree {
    [0, 1, 2047, 2048, 2049, 5_000_000]
        .into_iter()
        .map(|size: usize| {
            let content = (0..size).map(|n| (n * 31 + n / 251).to_le_bytes()[0]);
            (
                format!("some/dir-{size}/file_{size}.data"),
                content.collect(),
            )
        })
        .collect()
}

fn seed(format: Format) -> Seed {
    serde_json::from_value(json!({
        "format": format,
        "uuid": "5f0c3a52-1111-4222-8333-abcdefabcdef",
        "hostname": "web1",
        "minion": {
            "id": "web1",
            "public_key": "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n",
            "private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
        },
        "interfaces": [{ "mac": "52:54:00:00:00:01", "addresses": ["192.0.2.7/24"] }],
        "user_data": "#!/bin/sh\necho hello\n",
    }))
    .unwrap()
}

#[test]
fn every_size_comes_back_in_every_set_of_names() {
    let tree = sizes();
    let image = Image::of(&tree);
    assert_eq!(image.extracted(), tree);
    for (path, content) in &tree {
        let path = format!("/{path}");
        assert!(image.isoinfo(&["-R", "-x", &path]) == *content, "{path}");
        assert!(image.isoinfo(&["-J", "-x", &path]) == *content, "{path}");
        let plain = format!("{};1", path.to_uppercase().replace('-', "_"));
        assert!(image.isoinfo(&["-x", &plain]) == *content, "{plain}");
    }
}

#[test]
fn both_formats_are_found_by_their_label() {
    for (format, label) in [(Format::Config2, "config-2"), (Format::Cidata, "cidata")] {
        let seed = seed(format);
        let image = Image::new(&seed.image().unwrap());
        let found = image.blkid();
        assert_eq!(found["TYPE"], "iso9660");
        assert_eq!(found["LABEL"], label);

        let said = String::from_utf8(image.isoinfo(&["-d"])).unwrap();
        let sectors = fs::metadata(image.path()).unwrap().len() / 2048;
        for line in [
            &format!("Volume id: {label}"),
            &format!("Volume size is: {sectors}"),
            "Joliet with UCS level 3 found",
            "Rock Ridge signatures version 1 found",
        ] {
            assert!(said.contains(line), "{line:?} is not in {said}");
        }

        let files = seed.files().unwrap();
        let tree: Tree = files
            .into_iter()
            .map(|file| (file.path, file.content.to_vec()))
            .collect();
        assert_eq!(image.extracted(), tree);
        assert_eq!(sorted(image.paths(&["-R"])), all_paths(&tree));
        assert_eq!(sorted(image.paths(&["-J"])), all_paths(&tree));
    }
}

#[test]
fn only_root_may_read_it() {
    let image = Image::new(&seed(Format::Cidata).image().unwrap());
    let listing = String::from_utf8(image.isoinfo(&["-R", "-l"])).unwrap();
    let entries: Vec<_> = listing
        .lines()
        .filter(|line| line.contains("2000 ["))
        .collect();
    assert_eq!(entries.len(), 5, "{listing}");
    for entry in entries {
        let words: Vec<_> = entry.split_whitespace().collect();
        let is_directory = entry.ends_with(". ");
        assert_eq!(
            words[0],
            if is_directory {
                "dr-x------"
            } else {
                "-r--------"
            }
        );
        assert_eq!(words[2..4], ["0", "0"], "owner and group");
    }
}

#[test]
fn a_sealed_drive_is_as_good_as_before_without_the_key() {
    for format in [Format::Config2, Format::Cidata] {
        let mut bytes = seed(format).image().unwrap();
        let before = Image::new(&bytes).extracted();
        assert!(seal(&mut bytes).unwrap());
        let after = Image::new(&bytes);
        assert_eq!(after.blkid()["LABEL"], format.label());
        for (path, content) in after.extracted() {
            let is_user_data = path.contains("user");
            assert_eq!(content != before[&path], is_user_data, "{path}");
            let text = String::from_utf8(content).unwrap();
            assert!(!text.contains("c2VjcmV0") && !text.contains("BEGIN PRIVATE KEY"));
            assert_eq!(text.contains("BEGIN PUBLIC KEY"), is_user_data);
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let name = "[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,63}";
    let path = prop::collection::vec(name, 1..=3).prop_map(|names| names.join("/"));
    let content = prop::collection::vec(any::<u8>(), 0..5000);
    prop::collection::btree_map(path, content, 1..30).prop_filter(
        "no file is a directory",
        |tree| {
            let is_dir = |file: &String| {
                tree.keys()
                    .any(|path| path.starts_with(&format!("{file}/")))
            };
            !tree.keys().any(is_dir)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn any_tree_is_read_as_it_was_written(tree in trees()) {
        let image = Image::of(&tree);
        prop_assert_eq!(sorted(image.paths(&["-R"])), all_paths(&tree));
        prop_assert_eq!(sorted(image.paths(&["-J"])), all_paths(&tree));
        prop_assert_eq!(image.paths(&[]).len(), all_paths(&tree).len());
        prop_assert_eq!(image.extracted(), tree);
    }
}
