//! What is committed of the protocol is what the program says.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use va_driver::Kind;
use va_driver::rpc::METHODS;

fn docs() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs"))
}

fn files(dir: &Path) -> BTreeMap<String, String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_schemas_are_current() {
    let made = tempfile::tempdir().unwrap();
    let output = common::run(&["schema", "--output", made.path().to_str().unwrap()]);
    assert!(output.status.success());
    let (made, committed) = (files(made.path()), files(&docs().join("schemas")));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let remedy = "run: cargo run -- schema --output docs/schemas";
    assert_eq!(names(&made), names(&committed), "{remedy}");
    for (name, text) in made {
        // not assert_eq: the texts are long
        assert!(text == committed[&name], "{name} is not current; {remedy}");
    }
}

#[test]
fn the_page_of_members_is_current() {
    let made = common::run(&["explain", "--markdown"]);
    assert!(made.status.success());
    let committed = fs::read(docs().join("members.md")).unwrap();
    let remedy = "run: cargo run -- explain --markdown > docs/members.md";
    assert!(
        made.stdout == committed,
        "members.md is not current; {remedy}"
    );
}

#[test]
fn every_kind_is_documented_with_its_codes() {
    let page = fs::read_to_string(docs().join("protocol.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    for kind in Kind::ALL {
        let word = format!("`{kind}`");
        let row = rows
            .iter()
            .find(|row| row.get(1) == Some(&word.as_str()))
            .unwrap_or_else(|| panic!("no row for {kind}"));
        assert_eq!(row[2], kind.code().to_string(), "{kind}");
        assert_eq!(row[3], kind.exit_code().to_string(), "{kind}");
        let retryable = if kind.retryable() { "yes" } else { "no" };
        assert_eq!(row[4], retryable, "{kind}");
    }
    let not_ready = format!("exits with {}:", Kind::NOT_READY_EXIT_CODE);
    assert!(page.contains(&not_ready), "{not_ready}");
}

#[test]
fn every_method_is_documented() {
    let page = fs::read_to_string(docs().join("protocol.md")).unwrap();
    for method in METHODS {
        let row = format!("| `{}` |", method.name);
        assert!(page.contains(&row), "{}", method.name);
    }
}
