//! What a caller wants of a creation beyond the server, and what that came to.

use crate::driver::{CreateOptions, Deleted, Server, Status, WaitFor};
use crate::drivers::minion::PATIENCE;
use crate::{Error, Kind, Result};

/// What is asked for beyond the server must fit to it.
pub(super) fn check_options(has_minion: bool, options: CreateOptions) -> Result<()> {
    let for_minion = options.wait == Some(WaitFor::Minion);
    if for_minion && !has_minion {
        return Err(Error::invalid(
            "/wait",
            "there is no minion to wait for; the server has none",
        ));
    }
    if options.seal && !for_minion {
        return Err(Error::invalid(
            "/seal",
            "the private key can be taken off the seed only once the minion has started: ask for \
             wait: minion as well, or do the action seal later",
        ));
    }
    Ok(())
}

/// Whether a server that existed already is as far as `options` ask, as far as can be seen now.
pub(super) fn has_reached(server: &Server, options: CreateOptions) -> bool {
    match options.wait.unwrap_or(WaitFor::Running) {
        WaitFor::Defined => true,
        WaitFor::Running | WaitFor::Minion => server.status == Status::Active,
        WaitFor::Address => !server.ip.is_empty(),
    }
}

/// Whether the server `name` got as far as was `waited` for. What went wrong in the wait is a warning,
/// because the server exists; only an interruption stays an error.
pub(in crate::drivers) fn readiness(
    name: &str,
    waited: Result<bool>,
    options: CreateOptions,
    warnings: &mut Vec<String>,
) -> Result<bool> {
    match waited {
        Ok(ready) => {
            if !ready {
                let wait = options.wait.unwrap_or(WaitFor::Running);
                warnings.push(not_ready(name, wait, options.timeout));
            }
            Ok(ready)
        }
        Err(error) if error.kind() == Kind::Cancelled => Err(error),
        Err(error) => {
            warnings.push(format!("{name} exists but waiting for it failed: {error}"));
            Ok(false)
        }
    }
}

/// What is said of the server `name` that was not as far as `wait` in time.
pub(super) fn not_ready(name: &str, wait: WaitFor, timeout: Option<u64>) -> String {
    let seconds = timeout.unwrap_or(PATIENCE);
    match wait {
        WaitFor::Defined | WaitFor::Running => {
            format!("{name} exists but did not run within {seconds} seconds; it may still")
        }
        WaitFor::Address => format!(
            "{name} exists but had no address within {seconds} seconds: look at the guest's console, \
             and whether its network gives addresses"
        ),
        WaitFor::Minion => format!(
            "{name} exists but its minion was not heard in time ({seconds} seconds): look at the \
             guest's console, and whether the master runs"
        ),
    }
}

/// The answer to a caller who did not want the server `name` any more: what its deletion came to.
pub(in crate::drivers) fn interrupted(deleted: Result<Deleted>, name: &str) -> Error {
    match deleted {
        Ok(_) => Error::new(
            Kind::Cancelled,
            "interrupted; what was made has been removed again",
        ),
        Err(undo) => Error::new(
            Kind::PartialFailure,
            format!("interrupted, and {name} could not be removed again"),
        )
        .with_source(undo.message())
        .with_left_behind(undo.left_behind().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::readiness;
    use crate::driver::{CreateOptions, WaitFor};
    use crate::{Error, Kind};

    fn for_(wait: WaitFor) -> CreateOptions {
        CreateOptions {
            wait: Some(wait),
            timeout: Some(3),
            seal: false,
        }
    }

    #[test]
    fn a_wait_that_failed_is_a_warning_that_names_the_server() {
        let mut warnings = Vec::new();
        let failed = Err(Error::new(Kind::ConnectionFailed, "no route"));
        for (waited, wait) in [
            (Ok(false), WaitFor::Minion),
            (Ok(false), WaitFor::Address),
            (failed, WaitFor::Address),
        ] {
            let ready = readiness("web-1", waited, for_(wait), &mut warnings);
            assert_eq!(ready, Ok(false));
        }
        assert_eq!(
            warnings,
            [
                "web-1 exists but its minion was not heard in time (3 seconds): look at the guest's \
                 console, and whether the master runs",
                "web-1 exists but had no address within 3 seconds: look at the guest's console, and \
                 whether its network gives addresses",
                "web-1 exists but waiting for it failed: no route",
            ]
        );
        let interrupted = Err(Error::new(Kind::Cancelled, "interrupted"));
        assert!(readiness("web-1", interrupted, for_(WaitFor::Minion), &mut warnings).is_err());
    }
}
