//! What tests of faults share: which of the points are tried, and what is said of them in the end.
//!
//! The points are counted in a run in which nothing happens, so that a new step of an operation is tried by itself.
//! A plain run tries a few of them; `VA_FAULTS=all`, which `make faults` sets, all; `VA_FAULTS=rebuild` all of the
//! operations whose name has this word.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

/// What is done while something happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Delete,
    Import,
    Resize,
    Recover,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] = [
        Self::Create,
        Self::Delete,
        Self::Import,
        Self::Resize,
        Self::Recover,
    ];

    /// For names of servers and images.
    pub(crate) fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// The answer, where the program lived to say it.
pub(crate) type Answer = Option<Result<Value, Value>>;

/// What a response says.
pub(crate) fn said(mut response: Value) -> Result<Value, Value> {
    match response.get("error") {
        Some(_) => Err(response["error"].take()),
        None => Ok(response["result"].take()),
    }
}

/// Whether an error names what is left, which it must where it was carried out in part.
pub(crate) fn names_what_is_left(answer: &Answer, when: &str) -> bool {
    let Some(Err(error)) = answer else {
        return false;
    };
    let left = error["data"]["left_behind"].as_array();
    let is_named = left.is_some_and(|left| !left.is_empty());
    // of what stays because it is whole, or another's, the cause is told as it is
    let is_partial = error["data"]["kind"] == "partial_failure";
    assert!(!is_partial || is_named, "{when}: {error:#}");
    is_named
}

/// The points of one operation.
pub(crate) struct Faults {
    operation: String,
    /// How many are tried side by side.
    at_once: usize,
    tried: usize,
    unclean: Vec<String>,
}

impl Faults {
    pub(crate) fn of(operation: &str, at_once: usize) -> Self {
        Self {
            operation: operation.to_owned(),
            at_once,
            tried: 0,
            unclean: Vec::new(),
        }
    }

    /// Whether all points of this operation are tried.
    pub(crate) fn all_are_tried(&self) -> bool {
        std::env::var("VA_FAULTS")
            .is_ok_and(|wanted| wanted == "all" || self.operation.contains(&wanted))
    }

    /// Has `try_it` try each of `points` with each of `kinds`; in a plain run `few` of them, spread over all.
    pub(crate) fn each<P, K>(
        &mut self,
        points: &[P],
        kinds: &[K],
        few: usize,
        try_it: impl Fn(usize, P, K) + Sync,
    ) where
        P: Copy + Sync,
        K: Copy + Sync,
    {
        let pairs = points
            .iter()
            .flat_map(|point| kinds.iter().map(move |kind| (*point, *kind)));
        let pairs: Vec<_> = pairs.collect();
        let step = match pairs.len() / few.max(1) {
            _ if self.all_are_tried() => 1,
            0 => 1,
            // with as many kinds in a row as there are
            step => step + usize::from(step % kinds.len() == 0),
        };
        let chosen: Vec<_> = pairs.into_iter().enumerate().step_by(step).collect();
        let next = AtomicUsize::new(0);
        let unclean = Mutex::new(&mut self.unclean);
        thread::scope(|scope| {
            for _ in 0..self.at_once {
                scope.spawn(|| {
                    while let Some((number, (point, kind))) =
                        chosen.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let tried = || try_it(*number, *point, *kind);
                        let Err(panic) = catch_unwind(AssertUnwindSafe(tried)) else {
                            continue;
                        };
                        let said = panic.downcast_ref::<String>().cloned();
                        let said = said.unwrap_or_else(|| "a panic".to_owned());
                        unclean.lock().unwrap().push(said);
                    }
                });
            }
        });
        self.tried += chosen.len();
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
