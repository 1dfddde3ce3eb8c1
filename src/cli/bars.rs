//! Progress bars, on a terminal's stderr.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::driver::{Progress, Silent};
use crate::units::MIB;

/// How often what has no end in sight shows that it goes on.
const TICK: Duration = Duration::from_millis(250);

/// A bar for each phase. In a pipe there are none.
#[derive(Debug, Default)]
pub(super) struct Bars {
    all: MultiProgress,
    phases: Mutex<HashMap<String, ProgressBar>>,
}

impl Bars {
    /// Bars where somebody sees them, else nothing.
    pub(super) fn on_stderr() -> Arc<dyn Progress> {
        if io::stderr().is_terminal() {
            Arc::new(Self::default())
        } else {
            Arc::new(Silent)
        }
    }

    fn begin(&self, phase: &str, total: u64) -> ProgressBar {
        let (bar, template) = if total == 0 {
            (ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}")
        } else {
            let template = if total >= MIB {
                "  {msg:12} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta}"
            } else {
                "  {msg:24} [{bar:32}] {percent:>3}% {elapsed}"
            };
            (ProgressBar::new(total), template)
        };
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let bar = self.all.add(bar.with_style(style));
        bar.set_message(phase.to_owned());
        if total == 0 {
            bar.enable_steady_tick(TICK);
        }
        bar
    }
}

impl Progress for Bars {
    fn report(&self, phase: &str, done: u64, total: u64) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = phases
            .entry(phase.to_owned())
            .or_insert_with(|| self.begin(phase, total));
        if total > 0 {
            bar.set_length(total);
        }
        bar.set_position(done);
        if total > 0 && done >= total {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        // What a person is to read comes next.
        let phases = self
            .phases
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for bar in phases.values() {
            bar.finish_and_clear();
        }
    }
}
