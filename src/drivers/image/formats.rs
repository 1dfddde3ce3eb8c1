//! The formats of what is called an image and cannot be stored as one, told by content.
//!
//! A fixed VHD is not told: it is a raw image with 512 bytes behind it, and runs as one.

use crate::Error;

/// A format that no server is made from.
pub(super) struct Foreign {
    /// As qemu-img and libvirt call it.
    pub(super) id: &'static str,
    /// As people call it, with its article.
    pub(super) name: &'static str,
    /// What its first bytes hold: any of these, each at an offset.
    marks: &'static [(usize, &'static [u8])],
    /// How it becomes one that a server is made from.
    pub(super) way_out: &'static str,
}

/// Every such format.
pub(super) const FOREIGN: &[Foreign] = &[
    Foreign {
        id: "vmdk",
        name: "a VMDK image",
        marks: &[(0, b"KDMV"), (0, b"COWD")], // and a descriptor, which is text
        way_out: "convert it: qemu-img convert -f vmdk -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "vpc",
        name: "a VHD image",
        marks: &[(0, b"conectix")],
        way_out: "convert it: qemu-img convert -f vpc -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "vhdx",
        name: "a VHDX image",
        marks: &[(0, b"vhdxfile")],
        way_out: "convert it: qemu-img convert -f vhdx -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "vdi",
        name: "a VDI image",
        marks: &[(64, b"\x7f\x10\xda\xbe")],
        way_out: "convert it: qemu-img convert -f vdi -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "qed",
        name: "a QED image",
        marks: &[(0, b"QED\0")],
        way_out: "convert it: qemu-img convert -f qed -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "qcow",
        name: "a qcow image of version 1",
        marks: &[(0, b"QFI\xfb\0\0\0\x01")],
        way_out: "convert it: qemu-img convert -f qcow -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "parallels",
        name: "a Parallels image",
        marks: &[(0, b"WithoutFreeSpace"), (0, b"WithouFreSpacExt")],
        way_out: "convert it: qemu-img convert -f parallels -O qcow2 FILE NEW.qcow2",
    },
    Foreign {
        id: "luks",
        name: "encrypted with LUKS",
        marks: &[(0, b"LUKS\xba\xbe")],
        way_out: "decrypt it: qemu-img convert --object secret,id=key,file=PASSPHRASE \
                  --image-opts driver=luks,key-secret=key,file.filename=FILE -O qcow2 NEW.qcow2",
    },
    Foreign {
        id: "iso",
        name: "an ISO 9660 image of a CD",
        marks: &[(0x8001, b"CD001")],
        way_out: "take the distribution's cloud image, which is installed already",
    },
    Foreign {
        id: "gzip",
        name: "packed with gzip",
        marks: &[(0, b"\x1f\x8b\x08")],
        way_out: "unpack it: gunzip -c FILE > NEW",
    },
    Foreign {
        id: "xz",
        name: "packed with xz",
        marks: &[(0, b"\xfd7zXZ\0")],
        way_out: "unpack it: unxz -c FILE > NEW",
    },
    Foreign {
        id: "bzip2",
        name: "packed with bzip2",
        marks: &[(4, b"1AY&SY")],
        way_out: "unpack it: bunzip2 -c FILE > NEW",
    },
    Foreign {
        id: "zstd",
        name: "packed with zstd",
        marks: &[(0, b"\x28\xb5\x2f\xfd")],
        way_out: "unpack it: unzstd -c FILE > NEW",
    },
    Foreign {
        id: "zip",
        name: "a zip archive",
        marks: &[(0, b"PK\x03\x04")],
        way_out: "unpack it: unzip FILE",
    },
    Foreign {
        id: "tar",
        name: "a tar archive (OVA files are)",
        marks: &[(257, b"ustar")],
        way_out: "unpack it: tar -xf FILE, then qemu-img convert -O qcow2 DISK NEW.qcow2",
    },
    Foreign {
        id: "html",
        name: "a web page",
        marks: &[
            (0, b"<!DOCTYPE html"),
            (0, b"<!doctype html"),
            (0, b"<html"),
        ],
        way_out: "look at it in a browser: it may want a login, or name the real address",
    },
];

/// The format of an image that begins with `head`, if it is one of these.
pub(super) fn recognised(head: &[u8]) -> Option<&'static Foreign> {
    let holds =
        |(at, mark): &(usize, &[u8])| head.get(*at..).is_some_and(|at| at.starts_with(mark));
    FOREIGN
        .iter()
        .find(|format| format.marks.iter().any(holds))
        .or_else(|| called("vmdk").filter(|_| is_vmdk_descriptor(head)))
}

/// The format that qemu-img and libvirt call `id`.
pub(super) fn called(id: &str) -> Option<&'static Foreign> {
    FOREIGN.iter().find(|format| format.id == id)
}

/// The refusal of the image `name`.
pub(super) fn refuse(name: &str, why: &str) -> Error {
    Error::invalid("/server/image", format!("the image {name} {why}"))
}

/// Whether it is the text that names the files of a VMDK image, by QEMU's own rule: comments and
/// blanks, then the version.
fn is_vmdk_descriptor(head: &[u8]) -> bool {
    let first = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.is_some_and(|line| matches!(line, b"version=1" | b"version=2" | b"version=3"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{KIB, length};

    const HEAD: usize = length(64 * KIB);

    #[test]
    fn each_format_is_told_by_each_of_its_marks() {
        for format in FOREIGN {
            for (at, mark) in format.marks {
                let mut head = vec![0; HEAD];
                head[*at..at + mark.len()].copy_from_slice(mark);
                let found = recognised(&head).map(|found| found.id);
                assert_eq!(found, Some(format.id));
                // one bit beside it is not it
                head[at + mark.len() - 1] ^= 0x80;
                assert!(recognised(&head).is_none(), "{}", format.id);
            }
        }
    }

    #[test]
    fn a_vmdk_descriptor_is_told_from_other_text() {
        for text in [
            "# Disk DescriptorFile\nversion=1\nCID=1\nRW 2048 FLAT \"/etc/shadow\" 0\n",
            "#\r\n  \r\n# two\r\nversion=3\r\n",
            "version=2",
        ] {
            assert_eq!(recognised(text.as_bytes()).map(|f| f.id), Some("vmdk"));
        }
        for text in ["#!/bin/sh\nexit\n", "# a\nversion=4\n", "\n\n", ""] {
            assert!(recognised(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn what_boots_is_none_of_them() {
        let mut disk = vec![0; HEAD];
        assert!(recognised(&disk).is_none());
        disk[..3].copy_from_slice(b"\xebc\x90");
        disk[510..512].copy_from_slice(b"\x55\xaa");
        disk[512..520].copy_from_slice(b"EFI PART");
        assert!(recognised(&disk).is_none());
        assert!(recognised(b"QFI\xfb\0\0\0\x03").is_none());
    }
}
