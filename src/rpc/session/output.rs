//! Where answers go: whole lines, one at a time, written by a thread of its own, so that a caller who
//! does not read keeps neither a creation nor an interruption waiting.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Ended;
use crate::concurrent::LISTEN;
use crate::rpc::progress::lock;
use crate::transaction::Cancel;
use crate::units::{KIB, MIB, length};

/// How much may wait to be written before who answers has to wait, in bytes.
const MOST_WAITING: usize = length(16 * MIB);
/// How much may wait before progress is no longer told, in bytes.
const MOST_TELLING: usize = length(64 * KIB);
/// How long an answer is that took much memory to make, in bytes.
const LARGE: usize = length(512 * KIB);
/// How long what is left is tried to be written once the session was told to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The stream of answers. Once it is closed, what is written to it is dropped.
pub(super) struct Output {
    state: Mutex<State>,
    changed: Condvar,
    cancel: Cancel,
    ended: Sender<Ended>,
    has_large: AtomicBool,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    /// Of the lines and of the one that is being written.
    bytes: usize,
    closed: bool,
}

impl Output {
    /// Writes to `stream`; where nobody reads it any more `cancel` is set and `ended` told.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub(super) fn start(
        mut stream: impl Write + Send + 'static,
        cancel: Cancel,
        ended: Sender<Ended>,
    ) -> io::Result<Arc<Self>> {
        let output = Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            cancel,
            ended,
            has_large: AtomicBool::new(false),
        });
        let writer = Arc::clone(&output);
        thread::Builder::new()
            .name("answers".to_owned())
            .spawn(move || writer.write_all(&mut stream))?;
        Ok(output)
    }

    /// Whether a large answer was written since this was last asked.
    pub(super) fn take_large(&self) -> bool {
        self.has_large.swap(false, Ordering::Relaxed)
    }

    /// Writes `message` as a line, after those before it.
    pub(super) fn write(&self, message: &impl Serialize) {
        let line = line(message);
        if line.as_ref().is_some_and(|line| line.len() > LARGE) {
            self.has_large.store(true, Ordering::Relaxed);
        }
        let full = |state: &State| state.bytes > MOST_WAITING && !self.cancel.is_cancelled();
        let mut state = lock(&self.state);
        while full(&state) && !state.closed {
            state = self.wait(state);
        }
        self.add(&mut state, line);
    }

    /// The same where it may be left out because the caller does not keep up.
    pub(super) fn tell(&self, message: &impl Serialize) {
        let line = line(message);
        let mut state = lock(&self.state);
        if state.bytes <= MOST_TELLING {
            self.add(&mut state, line);
        }
    }

    /// How many bytes wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        lock(&self.state).bytes
    }

    fn add(&self, state: &mut State, line: Option<Vec<u8>>) {
        if let Some(line) = line.filter(|_| !state.closed) {
            state.bytes += line.len();
            state.lines.push_back(line);
            self.changed.notify_all();
        }
    }

    /// Takes nothing more, and waits until all is written: as long as it takes, or a little while once
    /// the session was told to end.
    pub(super) fn finish(&self) {
        let mut told = None;
        let mut state = lock(&self.state);
        while state.bytes > 0 && !state.closed {
            if self.cancel.is_cancelled() {
                let told = *told.get_or_insert_with(Instant::now);
                if told.elapsed() > LAST_WORDS {
                    tracing::warn!("the caller does not read: {} bytes are left", state.bytes);
                    break;
                }
            }
            state = self.wait(state);
        }
        state.closed = true;
        self.changed.notify_all();
    }

    /// Nobody reads any more: what runs is cancelled.
    fn close(&self) {
        let mut state = lock(&self.state);
        *state = State {
            closed: true,
            ..State::default()
        };
        self.cancel.cancel();
        self.changed.notify_all();
        let _ = self.ended.send(Ended::OutputClosed);
    }

    fn write_all(&self, stream: &mut impl Write) {
        while let Some(line) = self.next() {
            if let Err(error) = stream.write_all(&line).and_then(|()| stream.flush()) {
                if error.kind() != io::ErrorKind::BrokenPipe {
                    tracing::error!(%error, "cannot write answers");
                }
                self.close();
                return;
            }
            let mut state = lock(&self.state);
            state.bytes = state.bytes.saturating_sub(line.len());
            self.changed.notify_all();
        }
    }

    fn next(&self) -> Option<Vec<u8>> {
        let mut state = lock(&self.state);
        while state.lines.is_empty() && !state.closed {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.lines.pop_front()
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, LISTEN);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// `message` as a line; made before the lock is held, because it may be long.
fn line(message: &impl Serialize) -> Option<Vec<u8>> {
    match serde_json::to_vec(message) {
        Ok(mut line) => {
            line.push(b'\n');
            Some(line)
        }
        Err(error) => {
            tracing::error!(%error, "a message is not JSON");
            None
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
