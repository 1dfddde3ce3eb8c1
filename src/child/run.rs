//! A child that runs to its end.

use std::fs::File;
use std::io::{Read, Write as _};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Program;
use super::process::{GRACE, LOOK, Process};
use super::stderr::LastWords;
use crate::transaction::Cancel;
use crate::{Error, Kind, Result};

/// How long is waited for the end of a pipe whose child has ended: a process that left the group may
/// hold it.
const REST: Duration = Duration::from_secs(1);

/// What a child reads on stdin.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// An open file; locks on it last as long as the child and what it starts.
    File(File),
}

/// What a child may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How long it may run.
    pub(crate) time: Duration,
    /// How long it has to end once it is asked to.
    pub(crate) grace: Duration,
    /// How much it may say on stdout, in bytes; of nothing at all, nothing is read.
    pub(crate) stdout: usize,
}

impl Limits {
    /// `time` to run, and `stdout` bytes to say.
    pub(crate) fn new(time: Duration, stdout: usize) -> Self {
        Self {
            time,
            grace: GRACE,
            stdout,
        }
    }
}

/// What a child that ran to its end has said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    /// The last of it, without secrets.
    pub(crate) stderr: String,
}

impl Program {
    /// Runs it to its end, whatever its exit code.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::PermissionDenied`] or [`Kind::Unsupported`] where it cannot be started,
    /// [`Kind::Timeout`] and [`Kind::Cancelled`] where it was ended, [`Kind::Internal`] where it said too
    /// much.
    pub(crate) fn run(&self, input: Input<'_>, limits: Limits, cancel: &Cancel) -> Result<Output> {
        cancel.check()?;
        let (stdin, bytes) = match input {
            Input::Bytes([]) => (Stdio::null(), None),
            Input::Bytes(bytes) => (Stdio::piped(), Some(bytes.to_owned())),
            Input::File(file) => (Stdio::from(file), None),
        };
        let started = Instant::now();
        let stdout = if limits.stdout == 0 {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        let mut process = Process::start(self, stdin, stdout, limits.grace)?;
        if let (Some(bytes), Some(mut stdin)) = (bytes, process.stdin()) {
            // one that ends without having read it all has its reasons
            thread::spawn(move || stdin.write_all(&bytes));
        }
        let words = LastWords::listen(self, process.stderr());
        let stdout = Collected::listen(process.stdout(), limits.stdout);
        while !process.has_ended() {
            let failed = if cancel.is_cancelled() {
                Error::new(Kind::Cancelled, "interrupted")
            } else if started.elapsed() >= limits.time {
                let seconds = limits.time.as_secs();
                let message = format!("{} did not end within {seconds} seconds", self.name());
                Error::new(Kind::Timeout, message)
            } else if stdout.is_too_long(limits.stdout) {
                break;
            } else {
                thread::sleep(LOOK);
                continue;
            };
            process.end()?;
            let last = words.whole(REST);
            return Err(if last.is_empty() {
                failed
            } else {
                failed.with_source(last)
            });
        }
        let status = process.end()?;
        // what the child itself wrote is in the pipe by now
        let _ = stdout.end.recv_timeout(REST);
        if stdout.is_too_long(limits.stdout) {
            let message = format!("{} says more than {} bytes", self.name(), limits.stdout);
            return Err(Error::new(Kind::Internal, message));
        }
        let mut said = stdout.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Output {
            status,
            stdout: std::mem::take(&mut said),
            stderr: words.whole(REST),
        })
    }
}

/// What a child says on stdout.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

impl Collected {
    /// Reads `stdout` in a thread, to its end or to one byte more than `limit`.
    fn listen(stdout: Option<impl Read + Send + 'static>, limit: usize) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (ended, end) = channel();
        let all = Arc::clone(&bytes);
        thread::spawn(move || {
            let mut stdout = stdout.map(|stdout| stdout.take(limit as u64 + 1));
            let mut some = [0; 8192];
            while let Some(Ok(count @ 1..)) = stdout.as_mut().map(|stdout| stdout.read(&mut some)) {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.extend_from_slice(&some[..count]);
            }
            let _ = ended.send(());
        });
        Self { bytes, end }
    }

    fn is_too_long(&self, limit: usize) -> bool {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.len() > limit
    }
}
