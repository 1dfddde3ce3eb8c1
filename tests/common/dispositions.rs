//! What the tests' children do at a signal, whatever the tests themselves were told to do.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use rustix::process::Signal;
use signal_hook::consts::{SIGINT, SIGQUIT};
use signal_hook::flag;

/// Lets Ctrl-C and Ctrl-\ reach the children where the tests run in a script's background: the shell has them
/// ignore both there, and a child would inherit that. What has a handler starts with the default.
pub(super) fn heed_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        for signal in [SIGINT, SIGQUIT] {
            flag::register_conditional_default(signal, Arc::clone(&always)).unwrap();
        }
    });
}

/// Whether this process ignores `signal`, and with it every program that it starts: under nohup nobody hears of a
/// hangup.
pub(crate) fn ignored_here(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap();
    mask & (1 << (signal.as_raw() - 1)) != 0
}
