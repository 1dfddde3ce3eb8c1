//! Volume descriptors: ECMA-119 8, and Joliet's supplementary one.

use crate::{Error, Kind, Result};

use super::bytes::{both16, both32};
use super::names;
use super::stamp::{Stamp, UNSPECIFIED};
use super::{LABEL_MAX, SECTOR};

/// Which descriptor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Primary,
    Joliet,
}

/// What a descriptor says.
pub(super) struct Descriptor<'a> {
    pub(super) flavour: Flavour,
    pub(super) label: &'a str,
    /// Sectors in the whole image.
    pub(super) sectors: u32,
    /// Bytes of a path table.
    pub(super) path_table_bytes: u32,
    /// Sectors of the little-endian and of the big-endian one.
    pub(super) path_tables: [u32; 2],
    /// The root's directory record.
    pub(super) root: Vec<u8>,
    pub(super) stamp: &'a Stamp,
}

impl Descriptor<'_> {
    /// Its sector.
    pub(super) fn encode(&self) -> Vec<u8> {
        let sector16 = 2048_u16;
        let mut out = Vec::with_capacity(SECTOR);
        out.extend_from_slice(match self.flavour {
            Flavour::Primary => b"\x01CD001\x01\0",
            Flavour::Joliet => b"\x02CD001\x01\0",
        });
        self.text(&mut out, "LINUX", 32);
        self.text(&mut out, self.label, 32);
        out.extend_from_slice(&[0; 8]);
        both32(&mut out, self.sectors);
        let mut escapes = [0; 32];
        if self.flavour == Flavour::Joliet {
            escapes[..3].copy_from_slice(b"%/E"); // UCS-2 level 3
        }
        out.extend_from_slice(&escapes);
        both16(&mut out, 1); // volumes in the set
        both16(&mut out, 1); // this volume's number
        both16(&mut out, sector16);
        both32(&mut out, self.path_table_bytes);
        let [little, big] = self.path_tables;
        out.extend_from_slice(&little.to_le_bytes());
        out.extend_from_slice(&[0; 4]); // no second one
        out.extend_from_slice(&big.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.root);
        self.text(&mut out, "", 128); // volume set
        self.text(&mut out, "", 128); // publisher
        self.text(&mut out, "", 128); // data preparer
        self.text(&mut out, "VA-DRIVER", 128); // application
        self.text(&mut out, "", 37); // copyright file
        self.text(&mut out, "", 37); // abstract file
        self.text(&mut out, "", 37); // bibliographic file
        out.extend_from_slice(&self.stamp.long); // created
        out.extend_from_slice(&self.stamp.long); // modified
        out.extend_from_slice(&UNSPECIFIED); // never expires
        out.extend_from_slice(&UNSPECIFIED); // effective at once
        out.push(1); // file structure version
        out.resize(SECTOR, 0);
        out
    }

    /// `text`, padded with spaces to `room` bytes.
    fn text(&self, out: &mut Vec<u8>, text: &str, room: usize) {
        let end = out.len() + room;
        match self.flavour {
            Flavour::Primary => {
                out.extend_from_slice(text.as_bytes());
                out.resize(end, b' ');
            }
            Flavour::Joliet => {
                out.extend(names::joliet(text));
                while out.len() + 1 < end {
                    out.extend_from_slice(&[0, b' ']);
                }
                out.resize(end, 0); // an odd byte over
            }
        }
    }
}

/// The sector that ends the descriptors.
pub(super) fn terminator() -> Vec<u8> {
    let mut out = b"\xffCD001\x01".to_vec();
    out.resize(SECTOR, 0);
    out
}

/// Labels are 1 to [`LABEL_MAX`] printable ASCII characters, no spaces.
pub(super) fn check_label(label: &str) -> Result<()> {
    let fits = (1..=LABEL_MAX).contains(&label.len());
    if fits && label.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::new(
        Kind::InvalidField,
        format!(
            "{label:?} cannot be a volume's label: 1 to {LABEL_MAX} printable ASCII characters"
        ),
    ))
}
