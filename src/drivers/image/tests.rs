use std::fs;

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
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    fs::write(&path, bytes).unwrap();
    let import = import(&path, stated);
    let stated = stated_format(&import, name)?;
    open(&import, name, stated, &Cancel::default()).map(|opened| opened.format)
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
    let error = open(
        &import(&path, None),
        "pipe.raw",
        Some("raw"),
        &Cancel::default(),
    )
    .err()
    .unwrap();
    assert_eq!(error.kind(), Kind::InvalidField);
}
