//! Which images are fit to be cloned: plain qcow2 or raw ones, by what they hold.
//!
//! An image that names another file makes the host open that file for the guest, so an image that
//! comes from elsewhere must name none (CVE-2022-47951, CVE-2024-32498). The pool tells what it
//! found when it looked; the header is read besides, because not every version of libvirt tells of
//! external data files, and no pool tells more than a few formats.

use super::formats::{self, Foreign, refuse};
use super::mark::{self, SECTOR};
use super::qcow2;
use crate::units::KIB;
use crate::{Error, Kind, Result};

/// How much of an image [`check`] wants to see.
pub(crate) const WANTED: u64 = 64 * KIB;

/// Checks that the first bytes of the image `name` are those of a plain image of `format`.
/// Answers the size that its guest sees, in bytes, where the header tells it.
pub(crate) fn check(name: &str, format: &str, head: &[u8]) -> Result<Option<u64>> {
    if mark::is_unfinished(head) {
        let why = "is being imported and is not whole yet; wait for that, or, where its program is \
                   gone, let server.recover under its state directory remove it";
        return Err(refuse(name, why).with_kind(Kind::Conflict));
    }
    if let Some(foreign) = formats::recognised(head).or_else(|| formats::called(format)) {
        return Err(refuse_format(name, foreign));
    }
    if head.len() < SECTOR {
        let why = match head.len() {
            0 => "is empty".to_owned(),
            bytes => format!("has only {bytes} bytes, less than a sector of a disk"),
        };
        return Err(refuse(name, &why));
    }
    match (format, is_qcow2(head)) {
        ("raw", false) => Ok(None),
        ("raw", true) => Err(refuse(
            name,
            "is called raw and is a qcow2 image; name it so, or import it with its format stated",
        )),
        ("qcow2", true) => qcow2::check(name, head).map(Some),
        ("qcow2", false) => Err(refuse(name, "is called qcow2 and is none")),
        _ => Err(refuse(
            name,
            &format!(
                "has the format {format}; only qcow2 and raw can be cloned: \
                 qemu-img convert -O qcow2 FILE NEW.qcow2"
            ),
        )
        .with_kind(Kind::Unsupported)),
    }
}

/// Whether an image that begins with `head` says that it is a qcow2.
pub(crate) fn is_qcow2(head: &[u8]) -> bool {
    head.starts_with(qcow2::MAGIC)
}

fn refuse_format(name: &str, format: &Foreign) -> Error {
    let (what, way_out) = (format.name, format.way_out);
    refuse(name, &format!("is {what}, not qcow2 or raw; {way_out}")).with_kind(Kind::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(head: &[u8]) -> Vec<u8> {
        let mut sector = head.to_vec();
        sector.resize(SECTOR.max(head.len()), 0);
        sector
    }

    #[test]
    fn a_raw_image_passes() {
        let head = sector(b"\xebc\x90 boot sector");
        assert_eq!(check("i", "raw", &head).unwrap(), None);
    }

    #[test]
    fn the_format_is_what_was_stated_or_nothing() {
        assert!(check("i", "raw", &sector(b"QFI\xfb\0\0\0\x03")).is_err());
        assert!(check("i", "qcow2", &sector(b"")).is_err());
        assert!(check("i", "dmg", &sector(b"")).is_err());
    }

    #[test]
    fn other_formats_are_refused_by_name_with_the_way_out_whatever_they_are_called() {
        for (format, head) in [
            ("raw", sector(b"KDMV")),
            ("qcow2", sector(b"KDMV")),
            ("vmdk", sector(b"")),
            ("raw", b"# Disk DescriptorFile\nversion=1\n".to_vec()),
        ] {
            let error = check("i.raw", format, &head).unwrap_err();
            assert_eq!(error.kind(), Kind::Unsupported);
            for says in ["VMDK", "qemu-img convert -f vmdk -O qcow2"] {
                assert!(error.message().contains(says), "{error}");
            }
        }
    }

    #[test]
    fn an_image_that_is_not_whole_yet_is_said_to_be_that() {
        let head = mark::sector(uuid::Uuid::new_v4());
        let error = check("i", "raw", &head).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(error.message().contains("being imported"), "{error}");
    }

    #[test]
    fn less_than_a_sector_is_no_image() {
        for (head, says) in [(&b""[..], "empty"), (b"abc", "3 bytes")] {
            let error = check("i", "raw", head).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidField);
            assert!(error.message().contains(says), "{error}");
        }
    }
}
