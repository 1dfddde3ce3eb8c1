//! Packed images, unpacked while they are read.
//!
//! A host wants to know how much comes before it comes, and no packing tells that reliably. So an image is
//! unpacked twice: once to be measured, and once to be sent.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use sha2::{Digest, Sha256};

use super::formats;
use crate::transaction::Cancel;
use crate::units::{KIB, MIB, length};
use crate::{Error, Kind, Result};

/// The most memory that unpacking takes, in KiB: `xz -9` and `zstd --long` need half of it.
const MEMORY_KIB: u32 = 256 * 1024;
/// What an image may become at the most.
const LARGEST: u64 = 4_000_000 * MIB;
/// What counts as a hole where it is all zeros.
pub(crate) const HOLE: usize = length(64 * KIB);

/// What packs an image.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packing {
    Gzip,
    Xz,
    Bzip2,
    Zstd,
}

/// What a packed image holds.
pub(super) struct Measured {
    pub(super) size: u64,
    /// Bytes that are no holes.
    pub(super) allocated: u64,
    pub(super) sha256: String,
}

impl Packing {
    /// What has packed a file that begins with `head`, if it is packed.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        Some(match formats::recognised(head)?.id {
            "gzip" => Self::Gzip,
            "xz" => Self::Xz,
            "bzip2" => Self::Bzip2,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// All that `file` holds, from its beginning on.
    pub(super) fn reader(self, file: &File) -> io::Result<Box<dyn Read + Send>> {
        let mut file = file.try_clone()?;
        file.rewind()?;
        let file = BufReader::with_capacity(length(MIB), file);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(file, true, MEMORY_KIB)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
            Self::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
        })
    }

    /// Unpacks `file` to see what it holds, which must not take more than `room` bytes.
    pub(super) fn measure(self, file: &File, room: u64, cancel: &Cancel) -> Result<Measured> {
        let mut reader = self.reader(file).map_err(|error| cannot_unpack(&error))?;
        let mut hash = Sha256::new();
        let (mut size, mut allocated) = (0, 0);
        let mut block = vec![0; HOLE];
        loop {
            cancel.check()?;
            let got = read_full(&mut reader, &mut block).map_err(|error| cannot_unpack(&error))?;
            let data = &block[..got];
            hash.update(data);
            size += got as u64;
            allocated += if is_hole(data) { 0 } else { got as u64 };
            if allocated > room || size > LARGEST {
                let message = format!(
                    "it is packed, and unpacked it takes more than the {} MiB that there is room for",
                    room.min(LARGEST) / MIB
                );
                return Err(Error::new(Kind::QuotaExceeded, message).with_field("/image/source"));
            }
            if got < block.len() {
                let sha256 = hex::encode(hash.finalize());
                return Ok(Measured {
                    size,
                    allocated,
                    sha256,
                });
            }
        }
    }
}

/// The name that a file has once it is unpacked.
pub(super) fn unpacked_name(name: &str) -> &str {
    [".gz", ".xz", ".bz2", ".zst", ".zstd"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
}

/// Whether there is nothing but zeros in `data`, at most [`HOLE`] bytes.
pub(crate) fn is_hole(data: &[u8]) -> bool {
    static ZEROS: [u8; HOLE] = [0; HOLE];
    data == &ZEROS[..data.len()]
}

/// Fills `block` unless the source ends first.
pub(crate) fn read_full(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match source.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

pub(super) fn cannot_unpack(error: &io::Error) -> Error {
    let message = format!("the image is packed and cannot be unpacked: {error}");
    Error::invalid("/image/source", message)
}
