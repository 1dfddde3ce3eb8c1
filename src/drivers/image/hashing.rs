//! Readers that hash what passes through them.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use sha2::Digest;

use super::unpack::read_full;
use crate::units::{KIB, length};

/// Reads from `source` and adds to a hash that its maker keeps.
pub(crate) struct Hashing<R, D> {
    source: R,
    hash: Arc<Mutex<D>>,
}

impl<R: Read, D: Digest> Hashing<R, D> {
    /// `hash` begins anew.
    pub(crate) fn new(source: R, hash: Arc<Mutex<D>>) -> Self {
        *hash.lock().unwrap_or_else(PoisonError::into_inner) = D::new();
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

/// How much is read at once, and how many such blocks wait for whoever takes them.
const BLOCK: usize = length(256 * KIB);
const AHEAD: usize = 2;

/// What a thread of its own reads, a little ahead, while another one hashes it: reading, hashing and what is done
/// with the data overlap.
pub(crate) struct Ahead {
    blocks: Receiver<io::Result<Arc<Vec<u8>>>>,
    block: Cursor<Block>,
}

/// The hash of all that is read, once that has come to its end.
pub(crate) struct Hash<D>(JoinHandle<D>);

struct Block(Arc<Vec<u8>>);

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Reads `source` ahead, and hashes it. The threads end with it, or once nobody takes what they read.
///
/// # Errors
/// Where the system has no thread left.
pub(crate) fn ahead<D: Digest + Send + 'static>(
    source: impl Read + Send + 'static,
) -> io::Result<(Ahead, Hash<D>)> {
    let (sender, blocks) = sync_channel(AHEAD);
    let (to_hash, hashed) = sync_channel::<Arc<Vec<u8>>>(AHEAD);
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    let hash = named("hash").spawn(move || {
        let mut hash = D::new();
        for block in hashed {
            hash.update(&*block);
        }
        hash
    })?;
    named("read ahead").spawn(move || read_all(source, &sender, &to_hash))?;
    let block = Cursor::new(Block(Arc::default()));
    Ok((Ahead { blocks, block }, Hash(hash)))
}

fn read_all(
    mut source: impl Read,
    taker: &SyncSender<io::Result<Arc<Vec<u8>>>>,
    hash: &SyncSender<Arc<Vec<u8>>>,
) {
    loop {
        let mut block = vec![0; BLOCK];
        let read = read_full(&mut source, &mut block).map(|got| {
            block.truncate(got);
            Arc::new(block)
        });
        if let Ok(block) = &read {
            let is_end = block.is_empty();
            if is_end || hash.send(Arc::clone(block)).is_err() {
                return;
            }
        }
        let has_failed = read.is_err();
        if taker.send(read).is_err() || has_failed {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let got = self.block.read(buffer)?;
            if got > 0 || buffer.is_empty() {
                return Ok(got);
            }
            match self.blocks.recv() {
                Ok(block) => self.block = Cursor::new(Block(block?)),
                Err(_) => return Ok(0),
            }
        }
    }
}

impl<D: Digest> Hash<D> {
    /// The hash, in hex.
    pub(crate) fn finish(self) -> io::Result<String> {
        let hash = self.0.join();
        hash.map(|hash| hex::encode(hash.finalize()))
            .map_err(|_| io::Error::other("the thread that hashes has panicked"))
    }
}

#[cfg(test)]
mod tests {
    use sha2::Sha256;

    use super::*;

    /// Ends with an error once it has been read.
    struct Breaks(Cursor<Vec<u8>>);

    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("it broke")),
                got => Ok(got),
            }
        }
    }

    #[test]
    fn what_is_read_ahead_is_the_same_and_so_is_its_hash() {
        for size in [0, 1, BLOCK, 5 * BLOCK + 7] {
            let data: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let (mut ahead, hash) = ahead::<Sha256>(Cursor::new(data.clone())).unwrap();
            let mut read = Vec::new();
            ahead.read_to_end(&mut read).unwrap();
            assert_eq!(read, data);
            assert_eq!(hash.finish().unwrap(), hex::encode(Sha256::digest(&data)));
        }
    }

    #[test]
    fn an_error_comes_after_what_was_read_before_it() {
        let data = Breaks(Cursor::new(vec![1; BLOCK]));
        let (mut ahead, _) = ahead::<Sha256>(data).unwrap();
        let mut read = vec![0; BLOCK];
        ahead.read_exact(&mut read).unwrap();
        let error = ahead.read(&mut read).unwrap_err();
        assert_eq!(error.to_string(), "it broke");
    }

    #[test]
    fn who_takes_no_more_ends_the_reading() {
        let (ahead, hash) = ahead::<Sha256>(io::repeat(1)).unwrap();
        drop(ahead);
        hash.finish().unwrap();
    }
}
