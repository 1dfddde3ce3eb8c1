//! How much may run at once.

use std::sync::{Arc, Condvar, Mutex};

use crate::rpc::progress::lock;

/// Counts what runs: it holds back what would be too much, and tells when nothing runs any more.
#[derive(Debug)]
pub(super) struct Gate {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    reading: usize,
}

/// Held by a running request.
#[derive(Debug)]
pub(super) struct Permit(Arc<Gate>);

/// Held while a line that was read is turned into requests.
#[derive(Debug)]
pub(super) struct Reading(Arc<Gate>);

impl Gate {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Waits until one more may run.
    pub(super) fn enter(self: &Arc<Self>) -> Permit {
        let mut state = lock(&self.state);
        while state.running >= self.limit {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        state.running += 1;
        Permit(Arc::clone(self))
    }

    /// A line was read: it is not idle before its requests run.
    pub(super) fn read(self: &Arc<Self>) -> Reading {
        lock(&self.state).reading += 1;
        Reading(Arc::clone(self))
    }

    /// Waits until nothing runs and no line waits.
    pub(super) fn wait_until_idle(&self) {
        let mut state = lock(&self.state);
        while state.running + state.reading > 0 {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        lock(&self.0.state).running -= 1;
        self.0.changed.notify_all();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        lock(&self.0.state).reading -= 1;
        self.0.changed.notify_all();
    }
}
