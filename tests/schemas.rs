//! What is committed of the protocol is what the program says.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use va_driver::Kind;
use va_driver::testing::METHODS;

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
fn the_picture_of_callers_is_as_its_script_draws_it() {
    let pictures = docs().join("pictures");
    let drawn = Command::new(pictures.join("draw")).arg("callers").output();
    let committed = fs::read(pictures.join("callers.svg")).unwrap();
    assert!(drawn.unwrap().stdout == committed, "run: make pictures");
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

/// Where limits are that a format or another program has set.
const NOT_OURS: [&str; 12] = [
    "config_drive/check/",
    "config_drive/iso9660/mod.rs",
    "config_drive/iso9660/names.rs",
    "config_drive/user_data/",
    "driver/usage.rs",
    "drivers/openstack/import.rs",
    "drivers/openstack/plan/",
    "drivers/openstack/record.rs",
    "drivers/openstack/servers/snapshot.rs",
    "salt/minion_id.rs",
    "tls/init.rs",
    "tls/names.rs",
];

/// Every source below `folder`, by its path from there.
fn sources(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let mut folders = vec![folder.to_owned()];
    let mut found = BTreeMap::new();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// The constants of a source that bound something, with their figures as people write them.
fn limits(code: &str) -> Vec<(&str, String)> {
    const MARKS: [&str; 11] = [
        "LONGEST",
        "DEEPEST",
        "MOST",
        "LARGEST",
        "MAX",
        "REDIRECTS",
        "PAGES",
        "ELEMENTS",
        "STALL",
        "LEFT_FREE",
        "LAST_WORDS",
    ];
    let mut found = Vec::new();
    for line in code.lines() {
        let Some((before, declared)) = line.trim_start().split_once("const ") else {
            continue;
        };
        let Some((name, rest)) = declared.split_once(": ") else {
            continue;
        };
        let Some((_, value)) = rest.trim_end_matches(';').split_once(" = ") else {
            continue;
        };
        let is_limit = MARKS.iter().any(|mark| name.contains(mark));
        if is_limit && !before.contains("//") {
            found.push((name, figure(value)));
        }
    }
    found
}

fn figure(value: &str) -> String {
    let plain = value.replace('_', "").replace("crate::units::", "");
    let inner = |start: &str| {
        plain
            .strip_prefix(start)?
            .strip_suffix(')')
            .map(str::to_owned)
    };
    if let Some(seconds) = inner("Duration::fromsecs(") {
        let product: u64 = seconds
            .split(" * ")
            .map(|n| n.parse::<u64>().unwrap())
            .product();
        return format!("{product} s");
    }
    let bytes = inner("length(").unwrap_or(plain);
    let units = bytes.replace(" * KIB", " KiB").replace(" * MIB", " MiB");
    let units = units.replace(" << 20", " MiB").replace(" << 10", " KiB");
    match units.as_str() {
        "MIB" => "1 MiB".to_owned(),
        _ if units.contains("MARKER") => "255 less its marker".to_owned(),
        _ => units,
    }
}

#[test]
fn every_limit_is_in_the_table_with_its_figure_and_the_test_that_goes_beyond_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = sources(&root.join("src"), ".rs");
    let tests = sources(&root.join("tests"), ".rs");
    let mut found = BTreeMap::new();
    for (path, text) in &code {
        if path.ends_with("tests.rs") || NOT_OURS.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (name, figure) in limits(production) {
            found.insert(format!("`{path}` `{name}`"), figure);
        }
    }
    let mut told = BTreeMap::new();
    for row in fs::read_to_string(docs().join("limits.md"))
        .unwrap()
        .lines()
    {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, _, figure, _, place, test, _] = cells[..] else {
            continue;
        };
        let Some(test) = test
            .strip_prefix('`')
            .and_then(|test| test.strip_suffix('`'))
        else {
            continue;
        };
        let declared = format!("fn {test}(");
        let mut all = code.values().chain(tests.values());
        assert!(
            all.any(|text| text.contains(&declared)),
            "there is no test {test}"
        );
        told.insert(place.to_owned(), figure.to_owned());
    }
    assert_eq!(told, found);
}
