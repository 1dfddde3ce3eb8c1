use std::fs;
use std::io::Write as _;

use sha2::Digest as _;

use super::*;

fn import(source: &std::path::Path, format: Option<&str>) -> ImageImport {
    let mut image = serde_json::json!({"source": source});
    if let Some(format) = format {
        image["format"] = format.into();
    }
    serde_json::from_value(image).unwrap()
}

/// The format that a file of `name` with `content` has, or the member and the words of the refusal.
fn judged(
    name: &str,
    stated: Option<&str>,
    content: &[u8],
) -> std::result::Result<&'static str, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let mut bytes = content.to_vec();
    if Packing::of(content).is_none() {
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    fs::write(&path, bytes).unwrap();
    let import = import(&path, stated);
    let stated = stated_format(&import, name)?;
    open(&import, name, stated, None, u64::MAX, &Cancel::default()).map(|opened| opened.format)
}

fn qcow2() -> Vec<u8> {
    let mut head = b"QFI\xfb\0\0\0\x02".to_vec();
    head.resize(512, 0);
    head[23] = 16;
    head[30] = 1;
    head
}

#[test]
fn the_content_tells_what_neither_the_caller_nor_the_name_does() {
    for name in ["noble.img", "noble.qcow2", "noble", "noble.disk1"] {
        assert_eq!(judged(name, None, &qcow2()).unwrap(), "qcow2", "{name}");
    }
    assert_eq!(judged("noble.img", None, b"\xebc\x90").unwrap(), "raw");
    assert_eq!(judged("noble", Some("raw"), b"\xebc\x90").unwrap(), "raw");
    // anything may be raw
    for name in ["noble", "noble.vmdk"] {
        let error = judged(name, None, b"\xebc\x90").err().unwrap();
        assert_eq!(error.field(), Some("/image/format"), "{error}");
    }
}

#[test]
fn what_the_content_is_counts_whatever_it_is_called() {
    for name in ["a.raw", "a.qcow2", "a.img", "a.vmdk", "a"] {
        let error = judged(name, None, b"vhdxfile").err().unwrap();
        assert_eq!(error.field(), Some("/image/source"), "{error}");
        assert!(
            error
                .message()
                .contains("qemu-img convert -f vhdx -O qcow2"),
            "{error}"
        );
    }
    for (stated, content) in [("raw", qcow2()), ("qcow2", b"\xebc\x90".to_vec())] {
        let error = judged("a", Some(stated), &content).err().unwrap();
        assert_eq!(error.kind(), Kind::InvalidField);
    }
    let error = judged("empty.raw", None, b"").err().unwrap();
    assert!(error.message().contains("is empty"), "{error}");
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe.raw");
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    let import = import(&path, None);
    let cancel = Cancel::default();
    let error = open(&import, "pipe.raw", Some("raw"), None, u64::MAX, &cancel)
        .err()
        .unwrap();
    assert_eq!(error.kind(), Kind::InvalidField);
}

/// `bytes`, packed by gzip in two members.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let middle = bytes.len() / 2;
    let mut packed = Vec::new();
    for part in [&bytes[..middle], &bytes[middle..]] {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, level);
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap();
    }
    packed
}

#[test]
fn a_packed_image_is_judged_and_measured_by_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("disk.raw.gz");
    let mut bytes = vec![0; 1 << 20];
    bytes[..3].copy_from_slice(b"\xebc\x90");
    let (packed, sha256) = (gzipped(&bytes), hex::encode(Sha256::digest(&bytes)));
    let of_packed = hex::encode(Sha256::digest(&packed));
    fs::write(&path, packed).unwrap();
    let import = import(&path, None);
    assert_eq!(name(&import).unwrap(), "disk.raw");
    let opened = |wanted: Option<&String>, room| {
        let (wanted, cancel) = (wanted.cloned(), Cancel::default());
        open(&import, "disk.raw", Some("raw"), wanted, room, &cancel)
    };
    for wanted in [None, Some(&sha256), Some(&of_packed)] {
        let mut opened = opened(wanted, u64::MAX).unwrap();
        assert_eq!((opened.size, opened.virtual_size), (1 << 20, 1 << 20));
        assert_eq!(opened.allocated, unpack::HOLE as u64);
        assert_eq!(opened.sha256.as_ref(), Some(&sha256));
        let mut read = Vec::new();
        opened.data.read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }
    let error = opened(Some(&"0".repeat(64)), u64::MAX).err().unwrap();
    assert_eq!(error.field(), Some("/image/sha256"));
    let error = opened(None, 1000).err().unwrap();
    assert_eq!(error.kind(), Kind::QuotaExceeded);

    // what is packed in it is judged as everything is
    for (content, says) in [(gzipped(&bytes), "gzip"), (b"vhdxfile".repeat(100), "vhdx")] {
        let error = judged("a.raw", None, &gzipped(&content)).err().unwrap();
        assert!(error.message().contains(says), "{error}");
    }
    assert_eq!(judged("a.img", None, &gzipped(&qcow2())).unwrap(), "qcow2");
}

#[test]
fn a_digest_is_found_in_a_list_by_the_name_of_the_file() {
    let digest = "Ab".repeat(32);
    for line in [
        format!("{digest}  a.img"),
        format!("{digest} *a.img"),
        format!("{digest}  ./a.img"),
        format!("SHA256 (a.img) = {digest}"),
    ] {
        assert_eq!(listed(&line, "a.img"), Some("ab".repeat(32)), "{line}");
        assert_eq!(listed(&line, "b.img"), None, "{line}");
    }
    assert_eq!(listed("abc  a.img", "a.img"), None);
}
