//! Units of memory and storage. Flavours of libvirt count KiB and GiB, `OpenStack`'s MiB and GiB, hosts
//! and files bytes.

/// Bytes in a KiB.
pub(crate) const KIB: u64 = 1 << 10;
/// Bytes in a MiB.
pub(crate) const MIB: u64 = 1 << 20;
/// Bytes in a GiB.
pub(crate) const GIB: u64 = 1 << 30;

/// KiB in a MiB.
pub(crate) const KIB_PER_MIB: u64 = MIB / KIB;

/// `gib` in KiB.
pub(crate) const fn kib_of_gib(gib: u64) -> u64 {
    gib * (GIB / KIB)
}

/// `bytes` as the length of something in memory.
///
/// # Panics
/// If no memory can be as long; as a constant it does not compile then.
pub(crate) const fn length(bytes: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "compared below")]
    let length = bytes as usize;
    assert!(length as u64 == bytes);
    length
}

#[cfg(test)]
mod tests {
    use super::{GIB, KIB, MIB, kib_of_gib, length};

    #[test]
    fn each_unit_is_1024_of_the_one_below() {
        assert_eq!((KIB, MIB, GIB), (1024, 1_048_576, 1_073_741_824));
        assert_eq!(kib_of_gib(2), 2 * 1024 * 1024);
        assert_eq!(length(MIB), 1_048_576);
    }
}
