//! A reader that hashes what passes through it.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::Digest;

/// Reads from `source` and adds to a hash that its maker keeps.
pub(crate) struct Hashing<R, D> {
    source: R,
    hash: Arc<Mutex<D>>,
}

impl<R: Read, D: Digest> Hashing<R, D> {
    pub(crate) fn new(source: R, hash: Arc<Mutex<D>>) -> Self {
        Self { source, hash }
    }
}

impl<R: Read, D: Digest> Read for Hashing<R, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.source.read(buffer)?;
        self.hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .update(&buffer[..got]);
        Ok(got)
    }
}

/// What `hash` has come to, in hex.
pub(crate) fn hash_of<D: Digest + Clone>(hash: &Mutex<D>) -> String {
    let hash = hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
    hex::encode(hash.finalize())
}
