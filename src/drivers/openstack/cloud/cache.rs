//! Clouds that this process is logged in to, so that the calls of a session, and questions that are
//! asked side by side, share one login. It is kept in memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use super::session::{Session, wait_for};
use crate::Result;
use crate::drivers::openstack::http::TimeLimit;
use crate::drivers::openstack::settings::Settings;

/// How many are kept. A master has a handful of clouds.
const MOST: usize = 32;

/// A digest of all that a login depends on.
type Key = [u8; 32];

/// Where the login of one key stands, or will stand once it is made.
#[derive(Debug)]
struct Slot {
    used: Instant,
    session: Arc<Mutex<Option<Arc<Session>>>>,
}

fn slots() -> MutexGuard<'static, HashMap<Key, Slot>> {
    static SLOTS: OnceLock<Mutex<HashMap<Key, Slot>>> = OnceLock::new();
    let slots = SLOTS.get_or_init(Mutex::default);
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The login that `settings` mean, and whether it was there already. Who asks for the same one at the
/// same time waits for it.
pub(super) fn session(settings: &Settings, limit: &TimeLimit) -> Result<(Arc<Session>, bool)> {
    let slot = slot(settings.login_key());
    let mut kept = wait_for(&slot, limit)?;
    if let Some(session) = kept.as_ref() {
        return Ok((session.clone(), true));
    }
    let session = Arc::new(Session::open(settings, limit)?);
    *kept = Some(session.clone());
    Ok((session, false))
}

fn slot(key: Key) -> Arc<Mutex<Option<Arc<Session>>>> {
    let mut slots = slots();
    if slots.len() >= MOST && !slots.contains_key(&key) {
        let oldest = slots.iter().min_by_key(|(_, slot)| slot.used);
        if let Some(oldest) = oldest.map(|(key, _)| *key) {
            slots.remove(&oldest);
        }
    }
    let slot = slots.entry(key).or_insert_with(|| Slot {
        used: Instant::now(),
        session: Arc::default(),
    });
    slot.used = Instant::now();
    slot.session.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let key = |number: usize| {
            let mut key = [0xee; 32];
            key[..8].copy_from_slice(&(number as u64).to_le_bytes());
            key
        };
        let first = slot(key(0));
        assert!(Arc::ptr_eq(&first, &slot(key(0))));
        for number in 1..=2 * MOST {
            slot(key(number));
        }
        assert!(slots().len() <= MOST);
        assert!(!Arc::ptr_eq(&first, &slot(key(0))));
    }
}
