//! Where the files of an image that this module wrote are.

use std::ops::Range;

use crate::{Error, Kind, Result};

use super::{DEPTH_MAX, SECTOR};

const DIRECTORY: u8 = 0x02;
/// The most records that are looked at: folders of a forged image may lead to each other.
const MOST_RECORDS: usize = 100_000;

/// The path and the bytes' place of every file in `image`.
///
/// Reads the primary volume with its Rock Ridge names. Written for this module's own images: one
/// extent a file, names in the record itself.
///
/// # Errors
/// `invalid_field` where `image` is not such an image.
pub(crate) fn files(image: &[u8]) -> Result<Vec<(String, Range<usize>)>> {
    let descriptor = image
        .get(16 * SECTOR..17 * SECTOR)
        .filter(|sector| sector.starts_with(b"\x01CD001\x01"))
        .ok_or_else(foreign)?;
    let root = extent(&descriptor[156..190])?;
    let mut walk = Walk {
        image,
        found: Vec::new(),
        records: 0,
    };
    walk.enter(root, "", 0)?;
    Ok(walk.found)
}

/// All folders of an image, one after the other.
struct Walk<'a> {
    image: &'a [u8],
    found: Vec<(String, Range<usize>)>,
    /// How many were looked at.
    records: usize,
}

impl Walk<'_> {
    fn enter(&mut self, at: Range<usize>, path: &str, depth: usize) -> Result<()> {
        let directory = self.image.get(at).ok_or_else(foreign)?;
        for sector in directory.chunks(SECTOR) {
            let mut rest = sector;
            while let Some(&length @ 1..) = rest.first() {
                let (record, tail) = rest.split_at_checked(length.into()).ok_or_else(foreign)?;
                rest = tail;
                self.records += 1;
                if self.records > MOST_RECORDS {
                    return Err(foreign());
                }
                let flags = *record.get(25).ok_or_else(foreign)?;
                let identifier = usize::from(*record.get(32).ok_or_else(foreign)?);
                if identifier == 1 && matches!(record.get(33), Some(0 | 1)) {
                    continue; // the directory itself and the one above it
                }
                let system_use = 33 + identifier + usize::from(identifier.is_multiple_of(2));
                let name = rock_ridge_name(record.get(system_use..).ok_or_else(foreign)?)?;
                let path = if path.is_empty() {
                    name
                } else {
                    format!("{path}/{name}")
                };
                let place = extent(record)?;
                if flags & DIRECTORY == 0 {
                    self.image.get(place.clone()).ok_or_else(foreign)?;
                    self.found.push((path, place));
                } else if depth < DEPTH_MAX {
                    self.enter(place, &path, depth + 1)?;
                } else {
                    return Err(foreign());
                }
            }
        }
        Ok(())
    }
}

/// The bytes that a directory record points to.
fn extent(record: &[u8]) -> Result<Range<usize>> {
    let number = |at: usize| -> Result<usize> {
        let bytes = record.get(at..at + 4).ok_or_else(foreign)?;
        let bytes = <[u8; 4]>::try_from(bytes).map_err(|_| foreign())?;
        usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| foreign())
    };
    let start = number(2)?.checked_mul(SECTOR).ok_or_else(foreign)?;
    let end = start.checked_add(number(10)?).ok_or_else(foreign)?;
    Ok(start..end)
}

fn rock_ridge_name(mut entries: &[u8]) -> Result<String> {
    while let [a, b, length, _version, ..] = *entries {
        let (entry, rest) = entries
            .split_at_checked(length.into())
            .filter(|_| length >= 5)
            .ok_or_else(foreign)?;
        if [a, b] == *b"NM" {
            return String::from_utf8(entry[5..].to_vec()).map_err(|_| foreign());
        }
        entries = rest;
    }
    Err(foreign())
}

fn foreign() -> Error {
    Error::new(
        Kind::InvalidField,
        "this is not a config drive that this program built",
    )
}
