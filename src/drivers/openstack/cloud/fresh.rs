//! What is known to be there: a 404 about it is believed only where it stays.
//!
//! The hosts of a service do not all know at once what one of them has made, so that the first looks at
//! it may find nothing, and taking that for the truth would take a healthy server apart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Result;
use crate::drivers::openstack::http::Request;

/// The pauses before what is known to be there is asked for again.
pub(super) const PAUSES: [Duration; 4] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// The ids of what was made or seen over a connection.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<HashMap<String, State>>);

#[derive(Debug, PartialEq, Eq)]
enum State {
    There,
    /// Its end was asked for, which no later look makes unasked.
    Ends,
}

impl Fresh {
    /// `id` is there.
    pub(super) fn seen(&self, id: &str) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.entry(id.to_owned()).or_insert(State::There);
    }

    /// From now on `id` may go at any time.
    pub(super) fn ends(&self, id: &str) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.insert(id.to_owned(), State::Ends);
    }

    /// What `ask` finds of `id`. Where it finds nothing and it is `shown` elsewhere, it is asked again, and nothing is
    /// believed only where it stays: whoever says that a thing is not there may be wrong, and what is taken for gone is
    /// looked for by nobody any more.
    pub(super) fn doubt<T>(
        &self,
        id: &str,
        ask: impl Fn() -> Result<Option<T>>,
        shown: impl FnOnce() -> Result<bool>,
    ) -> Result<Option<T>> {
        match ask()? {
            None if shown()? => {
                self.seen(id);
                ask()
            }
            found => Ok(found),
        }
    }

    /// Whether `request` names something that is there, in its path or its body.
    pub(super) fn is_about(&self, request: &Request) -> bool {
        let ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter()
            .any(|(id, state)| *state == State::There && request.names(id))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;

    const ID: &str = "0b1c";

    fn get(path: &str) -> Request {
        Request::get(format!("http://cloud{path}").parse().unwrap())
    }

    #[test]
    fn what_is_there_is_known_by_path_and_body() {
        let fresh = Fresh::default();
        assert!(!fresh.is_about(&get("/servers/0b1c")));
        fresh.seen(ID);
        assert!(fresh.is_about(&get("/servers/0b1c")));
        assert!(fresh.is_about(&get("/servers/0b1c/action")));
        assert!(!fresh.is_about(&get("/servers/other")));
        let body = get("/floatingips").json(&json!({"floatingip": {"port_id": ID}}));
        assert!(fresh.is_about(&body.unwrap()));
    }

    #[test]
    fn what_ends_is_not_there_again() {
        let fresh = Fresh::default();
        fresh.seen(ID);
        fresh.ends(ID);
        fresh.seen(ID);
        assert!(!fresh.is_about(&get("/servers/0b1c")));
    }

    #[test]
    fn what_is_not_found_is_asked_again_where_it_is_shown() {
        for (shown, asked, known) in [(true, 2, true), (false, 1, false)] {
            let (fresh, count) = (Fresh::default(), Cell::new(0));
            let ask = || {
                count.set(count.get() + 1);
                Ok((count.get() == 2).then_some(()))
            };
            let found = fresh.doubt(ID, ask, || Ok(shown)).unwrap();
            assert_eq!((found.is_some(), count.get()), (shown, asked));
            assert_eq!(fresh.is_about(&get("/servers/0b1c")), known);
        }
        let fresh = Fresh::default();
        let found = fresh.doubt(ID, || Ok(Some(())), || panic!("it is found"));
        assert_eq!(found.unwrap(), Some(()));
    }
}
