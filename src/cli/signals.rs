//! Signals that ask a running call to end.

use std::thread;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::plain_file;

/// The exit code of a program that ended because of `signal`, as shells know it.
pub(super) fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// Sees that no core of this program, or of a child of it, is ever written: it would hold the secrets
/// that are in memory.
pub(super) fn no_core_dumps() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let limited = setrlimit(Resource::Core, none);
    // whoever takes cores by a pipe does not ask for the limit
    let switched_off = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if let Err(error) = limited.and(switched_off) {
        tracing::warn!(%error, "a crash may write a core that holds secrets");
    }
}

/// Calls `tell` when SIGINT, SIGTERM or SIGHUP comes, unless the program was started with that
/// signal ignored (`nohup`, a shell's background). The first asks for an end, the second is
/// answered by a word, the third ends the program at once; what it leaves is in its journal.
pub(super) fn watch(tell: impl Fn(i32) + Send + 'static) {
    let ignored = ignored();
    let wanted = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let mut signals = match Signals::new(wanted) {
        Ok(signals) => signals,
        Err(error) => {
            tracing::warn!(%error, "signals end this program without undoing what it does");
            return;
        }
    };
    let spawned = thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for (count, signal) in signals.forever().enumerate() {
                match count {
                    0 => tell(signal),
                    1 => tracing::warn!(
                        "what was done is being undone; a third signal ends the program at once, and \
                         `va-driver server recover` removes what it leaves"
                    ),
                    _ => std::process::exit(exit_code(signal).into()),
                }
            }
        });
    if let Err(error) = spawned {
        tracing::warn!(%error, "no thread to wait for signals");
    }
}

/// The signals that are ignored, a bit each, as the kernel tells it; none where it does not.
fn ignored() -> u64 {
    plain_file::text("/proc/self/status".as_ref(), plain_file::LONGEST)
        .ok()
        .and_then(|status| mask_of(&status))
        .unwrap_or_default()
}

fn mask_of(status: &str) -> Option<u64> {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tva-driver\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        let mask = mask_of(status).unwrap();
        assert_eq!(mask & (1 << (SIGHUP - 1)), 1);
        assert_eq!(mask & (1 << (SIGINT - 1)), 0);
        assert_eq!(mask_of("nothing"), None);
    }

    #[test]
    fn exit_codes_are_those_of_shells() {
        assert_eq!([SIGINT, SIGTERM, SIGHUP].map(exit_code), [130, 143, 129]);
    }
}
