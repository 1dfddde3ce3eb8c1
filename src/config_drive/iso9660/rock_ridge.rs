//! System use entries: SUSP's SP, CE and ER, Rock Ridge's RR, PX, TF and NM.

use super::bytes::both32;
use super::stamp::Stamp;

/// What a guest is told about a file or directory.
pub(super) struct Attributes<'a> {
    /// The exact name; none for `.` and `..`.
    pub(super) name: Option<&'a str>,
    /// File type and permissions, as POSIX has them.
    pub(super) mode: u32,
    /// How many names it has.
    pub(super) links: u32,
}

impl Attributes<'_> {
    /// A file's: for its owner, root, to read.
    pub(super) fn file(name: &str) -> Attributes<'_> {
        Attributes {
            name: Some(name),
            mode: 0o100_400,
            links: 1,
        }
    }

    /// A directory's: for its owner, root, to read and enter.
    pub(super) fn directory(name: Option<&str>, subdirectories: usize) -> Attributes<'_> {
        Attributes {
            name,
            mode: 0o040_500,
            // its own `.`, its name above, and each `..` below; there are at most 65535 of those
            links: u32::try_from(subdirectories + 2).unwrap_or(u32::MAX),
        }
    }

    /// RR, PX, TF and NM. At most 136 bytes, so that with names of [`super::NAME_MAX`] bytes no
    /// directory record needs a continuation for them.
    pub(super) fn entries(&self, stamp: &Stamp) -> Vec<u8> {
        const HAS_PX: u8 = 0x01;
        const HAS_NM: u8 = 0x08;
        const HAS_TF: u8 = 0x80;
        const MODIFIED_ACCESSED_CHANGED: u8 = 0x0e;

        let has_name = if self.name.is_some() { HAS_NM } else { 0 };
        let mut out = entry(*b"RR", &[HAS_PX | HAS_TF | has_name]);

        let mut posix = Vec::with_capacity(32);
        both32(&mut posix, self.mode);
        both32(&mut posix, self.links);
        both32(&mut posix, 0); // user: root
        both32(&mut posix, 0); // group: root
        out.extend(entry(*b"PX", &posix));

        let mut times = vec![MODIFIED_ACCESSED_CHANGED];
        times.extend(stamp.short.repeat(3));
        out.extend(entry(*b"TF", &times));

        if let Some(name) = self.name {
            let mut named = vec![0];
            named.extend_from_slice(name.as_bytes());
            out.extend(entry(*b"NM", &named));
        }
        out
    }
}

/// SP: what says, in the root's `.`, that system use entries are there.
pub(super) fn indicator() -> Vec<u8> {
    entry(*b"SP", &[0xbe, 0xef, 0])
}

/// CE: the entries go on at the start of `sector`, for `length` bytes.
pub(super) fn continuation(sector: u32, length: u32) -> Vec<u8> {
    let mut place = Vec::with_capacity(24);
    both32(&mut place, sector);
    both32(&mut place, 0);
    both32(&mut place, length);
    entry(*b"CE", &place)
}

/// ER: the extension in use. The texts are the ones that the specification prescribes.
pub(super) fn extension() -> Vec<u8> {
    const ID: &[u8] = b"RRIP_1991A";
    const DESCRIPTOR: &[u8] =
        b"THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
    const SOURCE: &[u8] = b"PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  \
        SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.";
    const LENGTHS: [u8; 4] = [
        length(ID.len()),
        length(DESCRIPTOR.len()),
        length(SOURCE.len()),
        1,
    ];
    entry(*b"ER", &[&LENGTHS[..], ID, DESCRIPTOR, SOURCE].concat())
}

/// A length that is known when this is compiled, as the byte that an entry has for it.
#[allow(clippy::cast_possible_truncation)] // asserted above it
const fn length(value: usize) -> u8 {
    assert!(value <= u8::MAX as usize);
    value as u8
}

/// One entry: signature, length, version 1, data.
fn entry(signature: [u8; 2], data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + data.len());
    out.extend_from_slice(&signature);
    out.push(length(4 + data.len()));
    out.push(1);
    out.extend_from_slice(data);
    out
}
