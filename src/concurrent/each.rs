//! The same for each of many, several at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{joined, spawn};

/// How many questions that do not wait for each other are asked of a host at once.
pub(crate) const AT_ONCE: usize = 8;

/// Calls `f` with each of `all`, [`AT_ONCE`] of them side by side; what it yields, in their order.
pub(crate) fn each<A: Sync, B: Send + Sync>(all: &[A], f: impl Fn(&A) -> B + Sync) -> Vec<B> {
    let done: Vec<OnceLock<B>> = all.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { return };
            // nobody else has this one
            let _ = done[at].set(f(one));
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..AT_ONCE.min(all.len()))
            .map(|_| spawn(scope, work))
            .collect();
        work();
        others.into_iter().for_each(joined);
    });
    done.into_iter().filter_map(OnceLock::into_inner).collect()
}
