//! A reader that hashes what passes through it.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// Reads from `source` and adds to a hash that its maker keeps.
pub(super) struct Hashing<R> {
    source: R,
    hash: Arc<Mutex<Sha256>>,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(source: R, hash: Arc<Mutex<Sha256>>) -> Self {
        Self { source, hash }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.source.read(buffer)?;
        self.hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .update(&buffer[..got]);
        Ok(got)
    }
}
