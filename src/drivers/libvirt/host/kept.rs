//! Connections that a session keeps from one request to the next. A program that does one thing and ends
//! keeps none.
//!
//! A connection is lent to one request at a time, so that what hangs or is given up there holds up no other.
//! It serves only whoever says the same of the host and of who they are, and only once the host has answered
//! on it again: one that has died meanwhile is replaced unseen.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::link::Link;
use super::{Credentials, HostUri};
use crate::transaction::HostId;

/// How many connections are kept that nobody uses, and how many of them with one host.
const MOST: usize = 64;
const MOST_EACH: usize = 4;
/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(60);

/// Whom a connection is with, and as whom.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Peer {
    pub(super) uri: HostUri,
    pub(super) credentials: Credentials,
}

/// A connection, and which host it leads to once somebody has asked.
pub(super) struct Kept {
    pub(super) link: Arc<Link>,
    pub(super) id: OnceLock<HostId>,
}

/// For as long as one of these lives, connections are kept.
#[derive(Debug)]
pub(crate) struct Keeping(());

/// What nobody uses at the moment, the latest last.
struct Shelf<T> {
    idle: Vec<Idle<T>>,
    /// How many [`Keeping`] there are.
    keepers: usize,
    /// Whether a thread takes away what is not used.
    is_swept: bool,
}

struct Idle<T> {
    peer: Peer,
    kept: T,
    since: Instant,
}

static SHELF: Mutex<Shelf<Kept>> = Mutex::new(Shelf::new());

fn shelf() -> MutexGuard<'static, Shelf<Kept>> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps connections until the answer is dropped.
pub(crate) fn keep() -> Keeping {
    shelf().keepers += 1;
    Keeping(())
}

impl Drop for Keeping {
    fn drop(&mut self) {
        let mut shelf = shelf();
        shelf.keepers -= 1;
        if shelf.keepers > 0 {
            return;
        }
        let all = std::mem::take(&mut shelf.idle);
        drop(shelf);
        // side by side: a host that does not answer has its time for that, too
        thread::scope(|scope| {
            for idle in all {
                let _ = thread::Builder::new().spawn_scoped(scope, move || drop(idle));
            }
        });
    }
}

/// A connection with `peer` that was kept, and that `answers`.
pub(super) fn take(peer: &Peer, answers: impl FnOnce(&Arc<Link>) -> bool) -> Option<Kept> {
    let kept = shelf().take(peer)?;
    if answers(&kept.link) {
        return Some(kept);
    }
    // where one is dead the others will be
    let others = shelf().take_all(peer);
    tracing::debug!(
        "{} connections kept with {} are dead",
        others.len() + 1,
        peer.uri
    );
    None
}

/// Keeps `link`, a connection with `peer` that nobody needs any more, where that is wanted and it is fit for it.
pub(super) fn put(peer: &Peer, link: &Arc<Link>, id: OnceLock<HostId>) {
    // what still works on it was given up
    let is_free = Arc::strong_count(link) == 1;
    if !is_free || !link.fitness.is_fit(Instant::now()) {
        return;
    }
    let mut shelf = shelf();
    if shelf.keepers == 0 {
        return;
    }
    let kept = Kept {
        link: Arc::clone(link),
        id,
    };
    let surplus = shelf.put(peer, kept, Instant::now());
    if !shelf.is_swept {
        let sweeper = thread::Builder::new().name("libvirt-kept".to_owned());
        shelf.is_swept = sweeper.spawn(sweep).is_ok();
    }
    drop(shelf);
    drop(surplus);
}

/// Closes what is not used for too long, until there is nothing left.
fn sweep() {
    loop {
        let mut shelf = shelf();
        let old = shelf.take_old(Instant::now());
        let next = shelf.idle.first().map(|idle| idle.since + IDLE);
        shelf.is_swept = next.is_some();
        drop(shelf);
        drop(old);
        match next {
            Some(next) => thread::sleep(next.saturating_duration_since(Instant::now())),
            None => return,
        }
    }
}

impl<T> Shelf<T> {
    const fn new() -> Self {
        Self {
            idle: Vec::new(),
            keepers: 0,
            is_swept: false,
        }
    }

    fn take(&mut self, peer: &Peer) -> Option<T> {
        let at = self.idle.iter().rposition(|idle| idle.peer == *peer)?;
        Some(self.idle.remove(at).kept)
    }

    fn take_all(&mut self, peer: &Peer) -> Vec<Idle<T>> {
        self.idle
            .extract_if(.., |idle| idle.peer == *peer)
            .collect()
    }

    fn take_old(&mut self, now: Instant) -> Vec<Idle<T>> {
        let is_old = |idle: &mut Idle<T>| now.saturating_duration_since(idle.since) >= IDLE;
        self.idle.extract_if(.., is_old).collect()
    }

    /// Keeps one more; answers the one that there is no room for any longer.
    fn put(&mut self, peer: &Peer, kept: T, now: Instant) -> Option<Idle<T>> {
        let same = self.idle.iter().filter(|idle| idle.peer == *peer).count();
        let surplus = if same >= MOST_EACH {
            self.idle.iter().position(|idle| idle.peer == *peer)
        } else {
            (self.idle.len() >= MOST).then_some(0)
        };
        let surplus = surplus.map(|at| self.idle.remove(at));
        self.idle.push(Idle {
            peer: peer.clone(),
            kept,
            since: now,
        });
        surplus
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fields;
    use super::*;
    use crate::Secret;

    fn peer(host: usize, password: &str) -> Peer {
        let uri = format!("qemu+tls://kvm{host}.example/system");
        Peer {
            uri: HostUri::new(&Fields {
                uri: Some(&uri),
                ..Fields::default()
            })
            .unwrap(),
            credentials: Credentials {
                username: Some("master".to_owned()),
                password: Some(Secret::new(password.to_owned())),
            },
        }
    }

    #[test]
    fn a_connection_serves_only_the_same_user_of_the_same_host() {
        let mut shelf = Shelf::new();
        let now = Instant::now();
        shelf.put(&peer(1, "a"), 1, now);
        assert_eq!(shelf.take(&peer(2, "a")), None);
        assert_eq!(shelf.take(&peer(1, "b")), None);
        assert_eq!(shelf.take(&peer(1, "a")), Some(1));
        assert_eq!(shelf.take(&peer(1, "a")), None, "it is lent");
    }

    #[test]
    fn no_more_connections_are_kept_than_allowed_and_none_for_too_long() {
        let mut shelf = Shelf::new();
        let now = Instant::now();
        for host in 0..2 * MOST {
            shelf.put(&peer(host, "a"), host, now);
        }
        assert_eq!(shelf.idle.len(), MOST);
        assert_eq!(shelf.take(&peer(0, "a")), None, "the oldest has gone");
        for number in 0..2 * MOST_EACH {
            shelf.put(&peer(2 * MOST, "a"), number, now + IDLE / 2);
        }
        assert_eq!(shelf.idle.len(), MOST);
        assert!(shelf.take_old(now + IDLE / 2).is_empty());
        assert_eq!(shelf.take_old(now + IDLE).len(), MOST - MOST_EACH);
        assert_eq!(shelf.take_all(&peer(2 * MOST, "a")).len(), MOST_EACH);
    }
}
