//! Which images are fit to be cloned: plain qcow2 or raw ones.
//!
//! An image that names another file makes the host open that file for the guest, so an image that
//! comes from elsewhere must name none (CVE-2022-47951, CVE-2024-32498). The pool tells what it
//! found when it looked; the header is read besides, because not every version of libvirt tells of
//! external data files. Format: QEMU's `docs/interop/qcow2.txt`.

use crate::units::KIB;
use crate::{Error, Kind, Result};

/// How much of an image [`check`] wants to see.
pub(crate) const WANTED: u64 = 64 * KIB;

const MAGIC: &[u8; 4] = b"QFI\xfb";
/// Incompatible feature: the guest's data is in another file.
const EXTERNAL_DATA: u64 = 1 << 2;
/// Header extension: the name of that file.
const DATA_FILE_NAME: u32 = 0x4441_5441;

/// Checks that the first bytes of the image `name` are those of a plain image of `format`.
/// Answers the size that its guest sees, in bytes, where the header tells it.
pub(crate) fn check(name: &str, format: &str, head: &[u8]) -> Result<Option<u64>> {
    match (format, head.starts_with(MAGIC)) {
        ("raw", false) => Ok(None),
        ("raw", true) => Err(refuse(
            name,
            "is called raw and is a qcow2 image; name it so, or import it with its format stated",
        )),
        ("qcow2", true) => check_qcow2(name, head).map(Some),
        ("qcow2", false) => Err(refuse(name, "is called qcow2 and is none")),
        _ => Err(refuse(
            name,
            &format!("has the format {format}; only qcow2 and raw can be cloned"),
        )
        .with_kind(Kind::Unsupported)),
    }
}

fn check_qcow2(name: &str, head: &[u8]) -> Result<u64> {
    let cut = || refuse(name, "is cut off: its qcow2 header is not whole");
    let u32_at = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?))
    };
    let u64_at = |at: usize| -> Option<u64> {
        Some(u64::from_be_bytes(head.get(at..at + 8)?.try_into().ok()?))
    };
    let version = u32_at(4).ok_or_else(cut)?;
    if !(2..=3).contains(&version) {
        return Err(refuse(
            name,
            &format!("is qcow2 of version {version}, which is not known"),
        ));
    }
    if u64_at(8).ok_or_else(cut)? != 0 {
        return Err(refuse(
            name,
            "is an overlay of another file; make it whole first (qemu-img convert -O qcow2)",
        ));
    }
    let size = u64_at(24).ok_or_else(cut)?;
    if u32_at(32).ok_or_else(cut)? != 0 {
        return Err(
            refuse(name, "is encrypted, which is not supported").with_kind(Kind::Unsupported)
        );
    }
    if version == 2 {
        return Ok(size);
    }
    let external = || {
        refuse(
            name,
            "keeps its data in another file; make it whole first (qemu-img convert -O qcow2)",
        )
    };
    if u64_at(72).ok_or_else(cut)? & EXTERNAL_DATA != 0 {
        return Err(external());
    }
    let mut at = u32_at(100).ok_or_else(cut)? as usize;
    // Extensions follow the header, each padded to eight bytes, up to one of type 0.
    while let (Some(kind), Some(length)) = (u32_at(at), u32_at(at.saturating_add(4))) {
        match kind {
            0 => break,
            DATA_FILE_NAME => return Err(external()),
            _ => {
                at = at
                    .saturating_add(8)
                    .saturating_add((length as usize).next_multiple_of(8));
            }
        }
    }
    Ok(size)
}

fn refuse(name: &str, why: &str) -> Error {
    Error::invalid("/server/image", format!("the image {name} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn qcow2(version: u32, backing: u64, features: u64, extension: u32) -> Vec<u8> {
        let mut head = vec![0_u8; 512];
        head[..4].copy_from_slice(MAGIC);
        head[4..8].copy_from_slice(&version.to_be_bytes());
        head[8..16].copy_from_slice(&backing.to_be_bytes());
        head[24..32].copy_from_slice(&1234_u64.to_be_bytes());
        head[72..80].copy_from_slice(&features.to_be_bytes());
        head[100..104].copy_from_slice(&104_u32.to_be_bytes());
        // a harmless extension first (the feature name table), then the one in question
        head[104..108].copy_from_slice(&0x6803_f857_u32.to_be_bytes());
        head[108..112].copy_from_slice(&5_u32.to_be_bytes());
        head[120..124].copy_from_slice(&extension.to_be_bytes());
        head
    }

    #[test]
    fn plain_images_pass() {
        assert_eq!(check("i", "qcow2", &qcow2(3, 0, 0, 0)).unwrap(), Some(1234));
        assert_eq!(check("i", "qcow2", &qcow2(2, 0, 0, 0)).unwrap(), Some(1234));
        assert_eq!(check("i", "raw", b"\xebc\x90 boot sector").unwrap(), None);
    }

    #[test]
    fn images_that_name_other_files_are_refused() {
        for head in [
            qcow2(3, 400, 0, 0),
            qcow2(2, 400, 0, 0),
            qcow2(3, 0, EXTERNAL_DATA, 0),
            qcow2(3, 0, 0, DATA_FILE_NAME),
        ] {
            let error = check("i", "qcow2", &head).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidField);
            assert_eq!(error.field(), Some("/server/image"));
        }
    }

    #[test]
    fn the_format_is_what_was_stated_or_nothing() {
        assert!(check("i", "raw", &qcow2(3, 0, 0, 0)).is_err());
        assert!(check("i", "qcow2", b"KDMV").is_err());
        assert_eq!(
            check("i", "vmdk", b"KDMV").unwrap_err().kind(),
            Kind::Unsupported
        );
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut head = MAGIC.to_vec();
            head.extend(tail);
            let _ = check("i", "qcow2", &head);
        }
    }
}
