//! `va-driver rpc`.

use std::io::{self, BufReader};
use std::process::ExitCode;
use std::sync::Arc;

use super::settings::Settings;
use super::{signals, stdout};
use crate::drivers::libvirt::host;
use crate::memory;
use crate::rpc::{Ended, Session};
use crate::units::{KIB, length};
use crate::{Error, Kind, Result};

/// As a program would end that SIGPIPE ended.
const PIPE_CLOSED: u8 = 141;
/// How much of standard input is read at once, in bytes.
const READ_AT_ONCE: usize = length(64 * KIB);

/// Serves the protocol on stdin and stdout until the input ends or a signal comes.
pub(super) fn rpc(settings: &Settings) -> Result<ExitCode> {
    if stdout::was_closed() {
        tracing::error!("standard output is closed: nobody would read the answers");
        return Ok(ExitCode::from(PIPE_CLOSED));
    }
    memory::keep_little();
    let _connections = host::keep();
    let session = Session::new(Arc::new(settings.service()));
    let interrupter = session.interrupter();
    let reader = interrupter.clone();
    stdout::watch(move || reader.nobody_reads());
    signals::watch(move |signal| interrupter.interrupt(signal));
    let input = BufReader::with_capacity(READ_AT_ONCE, io::stdin());
    match session.run(input, io::stdout()) {
        Ended::EndOfInput => Ok(ExitCode::SUCCESS),
        Ended::InputFailed => Err(Error::new(
            Kind::Internal,
            "standard input could not be read to its end; the log says why",
        )),
        Ended::Interrupted(signal) => Ok(ExitCode::from(signals::exit_code(signal))),
        Ended::OutputClosed => Ok(ExitCode::from(PIPE_CLOSED)),
    }
}
