use std::collections::BTreeMap;

use proptest::prelude::*;
use time::macros::datetime;

use super::{File, SECTOR, files, write};
use crate::{Kind, Result};

type Tree = BTreeMap<String, Vec<u8>>;

fn image(tree: &Tree) -> Result<Vec<u8>> {
    let files: Vec<File<'_>> = tree
        .iter()
        .map(|(path, content)| File { path, content })
        .collect();
    let image = write("config-2", datetime!(2024-05-06 07:08:09 UTC), &files)?;
    Ok(image.to_vec())
}

fn contents(image: &[u8]) -> Tree {
    let found = files(image).unwrap();
    found
        .into_iter()
        .map(|(path, place)| (path, image[place].to_vec()))
        .collect()
}

fn one(path: &str, content: &[u8]) -> Tree {
    Tree::from([(path.to_owned(), content.to_vec())])
}

#[test]
fn sizes_around_a_sector_come_back() {
    let tree: Tree = [0, 1, 2047, 2048, 2049, 5_000_000]
        .into_iter()
        .map(|size: usize| {
            (
                format!("of/{size}.bin"),
                vec![size.to_le_bytes()[0] | 1; size],
            )
        })
        .collect();
    let image = image(&tree).unwrap();
    assert_eq!(contents(&image), tree);
    assert_eq!(image.len() % SECTOR, 0);
}

#[test]
fn an_empty_file_has_no_extent() {
    let image = image(&one("empty", b"")).unwrap();
    assert_eq!(files(&image).unwrap(), [("empty".to_owned(), 0..0)]);
}

#[test]
fn the_volume_says_its_size_label_and_date() {
    let image = image(&one("a", b"1")).unwrap();
    let (primary, joliet) = (&image[16 * SECTOR..], &image[17 * SECTOR..]);
    let sectors = u32::try_from(image.len() / SECTOR).unwrap();
    assert_eq!(primary[80..84], sectors.to_le_bytes());
    assert_eq!(primary[84..88], sectors.to_be_bytes());
    assert_eq!(&primary[40..50], b"config-2  ");
    assert_eq!(&joliet[40..46], b"\0c\0o\0n");
    assert_eq!(&joliet[88..91], b"%/E");
    assert_eq!(&primary[813..830], b"2024050607080900\0");
}

#[test]
fn names_that_the_plain_hierarchy_cannot_tell_apart_stay_apart() {
    let long = "x".repeat(64);
    let tree: Tree = ["a-b", "a_b", "A.B", "a.b", "a", ".a", "a+b/c", "a=b/c"]
        .iter()
        .map(|path| ((*path).to_owned(), path.as_bytes().to_vec()))
        .chain([
            (long.clone(), b"1".to_vec()),
            (format!("{}y", &long[1..]), b"2".to_vec()),
        ])
        .collect();
    assert_eq!(contents(&image(&tree).unwrap()), tree);
}

#[test]
fn what_does_not_fit_is_refused() {
    let long = "n".repeat(65);
    let deep = ["d"; 9].join("/");
    let paths = [
        "", "/a", "a//b", "a/", ".", "a/../b", "a\nb", "é", "a:b", &long, &deep,
    ];
    for path in paths {
        let error = image(&one(path, b"")).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField, "{path}");
    }
    let file = |path| File { path, content: b"" };
    for files in [
        [file("a"), file("a")],
        [file("a"), file("a/b")],
        [file("a/b"), file("a")],
    ] {
        assert!(write("x", datetime!(2024-01-01 00:00 UTC), &files).is_err());
    }
    assert!(write("seventeen-letters", datetime!(2024-01-01 00:00 UTC), &[]).is_err());
    assert!(write("", datetime!(2024-01-01 00:00 UTC), &[]).is_err());
    assert!(write("x", datetime!(1899-12-31 00:00 UTC), &[]).is_err());
}

#[test]
fn a_foreign_image_is_refused() {
    for length in [0, 1, 17 * SECTOR, 40 * SECTOR] {
        assert!(files(&vec![0; length]).is_err());
    }
}

#[test]
fn folders_that_lead_to_each_other_end() {
    let mut record = vec![40, 0, 17, 0, 0, 0, 0, 0, 0, 17, 0, 8, 0, 0, 0, 0, 8, 0];
    record.resize(40, 0);
    record[25] = 2;
    record[32..34].copy_from_slice(b"\x01A");
    record[34..].copy_from_slice(b"NM\x06\x01\0a");
    let mut image = vec![0; 18 * SECTOR];
    image[16 * SECTOR..][..7].copy_from_slice(b"\x01CD001\x01");
    image[16 * SECTOR + 156..][..34].copy_from_slice(&record[..34]);
    for at in 0..SECTOR / 40 {
        image[17 * SECTOR + 40 * at..][..40].copy_from_slice(&record);
    }
    assert!(files(&image).is_err());
}

fn trees() -> impl Strategy<Value = Tree> {
    let name = "[a-zA-Z0-9._ -]{1,64}".prop_filter("is a name", |name| name != "." && name != "..");
    let path = prop::collection::vec(name, 1..=4).prop_map(|names| names.join("/"));
    let path = path.prop_filter("fits", |path| path.len() <= super::PATH_MAX);
    let content = prop::collection::vec(any::<u8>(), 0..5000);
    prop::collection::btree_map(path, content, 0..40).prop_filter(
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
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_comes_back_and_is_the_same_image_twice(tree in trees()) {
        let first = image(&tree).unwrap();
        prop_assert_eq!(contents(&first), tree.clone());
        prop_assert_eq!(first, image(&tree).unwrap());
    }

    #[test]
    fn damage_never_panics(at in 16 * SECTOR..32 * SECTOR, byte: u8, cut in 0..32 * SECTOR) {
        let mut image = image(&one("a/b/c", b"content")).unwrap();
        let length = image.len();
        image[at % length] = byte;
        let _ = files(&image);
        let _ = files(&image[..cut.min(length)]);
    }
}
