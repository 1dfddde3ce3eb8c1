//! The two ways in which ECMA-119 writes a moment, both in UTC here.

use time::{OffsetDateTime, UtcOffset};

use crate::{Error, Kind, Result};

/// A moment, encoded.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    /// 9.1.5, as directory records and Rock Ridge's TF have it.
    pub(super) short: [u8; 7],
    /// 8.4.26.1, as volume descriptors have it.
    pub(super) long: [u8; 17],
}

impl Stamp {
    pub(super) fn new(at: OffsetDateTime) -> Result<Self> {
        let at = at.to_offset(UtcOffset::UTC);
        let year = u8::try_from(at.year() - 1900).map_err(|_| {
            Error::new(
                Kind::InvalidField,
                format!(
                    "ISO 9660 has no year {}: it goes from 1900 to 2155",
                    at.year()
                ),
            )
        })?;
        let digits = format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}{:02}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond() / 10,
        );
        let mut long = [0; 17];
        long[..16].copy_from_slice(digits.as_bytes());
        Ok(Self {
            short: [
                year,
                at.month().into(),
                at.day(),
                at.hour(),
                at.minute(),
                at.second(),
                0,
            ],
            long,
        })
    }
}

/// 8.4.26.1's "not specified".
pub(super) const UNSPECIFIED: [u8; 17] = *b"0000000000000000\0";
