//! A session: requests from a stream, one a line, and their answers to another.
//!
//! | file | concern |
//! |---|---|
//! | `reader` | lines become requests, and each runs and is answered |
//! | `output` | where answers go: whole lines, one at a time |

mod output;
mod reader;

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::Service;
use crate::concurrent::Gate;
use crate::transaction::Cancel;
use output::Output;
use reader::Reader;

/// How many requests run at once; further ones wait.
pub(crate) const MAX_CONCURRENT: usize = 16;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The stream of requests ended, and every request has been answered.
    EndOfInput,
    /// The stream of requests could not be read; what had been read has been answered.
    InputFailed,
    /// It was interrupted by this signal; running requests were cancelled and answered.
    Interrupted(i32),
    /// Nobody reads the answers any more; running requests were cancelled.
    OutputClosed,
}

/// A session that has not begun.
#[derive(Debug)]
pub(crate) struct Session {
    service: Arc<Service>,
    sender: Sender<Ended>,
    ended: Receiver<Ended>,
}

/// Ends a session from outside, such as from a signal handler's thread.
#[derive(Debug, Clone)]
pub(crate) struct Interrupter {
    cancel: Cancel,
    sender: Sender<Ended>,
}

impl Interrupter {
    /// Cancels what runs, and ends the session once that has been answered.
    pub(crate) fn interrupt(&self, signal: i32) {
        self.cancel.cancel();
        // Where nobody receives it the session is over anyway.
        let _ = self.sender.send(Ended::Interrupted(signal));
    }

    /// Cancels what runs, because nobody reads the answers any more.
    pub(crate) fn nobody_reads(&self) {
        self.cancel.cancel();
        let _ = self.sender.send(Ended::OutputClosed);
    }
}

impl Session {
    /// A session of `service`.
    #[must_use]
    pub(crate) fn new(service: Arc<Service>) -> Self {
        let (sender, ended) = channel();
        Self {
            service,
            sender,
            ended,
        }
    }

    /// What ends the session from outside.
    #[must_use]
    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter {
            cancel: self.service.context().cancel.clone(),
            sender: self.sender.clone(),
        }
    }

    /// Reads requests from `input` and writes answers to `output` until the input ends, the output
    /// closes or it is interrupted, and then until every request that was read has been answered.
    ///
    /// The thread that reads is left behind where it waits for input that never comes.
    pub(crate) fn run(
        self,
        input: impl BufRead + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> Ended {
        let cancel = self.service.context().cancel.clone();
        let output = match Output::start(output, cancel, self.sender.clone()) {
            Ok(output) => output,
            Err(error) => {
                tracing::error!(%error, "no thread to write answers");
                return Ended::InputFailed;
            }
        };
        let gate = Arc::new(Gate::new(MAX_CONCURRENT));
        let reader = Reader {
            service: self.service,
            output: Arc::clone(&output),
            gate: Arc::clone(&gate),
        };
        let sender = self.sender;
        let spawned = thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || {
                let ended = reader.read_all(input);
                let _ = sender.send(ended);
            });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread to read requests");
            return Ended::InputFailed;
        }
        let first = self.ended.recv().unwrap_or(Ended::InputFailed);
        gate.wait_until_idle();
        output.finish();
        // A signal that came while the last requests ran is why they were cancelled.
        let later = self.ended.try_iter().collect::<Vec<_>>();
        std::iter::once(first)
            .chain(later)
            .max_by_key(|ended| match ended {
                Ended::EndOfInput => 0,
                Ended::InputFailed => 1,
                Ended::OutputClosed => 2,
                Ended::Interrupted(_) => 3,
            })
            .unwrap_or(first)
    }
}

#[cfg(test)]
mod tests;
