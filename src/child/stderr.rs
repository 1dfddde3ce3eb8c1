//! What a child says on stderr: into the log, and the last of it kept for an error.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Program;
use super::process::LOOK;
use crate::redact::Secrets;
use crate::units::{KIB, MIB};

/// The longest line that is taken in one piece.
const LINE: u64 = 4 * KIB;
/// How much goes to the log; what comes behind it is only kept.
const LOGGED: u64 = MIB;
/// How much of the end is kept.
const KEPT: usize = 16 << 10;

/// The last that a child has said, as far as it is known by now.
#[derive(Debug, Clone)]
pub(super) struct LastWords {
    kept: Arc<Mutex<Vec<u8>>>,
    ended: Arc<AtomicBool>,
    secrets: Arc<Mutex<Secrets>>,
}

impl LastWords {
    /// Reads `stderr` to its end, in a thread, however long it is.
    pub(super) fn listen(program: &Program, stderr: Option<impl Read + Send + 'static>) -> Self {
        let words = Self {
            kept: Arc::default(),
            ended: Arc::default(),
            secrets: Arc::new(Mutex::new(program.secrets.clone())),
        };
        if let Some(stderr) = stderr {
            let (heard, name) = (words.clone(), program.name());
            let span = tracing::Span::current();
            thread::spawn(move || {
                span.in_scope(|| heard.hear(&name, BufReader::new(stderr)));
                heard.ended.store(true, Ordering::Release);
            });
        }
        words
    }

    /// All of it, once the child has ended; a process that left its group may hold the pipe for longer than
    /// `rest`.
    pub(super) fn whole(&self, rest: Duration) -> String {
        let begun = Instant::now();
        while !self.ended.load(Ordering::Acquire) && begun.elapsed() < rest {
            thread::sleep(LOOK);
        }
        self.text()
    }

    pub(super) fn text(&self) -> String {
        self.hide(&lock(&self.kept)).trim().to_owned()
    }

    /// From now on `secrets` are hidden.
    pub(super) fn keep(&self, secrets: Secrets) {
        *lock(&self.secrets) = secrets;
    }

    fn hide(&self, text: &[u8]) -> String {
        lock(&self.secrets).hide(&String::from_utf8_lossy(text))
    }

    fn hear(&self, program: &str, mut stderr: BufReader<impl Read>) {
        let (mut piece, mut logged) = (Vec::new(), 0);
        loop {
            piece.clear();
            let mut some = stderr.by_ref().take(LINE);
            let read = if logged < LOGGED {
                some.read_until(b'\n', &mut piece)
            } else {
                some.read_to_end(&mut piece)
            };
            match read {
                Ok(0) | Err(_) => return,
                Ok(count) if logged < LOGGED => {
                    let text = self.hide(&piece);
                    tracing::debug!(program, "{}", text.trim_end());
                    logged += count as u64;
                }
                Ok(_) => {}
            }
            let mut kept = lock(&self.kept);
            kept.extend_from_slice(&piece);
            if kept.len() > 2 * KEPT {
                // from a line's beginning: half a secret is not known for one
                let from = kept.len() - KEPT;
                let line = kept[from..].iter().position(|byte| *byte == b'\n');
                kept.drain(..line.map_or(from, |line| from + line));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
