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
pub(super) enum WorkerError {
    /// The time is up. The thread goes on alone; what it yields is dropped there.
    TimedOut,
    /// The work panicked, with this message.
    Panicked(String),
    /// The system gave no thread.
    NoThread(std::io::Error),
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` and waits at most `limit` for what it yields.
///
/// A panic of `work`, or of dropping what it yields after the time is up, ends as a [`WorkerError`] and
/// writes nothing: the objects of the crate `virt` panic when libvirt cannot release them.
pub(super) fn run<T, F>(limit: Duration, work: F) -> Result<T, WorkerError>
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
            let outcome = panic::catch_unwind(AssertUnwindSafe(work)).map_err(panic_message);
            let late = panic::catch_unwind(AssertUnwindSafe(move || drop(sender.send(outcome))));
            if let Err(payload) = late {
                tracing::debug!("dropping a late result failed: {}", panic_message(payload));
            }
        });
    spawned.map_err(WorkerError::NoThread)?;
    match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome.map_err(WorkerError::Panicked),
        Err(RecvTimeoutError::Timeout) => Err(WorkerError::TimedOut),
        Err(RecvTimeoutError::Disconnected) => {
            Err(WorkerError::Panicked("the thread ended early".to_owned()))
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

fn panic_message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .map_or_else(|| "no message".to_owned(), |text| (*text).to_owned()),
    }
}

#[cfg(test)]
mod tests;
