//! What tests of faults share: which of the points are tried, and what is said of them in the end.
//!
//! The points are counted in a run in which nothing happens, so that a new step of an operation is tried by itself.
//! A plain run tries a few of them; `VA_FAULTS=1`, which `make faults` sets, all.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The points of one operation.
pub(crate) struct Faults {
    operation: String,
    tried: usize,
    unclean: Vec<String>,
}

impl Faults {
    pub(crate) fn of(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            tried: 0,
            unclean: Vec::new(),
        }
    }

    pub(crate) fn all_are_tried() -> bool {
        std::env::var_os("VA_FAULTS").is_some()
    }

    /// Has `try_it` try each of `points` with each of `kinds`; in a plain run `few` of them, spread over all.
    pub(crate) fn each<P: Copy, K: Copy>(
        &mut self,
        points: &[P],
        kinds: &[K],
        few: usize,
        mut try_it: impl FnMut(usize, P, K),
    ) {
        let pairs = points
            .iter()
            .flat_map(|point| kinds.iter().map(move |kind| (*point, *kind)));
        let pairs: Vec<_> = pairs.collect();
        let step = match pairs.len() / few {
            _ if Self::all_are_tried() => 1,
            0 => 1,
            // with as many kinds in a row as there are
            step => step + usize::from(step % kinds.len() == 0),
        };
        for (number, (point, kind)) in pairs.into_iter().enumerate().step_by(step) {
            self.tried += 1;
            let outcome = catch_unwind(AssertUnwindSafe(|| try_it(number, point, kind)));
            if let Err(panic) = outcome {
                let said = panic.downcast_ref::<String>().cloned();
                self.unclean
                    .push(said.unwrap_or_else(|| "a panic".to_owned()));
            }
        }
    }

    /// Says how many were tried and clean.
    pub(crate) fn end(self) {
        let clean = self.tried - self.unclean.len();
        eprintln!(
            "faults in {}: {} points, {clean} clean",
            self.operation, self.tried
        );
        assert!(self.unclean.is_empty(), "{}", self.unclean.join("\n"));
    }
}
