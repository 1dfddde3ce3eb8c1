//! Runs a piece of work on a thread of its own and waits for it only so long.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// The time is up. The thread goes on alone; what it yields is dropped there.
    TimedOut,
    /// The work panicked, with these words.
    Panicked(String),
    /// The system gave no thread.
    NoThread(std::io::Error),
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` and waits at most `limit` for what it yields.
///
/// A panic of `work`, or of dropping what it yields after the time is up, ends as a [`Failure`] and
/// writes nothing: the objects of the crate `virt` panic when libvirt cannot let go of them.
pub(super) fn run<T, F>(limit: Duration, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    silence_panics();
    // without a buffer: what arrives too late stays with the thread and is dropped there
    let (sender, receiver) = mpsc::sync_channel(0);
    let span = tracing::Span::current();
    let spawned = thread::Builder::new()
        .name("libvirt-call".to_owned())
        .spawn(move || {
            QUIET.set(true);
            let _entered = span.entered();
            let outcome = panic::catch_unwind(AssertUnwindSafe(work)).map_err(words);
            let late = panic::catch_unwind(AssertUnwindSafe(move || drop(sender.send(outcome))));
            if let Err(payload) = late {
                tracing::debug!("letting go of a late result failed: {}", words(payload));
            }
        });
    spawned.map_err(Failure::NoThread)?;
    match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome.map_err(Failure::Panicked),
        Err(RecvTimeoutError::Timeout) => Err(Failure::TimedOut),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Failure::Panicked("the thread ended early".to_owned()))
        }
    }
}

/// Lets panics of the threads above pass without a word; all others reach the hook that was there.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                previous(info);
            }
        }));
    });
}

fn words(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .map_or_else(|| "no words".to_owned(), |text| (*text).to_owned()),
    }
}

#[cfg(test)]
mod tests;
