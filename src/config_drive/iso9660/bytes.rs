//! Numbers as ECMA-119 writes them.

use crate::{Error, Kind, Result};

use super::SECTOR;

/// 7.2.3: both orders, little-endian first.
pub(super) fn both16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&value.to_be_bytes());
}

/// 7.3.3: both orders, little-endian first.
pub(super) fn both32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&value.to_be_bytes());
}

/// A length or sector that has to fit into 32 bits.
pub(super) fn u32_of(value: usize) -> Result<u32> {
    u32::try_from(value).map_err(|_| too_large())
}

/// How many sectors `bytes` take.
pub(super) fn sectors(bytes: usize) -> Result<u32> {
    u32_of(bytes.div_ceil(SECTOR))
}

/// The error for what ISO 9660 has no numbers for.
pub(super) fn too_large() -> Error {
    Error::new(
        Kind::InvalidField,
        "this is more than an ISO 9660 image holds: put less into the seed",
    )
}
