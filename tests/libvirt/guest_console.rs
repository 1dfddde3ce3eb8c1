//! What a guest of `tests/bed/guest` says on its serial console.

use std::thread;
use std::time::{Duration, Instant};

use crate::common::bed::Bed;

/// How long a guest has to say something: it takes seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until the console of `server` has said `words` for the `time`th time; the rest of the line.
pub(crate) fn hears_again(bed: &Bed, server: &str, words: &str, times: usize) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let console = bed.console(server);
        let mut found = console.lines().filter_map(|line| {
            let at = line.find(words)?;
            Some(line[at + words.len()..].trim().to_owned())
        });
        if let Some(rest) = found.nth(times - 1) {
            // The last line may still be on its way.
            if console.ends_with('\n') {
                return rest;
            }
        }
        assert!(
            Instant::now() < until,
            "{server} does not say {words:?} {times} times: {console}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// Waits until the console of `server` says `words`; the rest of the line.
pub(crate) fn hears(bed: &Bed, server: &str, words: &str) -> String {
    hears_again(bed, server, words, 1)
}

/// What the guest read from its seed: the members of its first line.
pub(crate) struct Seen(String);

impl Seen {
    /// Waits for it.
    pub(crate) fn by(bed: &Bed, server: &str) -> Self {
        Self(hears(bed, server, "va-guest: hostname=").replacen("", "hostname=", 1))
    }

    /// A member.
    pub(crate) fn get(&self, name: &str) -> &str {
        let prefix = format!("{name}=");
        self.0
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&prefix))
            .unwrap_or_else(|| panic!("no {name} in {}", self.0))
    }
}

/// Waits until virsh tells the state `state` of `server`.
pub(crate) fn comes_to(bed: &Bed, server: &str, state: &str) {
    let until = Instant::now() + PATIENCE;
    while bed.state(server) != state {
        assert!(Instant::now() < until, "{server} does not become {state}");
        thread::sleep(Duration::from_millis(100));
    }
}
