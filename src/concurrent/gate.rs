//! How much may run at once: the requests of a session, the calls of a connection.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Counts what runs: it holds back what would be too much, and tells when nothing runs any more.
#[derive(Debug)]
pub(crate) struct Gate {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    reading: usize,
}

/// Held by what runs.
#[derive(Debug)]
pub(crate) struct Permit(Arc<Gate>);

/// Held while a line that was read is turned into requests.
#[derive(Debug)]
pub(crate) struct Reading(Arc<Gate>);

impl Gate {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Waits until one more may run.
    pub(crate) fn enter(self: &Arc<Self>) -> Permit {
        self.once(|state| state.running < self.limit).running += 1;
        Permit(Arc::clone(self))
    }

    /// A line was read: it is not idle before its requests run.
    pub(crate) fn read(self: &Arc<Self>) -> Reading {
        self.state().reading += 1;
        Reading(Arc::clone(self))
    }

    /// Waits until nothing runs and no line waits.
    pub(crate) fn wait_until_idle(&self) {
        drop(self.once(|state| state.running + state.reading == 0));
    }

    /// The state, once it is so.
    fn once(&self, is_so: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.changed.wait_while(self.state(), |state| !is_so(state));
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, also where a panic left it: it is never half written.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state().running -= 1;
        self.0.changed.notify_all();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.state().reading -= 1;
        self.0.changed.notify_all();
    }
}
