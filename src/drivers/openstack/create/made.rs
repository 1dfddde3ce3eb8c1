//! A server that was made.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::drivers::openstack::api::compute::Server;

/// How long what was seen of it need not be asked for again.
const FRESH: Duration = Duration::from_secs(1);

/// A server that was made: its id, and what it was like a moment ago.
pub(super) struct Made {
    pub(super) id: String,
    seen: Cell<Option<(Instant, Server)>>,
}

impl Made {
    /// That of the `id`, as it was `seen` just now.
    pub(super) fn seen(id: String, seen: Option<Server>) -> Self {
        let seen = seen.map(|server| (Instant::now(), server));
        Self {
            id,
            seen: Cell::new(seen),
        }
    }

    /// What it is like, where that was not told already and is not long ago.
    pub(super) fn take(&self) -> Option<Server> {
        let (at, server) = self.seen.take()?;
        (at.elapsed() < FRESH).then_some(server)
    }
}
