//! Requests that do not wait for each other.

use std::thread::ScopedJoinHandle;

/// What a thread of a scope answers; its panic goes on in the caller.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
