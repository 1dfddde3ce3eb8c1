//! Several things at once, and the wait for one.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::Result;
use crate::transaction::Cancel;

mod gate;

pub(crate) use gate::{Gate, Permit};

/// What two questions yield that do not wait for each other.
pub(crate) fn both<A: Send, B>(
    ask: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    thread::scope(|scope| {
        let asked = spawn(scope, ask);
        let other = other();
        (joined(asked), other)
    })
}

/// How many questions of one request are asked at once, or how many requests are done side by side.
pub(crate) const AT_ONCE: usize = 8;

/// What `ask` yields for each of `all`, in their order. At most `at_once` are asked side by side.
pub(crate) fn each<I: Sync, T: Send>(
    all: &[I],
    at_once: usize,
    ask: impl Fn(&I) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = all.get(index) else {
                return done;
            };
            done.push((index, ask(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let helpers = 1..at_once.min(all.len());
        let helpers: Vec<_> = helpers.map(|_| spawn(scope, work)).collect();
        let mut done = work();
        done.extend(helpers.into_iter().flat_map(joined));
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, yielded)| yielded).collect()
}

/// A thread of `scope` whose log lines belong to the caller's call.
pub(crate) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    ask: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let span = tracing::Span::current();
    scope.spawn(move || span.in_scope(ask))
}

/// What a thread of a scope yields; its panic goes on in the caller.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// What a look at something that is waited for has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look<T, W = ()> {
    /// It is there.
    There(T),
    /// It is not yet there, and why, such as the error or the state that was seen.
    NotYet(W),
}

/// How long the pauses between two looks are: the first, each further one twice the one before, and
/// none longer than `longest`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

/// How long a wait may go on without seeing whether it is still wanted.
pub(crate) const LISTEN: Duration = Duration::from_millis(25);
/// How often the log says that the wait goes on.
const TELL: Duration = Duration::from_secs(60);

/// Looks again and again until `what` is there: once at least, and a last time at the end of `limit`.
/// The outcome is [`Look::NotYet`] then, with what that last look has found.
///
/// `look` is told how long the wait has lasted; an error of it ends the wait. So does `cancel`, in a
/// pause too: give none where there is no way back.
pub(crate) fn wait_until<T, W>(
    cancel: Option<&Cancel>,
    limit: Duration,
    backoff: Backoff,
    what: &str,
    look: impl FnMut(Duration) -> Result<Look<T, W>>,
) -> Result<Look<T, W>> {
    let course = Course::new(limit, backoff);
    wait_by(&mut Real(Instant::now()), cancel, course, what, look)
}

/// A clock that begins with a wait.
trait Clock {
    fn waited(&self) -> Duration;
    fn sleep(&mut self, length: Duration);
}

struct Real(Instant);

impl Clock for Real {
    fn waited(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&mut self, length: Duration) {
        thread::sleep(length);
    }
}

fn wait_by<T, W>(
    clock: &mut impl Clock,
    cancel: Option<&Cancel>,
    mut course: Course,
    what: &str,
    mut look: impl FnMut(Duration) -> Result<Look<T, W>>,
) -> Result<Look<T, W>> {
    loop {
        cancel.map_or(Ok(()), Cancel::check)?;
        let seen = look(clock.waited())?;
        let waited = clock.waited();
        if matches!(seen, Look::There(_)) || course.is_over(waited) {
            return Ok(seen);
        }
        if course.is_to_tell(waited) {
            tracing::info!(seconds = waited.as_secs(), "still waiting for {what}");
        }
        let end = waited + course.pause(waited);
        while let Some(left) = end
            .checked_sub(clock.waited())
            .filter(|left| !left.is_zero())
        {
            cancel.map_or(Ok(()), Cancel::check)?;
            clock.sleep(cancel.map_or(left, |_| left.min(LISTEN)));
        }
    }
}

/// The course of a wait: what comes next, by how long it has lasted.
struct Course {
    limit: Duration,
    backoff: Backoff,
    next: Duration,
    told: Duration,
}

impl Course {
    fn new(limit: Duration, backoff: Backoff) -> Self {
        Self {
            limit,
            backoff,
            next: backoff.first,
            told: Duration::ZERO,
        }
    }

    fn is_over(&self, waited: Duration) -> bool {
        waited >= self.limit
    }

    /// Whether to say now that it goes on.
    fn is_to_tell(&mut self, waited: Duration) -> bool {
        let is_due = waited.saturating_sub(self.told) >= TELL;
        if is_due {
            self.told = waited;
        }
        is_due
    }

    /// The pause before the next look, which ends with the wait at the latest.
    fn pause(&mut self, waited: Duration) -> Duration {
        let pause = self.next.min(self.backoff.longest);
        self.next = pause * 2;
        pause.min(self.limit.saturating_sub(waited))
    }
}

#[cfg(test)]
mod tests;
