//! Runs a piece of work on a thread of its own and waits for it only so long.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum WorkerError {
    /// The time is up. The thread goes on alone; what it yields is dropped there.
    TimedOut,
    /// The work panicked, with this message.
    Panicked(String),
    /// So many calls of that host hang already that it was not called.
    Hanging(usize),
    /// The system gave no thread.
    NoThread(std::io::Error),
}

/// How many calls of a host may hang before it is called no more. Each keeps a thread and descriptors.
const MOST_HANGING: usize = 8;

/// How many calls hang that were given up, by their host.
static HANGING: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn hanging() -> MutexGuard<'static, BTreeMap<String, usize>> {
    HANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`run`], where `host` has not so many calls hanging that this would be one more.
pub(super) fn run_for<T, F>(host: &str, limit: Duration, work: F) -> Result<T, WorkerError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let count = hanging().get(host).copied().unwrap_or_default();
    if count >= MOST_HANGING {
        return Err(WorkerError::Hanging(count));
    }
    run(host, limit, work)
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, a call of `host`, and waits at most `limit` for what it yields.
///
/// A panic of `work`, or of dropping what it yields after the time is up, ends as a [`WorkerError`] and
/// writes nothing: the objects of the crate `virt` panic when libvirt cannot release them.
pub(super) fn run<T, F>(host: &str, limit: Duration, work: F) -> Result<T, WorkerError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    silence_panics();
    // without a buffer: what arrives too late stays with the thread and is dropped there
    let (sender, receiver) = mpsc::sync_channel(0);
    let span = tracing::Span::current();
    let whose = host.to_owned();
    let spawned = thread::Builder::new()
        .name("libvirt-call".to_owned())
        .spawn(move || {
            QUIET.set(true);
            let _entered = span.entered();
            let outcome = panic::catch_unwind(AssertUnwindSafe(work)).map_err(panic_message);
            let late = panic::catch_unwind(AssertUnwindSafe(|| {
                sender.send(outcome).map_err(|late| {
                    let _back = Back(whose);
                    drop(late);
                })
            }));
            if let Err(payload) = late {
                tracing::debug!("dropping a late result failed: {}", panic_message(payload));
            }
        });
    spawned.map_err(WorkerError::NoThread)?;
    match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome.map_err(WorkerError::Panicked),
        Err(RecvTimeoutError::Timeout) => {
            // counted before the other end can see that nobody receives any more
            *hanging().entry(host.to_owned()).or_default() += 1;
            drop(receiver);
            Err(WorkerError::TimedOut)
        }
        Err(RecvTimeoutError::Disconnected) => {
            Err(WorkerError::Panicked("the thread ended early".to_owned()))
        }
    }
}

/// A call of this host that was given up, on its way back.
struct Back(String);

impl Drop for Back {
    fn drop(&mut self) {
        let mut hanging = hanging();
        if let Some(count) = hanging.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                hanging.remove(&self.0);
            }
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
