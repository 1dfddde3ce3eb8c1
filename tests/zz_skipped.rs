//! Runs last, because cargo goes by the alphabet, and sums up which tests the others have skipped.
//!
//! It is no test itself. `cargo test --test NAME` leaves it out; the tests that were skipped then have
//! said so themselves.

use std::collections::BTreeMap;

#[path = "common/skipped.rs"]
#[allow(dead_code, reason = "nothing is skipped here")]
mod skipped;

fn main() {
    let mut counts = BTreeMap::<String, usize>::new();
    for reason in skipped::take() {
        *counts.entry(reason).or_default() += 1;
    }
    for (reason, count) in counts {
        let tests = if count == 1 { "test" } else { "tests" };
        println!("\n{count} {tests} SKIPPED: {reason}");
    }
}
