//! What a caller wants of a creation beyond the server.

use crate::driver::{CreateOptions, Server, Status, WaitFor};
use crate::{Error, Result};

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

/// Whether a server that stood already is as far as `options` ask, as far as can be seen now.
pub(super) fn is_ready(server: &Server, options: CreateOptions) -> bool {
    match options.wait.unwrap_or(WaitFor::Running) {
        WaitFor::Defined => true,
        WaitFor::Running | WaitFor::Minion => server.status == Status::Active,
        WaitFor::Address => !server.ip.is_empty(),
    }
}
