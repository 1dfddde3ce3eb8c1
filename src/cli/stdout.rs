//! Results go to stdout, and a pipe that nobody reads any more is a quiet end.

use std::io::{self, Write};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::{Error, Kind, Result};

/// Calls `tell` when nobody reads stdout any more, be it before anything is written.
pub(super) fn watch(tell: impl FnOnce() + Send + 'static) {
    let watching = move || {
        let stdout = io::stdout();
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        loop {
            match poll(&mut watched, None) {
                Ok(_) if !watched[0].revents().is_empty() => return tell(),
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    };
    // without it the first answer tells
    let _ = thread::Builder::new()
        .name("caller".to_owned())
        .spawn(watching);
}

/// Whether stdout was closed when the program started: its runtime opens `/dev/null` in its place, for
/// reading too.
pub(super) fn was_closed() -> bool {
    let stdout = io::stdout();
    let null = rustix::fs::stat("/dev/null").map(|null| null.st_rdev);
    let same = rustix::fs::fstat(&stdout).is_ok_and(|own| Ok(own.st_rdev) == null);
    same && rustix::fs::fcntl_getfl(&stdout).is_ok_and(|flags| flags.contains(OFlags::RDWR))
}

/// Writes `text`. Where the reader of a pipe has gone, that is all it wanted.
pub(super) fn write(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    quietly(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

fn quietly(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message = format!("cannot write to standard output: {error}");
            Err(Error::new(Kind::Internal, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is_one() {
        assert!(quietly(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(quietly(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
