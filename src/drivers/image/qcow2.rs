//! The header of a qcow2 image. Format: QEMU's `docs/interop/qcow2.txt`.

use super::formats::refuse;
use crate::{Error, Kind, Result};

pub(super) const MAGIC: &[u8; 4] = b"QFI\xfb";

/// Incompatible features: whoever does not know one must not open the image.
const DIRTY: u64 = 1 << 0;
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;
const KNOWN: u64 = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;

/// Header extension: the name of the file that holds the data.
const DATA_FILE_NAME: u32 = 0x4441_5441;

/// The bytes of the shortest header of version 3.
const HEADER: u32 = 104;

/// Checks the header of the qcow2 image `name`; answers the size that its guest sees, in bytes.
pub(super) fn check(name: &str, head: &[u8]) -> Result<u64> {
    Header { name, head }.check()
}

struct Header<'a> {
    name: &'a str,
    head: &'a [u8],
}

impl Header<'_> {
    fn check(&self) -> Result<u64> {
        let version = self.u32_at(4)?;
        if !(2..=3).contains(&version) {
            return Err(self.refuse(&format!(
                "is qcow2 of version {version}, which is not known"
            )));
        }
        if self.u64_at(8)? != 0 {
            return Err(self.refuse(
                "is an overlay of another file; make it whole first: \
                 qemu-img convert -O qcow2 FILE NEW.qcow2",
            ));
        }
        let cluster_bits = self.u32_at(20)?;
        if !(9..=21).contains(&cluster_bits) {
            return Err(self.refuse(&format!(
                "is no sound qcow2: it has clusters of 2^{cluster_bits} bytes, not of 2^9 to 2^21"
            )));
        }
        if self.u32_at(32)? != 0 {
            let why = "is encrypted, which is not supported; decrypt it: \
                       qemu-img convert --image-opts … -O qcow2 NEW.qcow2";
            return Err(self.refuse(why).with_kind(Kind::Unsupported));
        }
        if version == 3 {
            self.check_features(cluster_bits)?;
        }
        match self.u64_at(24)? {
            0 => Err(self.refuse("is a qcow2 of size 0, which makes no disk")),
            size => Ok(size),
        }
    }

    fn check_features(&self, cluster_bits: u32) -> Result<()> {
        let features = self.u64_at(72)?;
        let length = self.u32_at(100)?;
        if features & !KNOWN != 0 {
            return Err(self.refuse(&format!(
                "needs features of qcow2 that are not known here ({:#x}); write it anew where it was \
                 made: qemu-img convert -O qcow2 FILE NEW.qcow2",
                features & !KNOWN
            )));
        }
        if features & CORRUPT != 0 {
            return Err(self.refuse("is marked corrupt; mend it: qemu-img check -r all FILE"));
        }
        if features & DIRTY != 0 {
            return Err(self.refuse(
                "is marked dirty: it was not closed; mend it: qemu-img check -r all FILE",
            ));
        }
        if length < HEADER || !length.is_multiple_of(8) {
            return Err(self.refuse(&format!("is no sound qcow2: a header of {length} bytes")));
        }
        if features & EXTERNAL_DATA != 0 || self.names_a_data_file(length as usize) {
            return Err(self.refuse(
                "keeps its data in another file; make it whole first: \
                 qemu-img convert -O qcow2 FILE NEW.qcow2",
            ));
        }
        if features & COMPRESSION_TYPE != 0 && self.byte_at(104)? > 1 {
            return Err(self.refuse(
                "is compressed in a way that is not known; write it anew: \
                 qemu-img convert -O qcow2 FILE NEW.qcow2",
            ));
        }
        if features & EXTENDED_L2 != 0 && cluster_bits < 14 {
            return Err(self.refuse("is no sound qcow2: clusters too small for subclusters"));
        }
        Ok(())
    }

    /// Whether an extension names another file. They follow the header, each padded to eight bytes, up
    /// to one of type 0.
    fn names_a_data_file(&self, mut at: usize) -> bool {
        while let (Ok(kind), Ok(length)) = (self.u32_at(at), self.u32_at(at.saturating_add(4))) {
            match kind {
                0 => return false,
                DATA_FILE_NAME => return true,
                _ => {
                    at = at
                        .saturating_add(8)
                        .saturating_add((length as usize).next_multiple_of(8));
                }
            }
        }
        false
    }

    fn byte_at(&self, at: usize) -> Result<u8> {
        self.bytes_at::<1>(at).map(|[byte]| byte)
    }

    fn u32_at(&self, at: usize) -> Result<u32> {
        self.bytes_at(at).map(u32::from_be_bytes)
    }

    fn u64_at(&self, at: usize) -> Result<u64> {
        self.bytes_at(at).map(u64::from_be_bytes)
    }

    fn bytes_at<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        let bytes = self.head.get(at..).and_then(<[u8]>::first_chunk);
        bytes
            .copied()
            .ok_or_else(|| self.refuse("is cut off: its qcow2 header is not whole"))
    }

    fn refuse(&self, why: &str) -> Error {
        refuse(self.name, why)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sound header, changed by `change`.
    fn with(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
        let mut head = vec![0_u8; 512];
        head[..4].copy_from_slice(MAGIC);
        head[4..8].copy_from_slice(&3_u32.to_be_bytes());
        head[20..24].copy_from_slice(&16_u32.to_be_bytes());
        head[24..32].copy_from_slice(&1234_u64.to_be_bytes());
        head[100..104].copy_from_slice(&104_u32.to_be_bytes());
        // a harmless extension: the feature name table
        head[104..108].copy_from_slice(&0x6803_f857_u32.to_be_bytes());
        head[108..112].copy_from_slice(&5_u32.to_be_bytes());
        change(&mut head);
        head
    }

    fn put_u32(at: usize, value: u32) -> impl FnOnce(&mut [u8]) {
        move |head| head[at..at + 4].copy_from_slice(&value.to_be_bytes())
    }

    fn put_u64(at: usize, value: u64) -> impl FnOnce(&mut [u8]) {
        move |head| head[at..at + 8].copy_from_slice(&value.to_be_bytes())
    }

    #[test]
    fn sound_images_pass() {
        for head in [
            with(|_| ()),
            with(put_u32(4, 2)),
            with(put_u32(20, 9)),
            with(put_u32(20, 21)),
            with(put_u64(72, COMPRESSION_TYPE | EXTENDED_L2)).tap(|head| head[104] = 1),
        ] {
            assert_eq!(check("i", &head).unwrap(), 1234);
        }
    }

    trait Tap: Sized {
        fn tap(self, change: impl FnOnce(&mut Self)) -> Self;
    }

    impl Tap for Vec<u8> {
        fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
            change(&mut self);
            self
        }
    }

    #[test]
    fn images_that_cannot_be_opened_or_open_other_files_are_refused_by_what_is_wrong() {
        for (head, says) in [
            (with(put_u64(8, 400)), "overlay"),
            (with(put_u32(4, 2)).tap(|head| head[15] = 1), "overlay"),
            (with(put_u64(72, EXTERNAL_DATA)), "another file"),
            (with(put_u32(120, DATA_FILE_NAME)), "another file"),
            (with(put_u64(72, CORRUPT)), "qemu-img check"),
            (with(put_u64(72, DIRTY)), "qemu-img check"),
            (with(put_u64(72, 1 << 5)), "0x20"),
            (
                with(put_u64(72, COMPRESSION_TYPE)).tap(|head| head[104] = 2),
                "compressed",
            ),
            (
                with(put_u64(72, EXTENDED_L2)).tap(|head| head[23] = 13),
                "subclusters",
            ),
            (with(put_u32(20, 0)), "2^0"),
            (with(put_u32(20, 8)), "2^8"),
            (with(put_u32(20, 22)), "2^22"),
            (with(put_u32(20, 63)), "2^63"),
            (with(put_u32(4, 4)), "version 4"),
            (with(put_u64(24, 0)), "size 0"),
            (with(put_u32(32, 2)), "encrypted"),
            (with(put_u32(100, 72)), "header of 72"),
            (with(|_| ())[..70].to_vec(), "cut off"),
        ] {
            let error = check("i", &head).unwrap_err();
            assert!(error.message().contains(says), "{says}: {error}");
            assert_eq!(error.field(), Some("/server/image"));
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut head = MAGIC.to_vec();
            head.extend(tail);
            let _ = check("i", &head);
        }
    }
}
