//! A key pair that is made before it is wanted, for making one takes longer than all else that a creation does here.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::{KeyPair, RsaBits};
use crate::Result;

/// At most one pair, in the making or ready. Its private half is wiped from memory with whoever keeps it.
#[derive(Debug, Default)]
pub(crate) struct PairAhead(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    begun: Option<(RsaBits, JoinHandle<Result<KeyPair>>)>,
    /// How many were taken.
    taken: usize,
}

impl PairAhead {
    /// Begins a pair of `bits`, unless there is one.
    pub(crate) fn begin(&self, bits: RsaBits) {
        self.with(|state| state.begin(bits));
    }

    /// The pair of `bits` that was begun, once it is ready, or a new one.
    pub(crate) fn take(&self, bits: RsaBits) -> Result<KeyPair> {
        let begun = self.with(|state| {
            state.taken += 1;
            state.begun.take_if(|(of, _)| *of == bits)
        });
        let made = begun.and_then(|(_, making)| making.join().ok());
        made.unwrap_or_else(|| KeyPair::generate(bits))
    }

    /// A pair was taken, and the creation that it was for is over: whoever wanted two will want a third, for which
    /// one of `bits` then stands ready.
    pub(crate) fn restock(&self, bits: RsaBits) {
        self.with(|state| {
            if state.taken > 1 {
                state.begin(bits);
            }
        });
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn begin(&mut self, bits: RsaBits) {
        let has_it = self.begun.as_ref().is_some_and(|(of, _)| *of == bits);
        if !has_it {
            let making = thread::Builder::new().spawn(move || KeyPair::generate(bits));
            // without a thread it is made when it is wanted
            let begun = making.ok().map(|making| (bits, making));
            drop(mem::replace(&mut self.begun, begun));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands_ready(ahead: &PairAhead) -> Option<RsaBits> {
        ahead.with(|state| state.begun.as_ref().map(|(bits, _)| *bits))
    }

    #[test]
    fn a_pair_is_given_to_one_only_and_of_the_size_that_is_wanted() {
        let ahead = PairAhead::default();
        ahead.begin(RsaBits::Bits2048);
        ahead.begin(RsaBits::Bits2048);
        let [first, second] = [(); 2].map(|()| ahead.take(RsaBits::Bits2048).unwrap());
        assert!(!first.public().same_key(second.public()));
        ahead.begin(RsaBits::Bits3072);
        let other = ahead.take(RsaBits::Bits2048).unwrap();
        assert!(!other.public().same_key(second.public()));
        assert_eq!(stands_ready(&ahead), Some(RsaBits::Bits3072));
    }

    #[test]
    fn whoever_wants_one_pair_has_no_second_made() {
        let ahead = PairAhead::default();
        ahead.restock(RsaBits::Bits2048);
        ahead.begin(RsaBits::Bits2048);
        ahead.take(RsaBits::Bits2048).unwrap();
        ahead.restock(RsaBits::Bits2048);
        assert_eq!(stands_ready(&ahead), None);
        ahead.take(RsaBits::Bits2048).unwrap();
        ahead.restock(RsaBits::Bits2048);
        assert_eq!(stands_ready(&ahead), Some(RsaBits::Bits2048));
    }
}
