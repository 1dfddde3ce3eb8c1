//! One libvirt connection, and what it is good for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use virt::connect::Connect;
use virt::storage_pool::StoragePool;

use super::worker;

/// How old a connection may become: certificates and rights are looked at when one is opened.
const OLDEST: Duration = Duration::from_secs(600);

/// Pools that were found, by name.
pub(super) type KnownPools = HashMap<String, Arc<Mutex<Option<(Arc<StoragePool>, Arc<Link>)>>>>;

/// One libvirt connection, closed where a dead peer holds up nobody.
pub(super) struct Link {
    /// There until the link is dropped.
    pub(super) connect: Option<Connect>,
    pub(super) host: String,
    pub(super) close_limit: Duration,
    pub(super) fitness: Fitness,
}

impl Link {
    pub(super) fn get(&self) -> &Connect {
        self.connect
            .as_ref()
            .expect("a link has its connection until it is dropped")
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let connect = self.connect.take();
        if let Err(error) = worker::run(&self.host, self.close_limit, move || drop(connect)) {
            tracing::debug!("closing a libvirt connection: {error:?}");
        }
    }
}

/// Whether a connection may serve further requests.
#[derive(Debug)]
pub(super) struct Fitness {
    opened: Instant,
    has_peer: bool,
    has_failed: AtomicBool,
}

impl Fitness {
    /// That of one just opened. Without a peer to be kept alive it costs nothing to open another.
    pub(super) fn new(has_peer: bool) -> Self {
        Self {
            opened: Instant::now(),
            has_peer,
            has_failed: AtomicBool::new(false),
        }
    }

    /// A call of it failed in a way that makes the connection suspect.
    pub(super) fn fail(&self) {
        self.has_failed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_fit(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.opened);
        self.has_peer && age < OLDEST && !self.has_failed.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_old_or_has_failed_is_not_kept() {
        let now = Instant::now();
        assert!(!Fitness::new(false).is_fit(now));
        let fitness = Fitness::new(true);
        assert!(fitness.is_fit(now));
        assert!(!fitness.is_fit(now + OLDEST + Duration::from_secs(1)));
        fitness.fail();
        assert!(!fitness.is_fit(now));
    }
}
