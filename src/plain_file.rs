//! Files that somebody names: plain ones only, opened without waiting and read up to a limit.
//!
//! A pipe that nobody writes to would be waited for, beyond the reach of an interruption, and a device
//! may have no end.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// The most that a file of settings, a template or a list may have where nothing else is said.
pub(crate) const LONGEST: u64 = 8 * crate::units::MIB;

/// Opens the plain file at `path` for reading.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a plain file",
        ));
    }
    Ok(file)
}

/// What the plain file at `path` holds, of at most `longest` bytes.
pub(crate) fn read(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    read_up_to(longest, open(path)?)
}

/// The text in the plain file at `path`, of at most `longest` bytes.
pub(crate) fn text(path: &Path, longest: u64) -> io::Result<String> {
    to_text(read(path, longest)?)
}

/// All of `source`, of at most `longest` bytes.
pub(crate) fn read_up_to(longest: u64, source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        let why = format!("it is longer than {longest} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

/// `bytes` as text. An error does not repeat them.
pub(crate) fn to_text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, Mode};
    use std::fs;

    #[test]
    fn pipes_devices_and_folders_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        for path in [&pipe, dir.path(), Path::new("/dev/zero"), Path::new("a\0b")] {
            let error = read(path, LONGEST).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{path:?}");
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs::write(&file, "1234").unwrap();
        assert_eq!(text(&file, 4).unwrap(), "1234");
        assert_eq!(text(&file, 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
        fs::write(&file, b"hunter2\xff").unwrap();
        let error = text(&file, 9).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    /// Elsewhere files are opened for other ends only: to be written, by a descriptor, with a lock,
    /// without following a link, or as a command line names them.
    #[test]
    fn every_other_file_that_is_read_is_opened_here() {
        const OTHERS: [&str; 5] = [
            "confined_dir.rs",
            "cli/files.rs", // a shell's <(…) is a pipe
            "drivers/libvirt/host/test_file.rs",
            "transaction/journal.rs",
            "transaction/survey.rs",
        ];
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![source.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&source).unwrap().display().to_string();
                if path.is_dir() {
                    folders.push(path);
                } else if !name.ends_with("tests.rs")
                    && name != "plain_file.rs"
                    && !OTHERS.contains(&&*name)
                {
                    let text = fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                    let opens = |call: &&str| code.contains(*call);
                    let calls = ["File::open(", "fs::read(", "read_to_string(", ".read(true)"];
                    found.extend(
                        calls
                            .iter()
                            .filter(|call| opens(call))
                            .map(|call| format!("{name}: {call}")),
                    );
                }
            }
        }
        assert!(found.is_empty(), "{found:#?}");
    }
}
