//! What a name becomes where ISO 9660 does not allow it as it is.

use std::collections::HashSet;

use crate::{Error, Kind, Result};

use super::{DEPTH_MAX, NAME_MAX, PATH_MAX};

/// ECMA-119 7.5.1: name and extension of a file together.
const FILE_MAX: usize = 30;
/// How much of that an extension takes at most.
const EXTENSION_MAX: usize = 10;
/// 10.2: a directory's name at interchange level 2.
const DIRECTORY_MAX: usize = 31;

/// Takes a path apart.
///
/// Names are what Joliet and Rock Ridge both hold unchanged: printable ASCII without what Joliet
/// forbids.
pub(super) fn split(path: &str) -> Result<Vec<&str>> {
    let names: Vec<&str> = path.split('/').collect();
    let fits = names.len() <= DEPTH_MAX && path.len() <= PATH_MAX;
    if fits && names.iter().all(|name| allowed(name)) {
        return Ok(names);
    }
    Err(Error::new(
        Kind::InvalidField,
        format!(
            "{path:?} cannot be a path in the image: at most {DEPTH_MAX} names and {PATH_MAX} bytes, \
             each name 1 to {NAME_MAX} printable ASCII characters without / * : ; ? \\"
        ),
    ))
}

fn allowed(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name != "."
        && name != ".."
        && name
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !b"/*:;?\\".contains(&byte))
}

/// The plain names given out in one directory.
#[derive(Debug, Default)]
pub(super) struct Plain(HashSet<String>);

impl Plain {
    /// The plain identifier of a directory `name`, not given out before.
    pub(super) fn directory(&mut self, name: &str) -> String {
        self.unique(&plain(name), DIRECTORY_MAX, "")
    }

    /// The plain identifier of a file `name`, not given out before, with version.
    pub(super) fn file(&mut self, name: &str) -> String {
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (plain(stem), plain(extension)),
            _ => (plain(name), String::new()),
        };
        let extension = &extension[..extension.len().min(EXTENSION_MAX)];
        let room = FILE_MAX - extension.len();
        self.unique(&stem, room, &format!(".{extension};1"))
    }

    fn unique(&mut self, stem: &str, room: usize, tail: &str) -> String {
        let mut mark = String::new();
        for number in 1_u32.. {
            let kept = stem.len().min(room - mark.len());
            let name = format!("{}{mark}{tail}", &stem[..kept]);
            if self.0.insert(name.clone()) {
                return name;
            }
            mark = format!("_{number}");
        }
        unreachable!("a directory has fewer entries than there are numbers")
    }
}

/// d-characters only (ECMA-119 7.4.1); one byte a character.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| match c.to_ascii_uppercase() {
            c @ ('A'..='Z' | '0'..='9') => c,
            _ => '_',
        })
        .collect()
}

/// The identifier in Joliet's supplementary volume: UCS-2, big-endian.
pub(super) fn joliet(name: &str) -> Vec<u8> {
    name.encode_utf16().flat_map(u16::to_be_bytes).collect()
}
