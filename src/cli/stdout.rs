//! Results go to stdout, and a pipe that nobody reads any more is a quiet end.

use std::io::{self, Write};

use crate::{Error, Kind, Result};

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
