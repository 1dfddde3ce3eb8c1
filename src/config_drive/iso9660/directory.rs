//! Directory records, ECMA-119 9.1.

use crate::Result;

use super::SECTOR;
use super::bytes::{both16, both32};
use super::stamp::Stamp;

/// A run of sectors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its first sector; 0 where there are no bytes.
    pub(super) sector: u32,
    /// Its length in bytes.
    pub(super) bytes: u32,
}

/// An entry of a directory.
pub(super) struct Record<'a> {
    pub(super) identifier: &'a [u8],
    pub(super) extent: Extent,
    pub(super) is_directory: bool,
    pub(super) system_use: Vec<u8>,
}

impl Record<'_> {
    /// The record's bytes: 33, the identifier padded to an even length, the system use area.
    pub(super) fn encode(&self, stamp: &Stamp) -> Result<Vec<u8>> {
        let padding = usize::from(self.identifier.len().is_multiple_of(2));
        let unpadded = 33 + self.identifier.len() + padding + self.system_use.len();
        let length = unpadded + unpadded % 2;

        let mut out = Vec::with_capacity(length);
        out.push(byte(length)?);
        out.push(0); // no extended attribute record
        both32(&mut out, self.extent.sector);
        both32(&mut out, self.extent.bytes);
        out.extend_from_slice(&stamp.short);
        out.push(if self.is_directory { 0x02 } else { 0 });
        out.extend_from_slice(&[0, 0]); // not interleaved
        both16(&mut out, 1); // on the first volume of the set
        out.push(byte(self.identifier.len())?);
        out.extend_from_slice(self.identifier);
        out.resize(33 + self.identifier.len() + padding, 0);
        out.extend_from_slice(&self.system_use);
        out.resize(length, 0);
        Ok(out)
    }
}

/// A directory of `records`: none crosses a sector, whole sectors.
pub(super) fn pack(records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SECTOR);
    for record in records {
        let left = SECTOR - out.len() % SECTOR;
        if record.len() > left {
            out.resize(out.len() + left, 0);
        }
        out.extend_from_slice(record);
    }
    out.resize(out.len().next_multiple_of(SECTOR), 0);
    out
}

fn byte(value: usize) -> Result<u8> {
    u8::try_from(value).map_err(|_| super::bytes::too_large())
}
