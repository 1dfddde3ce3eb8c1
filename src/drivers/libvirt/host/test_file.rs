//! The file that describes a test host.
//!
//! libvirt reads it with this program's rights, and quotes what it cannot read: a file that was never
//! meant for that is not given to it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use rustix::fs::OFlags;

use crate::units::MIB;
use crate::{Error, Result};

const LONGEST: u64 = 16 * MIB;

/// Accepts the file at `path` if it is one. What else is wrong with another file is not told, so that
/// nobody learns here what files there are.
pub(super) fn check(path: &str, field: &str) -> Result<()> {
    if describes_a_host(Path::new(path)) == Some(true) {
        return Ok(());
    }
    let message = format!(
        "{path:?} does not describe a test host: give a regular file of your own or of root's, an XML \
         document of <node>"
    );
    Err(Error::invalid(field, message))
}

fn describes_a_host(path: &Path) -> Option<bool> {
    // neither a link nor a pipe that nobody writes to
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = flags.bits().try_into().ok()?;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .ok()?;
    let metadata = file.metadata().ok()?;
    let owner = metadata.uid();
    let ours = owner == 0 || owner == rustix::process::geteuid().as_raw();
    Some(metadata.is_file() && ours && metadata.len() <= LONGEST && is_node(file).ok()?)
}

/// Whether it is one well-formed document of `<node>`, without a document type, which can name other
/// files.
fn is_node(file: File) -> io::Result<bool> {
    let mut reader = Reader::from_reader(BufReader::new(file.take(LONGEST)));
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    let mut found = false;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|_| io::ErrorKind::InvalidData)? {
            Event::Start(_) | Event::Empty(_) if depth == 0 && found => return Ok(false),
            Event::Start(tag) => {
                if depth == 0 && tag.name().as_ref() != "node" {
                    return Ok(false);
                }
                found = true;
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::DocType(_) => return Ok(false),
            Event::Empty(tag) if depth == 0 => {
                if tag.name().as_ref() != "node" {
                    return Ok(false);
                }
                found = true;
            }
            // around the document there are blanks and nothing else
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => {
                return Ok(false);
            }
            Event::CData(_) | Event::GeneralRef(_) if depth == 0 => return Ok(false),
            Event::Eof => return Ok(found && depth == 0),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_file_that_is_no_test_host_is_refused_without_a_word_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        for (name, text) in [
            ("words", "root:x:0:0:hunter2:/root:/bin/sh\n"),
            ("other", "<passwords>hunter2</passwords>"),
            ("open", "<node><cpu>hunter2</node>"),
            ("twice", "<node/><node>hunter2</node>"),
            ("before", "hunter2 <node></node>"),
            ("after", "<node></node>hunter2"),
            ("typed", "<!DOCTYPE node SYSTEM 'hunter2'><node></node>"),
            ("empty", ""),
        ] {
            std::fs::write(path(name), text).unwrap();
            let error = check(&path(name), "/provider/host_ip").unwrap_err();
            assert_eq!(error.field(), Some("/provider/host_ip"), "{name}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        std::fs::write(path("good"), "<?xml version='1.0'?>\n<node><cpu/></node>\n").unwrap();
        check(&path("good"), "/uri").unwrap();
        std::os::unix::fs::symlink(path("good"), path("link")).unwrap();
        let fifo = rustix::fs::CWD;
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(fifo, path("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        for name in ["link", "pipe", "absent", "."] {
            assert!(check(&path(name), "/uri").is_err(), "{name}");
        }
        assert!(check("/dev/zero", "/uri").is_err());
    }
}
