//! A child that is spoken with, line by line.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Instant;

use super::Program;
use super::process::{GRACE, LOOK, Process};
use super::stderr::LastWords;
use crate::redact::Secrets;
use crate::transaction::Cancel;
use crate::{Error, Kind, Result};

/// How many lines may lie unread before the child has to wait.
const WAITING: usize = 16;

/// A child that is held by its pipes. Dropping it ends it and all that it has started.
#[derive(Debug)]
pub(crate) struct Held {
    name: String,
    // before the process: one that reads on to the end of its input ends by itself
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Result<Vec<u8>>>,
    words: LastWords,
    process: Process,
}

impl Program {
    /// Starts it, to be spoken with in lines of `longest` bytes at the most.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::PermissionDenied`] or [`Kind::Unsupported`] where it cannot be started.
    pub(crate) fn hold(&self, longest: usize) -> Result<Held> {
        let mut process = Process::start(self, Stdio::piped(), Stdio::piped(), GRACE)?;
        let (to, lines) = channel::<Vec<u8>>();
        if let Some(mut stdin) = process.stdin() {
            thread::spawn(move || {
                for line in lines {
                    if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
                        return;
                    }
                }
            });
        }
        let (said, from) = sync_channel(WAITING);
        if let Some(stdout) = process.stdout() {
            let name = self.name();
            thread::spawn(move || hear(&name, stdout, longest, &said));
        }
        Ok(Held {
            name: self.name(),
            to: Some(to),
            from,
            words: LastWords::listen(self, process.stderr()),
            process,
        })
    }
}

impl Held {
    /// Says `line`, which has no line break. It waits for nothing, not even for the child to read it.
    ///
    /// # Errors
    /// [`Kind::ConnectionFailed`] where the child reads no more.
    pub(crate) fn send(&self, mut line: Vec<u8>) -> Result<()> {
        line.push(b'\n');
        let sent = self.to.as_ref().map(|to| to.send(line));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(self.gone("reads no more")),
        }
    }

    /// The secrets that it is about to be given, which are to be in no log and no error.
    pub(crate) fn keep(&self, secrets: Secrets) {
        self.words.keep(secrets);
    }

    /// Asks it and all that it has started to end; what it still says can be heard.
    pub(crate) fn ask_to_end(&self) {
        self.process.ask_to_end();
    }

    /// Says that there is nothing more to come.
    pub(crate) fn close_input(&mut self) {
        self.to = None;
    }

    /// The next line that it says, without its line break, waited for `until` then.
    ///
    /// # Errors
    /// [`Kind::Timeout`], [`Kind::Cancelled`]; [`Kind::Internal`] about a line that is too long, after
    /// which there is none; [`Kind::ConnectionFailed`] where it says no more.
    pub(crate) fn receive(&self, until: Instant, cancel: &Cancel) -> Result<Vec<u8>> {
        loop {
            cancel.check()?;
            match self.from.recv_timeout(LOOK) {
                Ok(line) => return line,
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone("says no more")),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => {
                    let message = format!("{} did not answer in time", self.name);
                    return Err(Error::new(Kind::Timeout, message));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Whether the child itself has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// The last that it has said on stderr, without secrets.
    pub(crate) fn last_words(&self) -> String {
        self.words.text()
    }

    /// Ends it and all that it has started: TERM, then KILL.
    pub(crate) fn end(&mut self) -> Result<ExitStatus> {
        self.close_input();
        self.process.end()
    }

    fn gone(&self, what: &str) -> Error {
        let error = Error::new(Kind::ConnectionFailed, format!("{} {what}", self.name));
        match self.last_words() {
            words if words.is_empty() => error,
            words => error.with_source(words),
        }
    }
}

/// Reads lines up to the first that is too long. The last needs no line break.
fn hear(name: &str, stdout: impl Read, longest: usize, said: &SyncSender<Result<Vec<u8>>>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let most = longest as u64 + 1;
        match stdout.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let line = if line.len() > longest {
            let message = format!("{name} says a line of more than {longest} bytes");
            Err(Error::new(Kind::Internal, message))
        } else {
            Ok(line)
        };
        let is_last = line.is_err();
        if said.send(line).is_err() || is_last {
            return;
        }
    }
}
