//! Progress, told at most so often.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use crate::driver::Progress;

/// The shortest time between two reports of the same phase.
const PAUSE: Duration = Duration::from_millis(100);

/// Passes reports on to `tell`, at most ten a second for each phase, and always the first and the
/// last of it.
pub(super) struct Throttled<F> {
    tell: F,
    phases: Mutex<IndexMap<String, Phase>>,
}

/// What is known of a phase.
struct Phase {
    told: Instant,
    /// The latest report, where it was not passed on.
    held: Option<(u64, u64)>,
}

impl<F: Fn(&str, u64, u64) + Send + Sync> Throttled<F> {
    pub(super) fn new(tell: F) -> Self {
        Self {
            tell,
            phases: Mutex::default(),
        }
    }

    /// Passes on what was held back: the work has ended.
    pub(super) fn finish(&self) {
        let mut phases = lock(&self.phases);
        for (name, phase) in &mut *phases {
            if let Some((done, total)) = phase.held.take() {
                (self.tell)(name, done, total);
            }
        }
    }

    fn report_at(&self, now: Instant, name: &str, done: u64, total: u64) {
        // Told under the lock, so that a phase never seems to go back.
        let mut phases = lock(&self.phases);
        let last = total > 0 && done >= total;
        match phases.get_mut(name) {
            Some(phase) if !last && now.duration_since(phase.told) < PAUSE => {
                phase.held = Some((done, total));
                return;
            }
            Some(phase) => {
                phase.told = now;
                phase.held = None;
            }
            None => {
                let held = None;
                phases.insert(name.to_owned(), Phase { told: now, held });
            }
        }
        (self.tell)(name, done, total);
    }
}

impl<F: Fn(&str, u64, u64) + Send + Sync> Progress for Throttled<F> {
    fn report(&self, phase: &str, done: u64, total: u64) {
        self.report_at(Instant::now(), phase, done, total);
    }
}

impl<F> fmt::Debug for Throttled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttled").finish_non_exhaustive()
    }
}

/// The lock, also where a panic left it: what it guards is never half written.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reports: &[(u64, &str, u64, u64)]) -> Vec<(String, u64)> {
        let told = Mutex::new(Vec::new());
        let progress =
            Throttled::new(|phase: &str, done, _| lock(&told).push((phase.into(), done)));
        let start = Instant::now();
        for (millis, phase, done, total) in reports {
            progress.report_at(start + Duration::from_millis(*millis), phase, *done, *total);
        }
        progress.finish();
        told.into_inner().unwrap()
    }

    #[test]
    fn the_first_and_the_last_are_told_and_few_between() {
        let reports: Vec<_> = (0..=1000).map(|n| (n, "upload", n, 1000)).collect();
        let told = told(&reports);
        assert_eq!(told.first(), Some(&("upload".to_owned(), 0)));
        assert_eq!(told.last(), Some(&("upload".to_owned(), 1000)));
        assert!(told.len() <= 12, "{}", told.len());
    }

    #[test]
    fn the_last_of_a_phase_without_a_total_is_told_at_the_end() {
        assert_eq!(
            told(&[(0, "a", 0, 0), (1, "a", 7, 0), (2, "b", 1, 0)]),
            [("a".into(), 0), ("b".into(), 1), ("a".into(), 7)]
        );
    }

    #[test]
    fn a_phase_that_is_complete_is_not_told_twice() {
        assert_eq!(
            told(&[(0, "a", 0, 2), (1, "a", 1, 2), (2, "a", 2, 2)]),
            [("a".into(), 0), ("a".into(), 2)]
        );
    }
}
