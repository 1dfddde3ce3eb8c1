//! What the tests' children do at a signal, whatever the tests themselves were told to do.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// Lets Ctrl-C reach the children where the tests run in a script's background: the shell has them
/// ignore it there, and a child would inherit that. What has a handler starts with the default.
pub(super) fn heed_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        flag::register_conditional_default(SIGINT, always).unwrap();
    });
}
