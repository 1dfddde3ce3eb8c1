//! What a web server sends, read by a thread of its own: a server that stalls or sends a byte a minute
//! keeps no interruption waiting.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;

use url::Url;

use super::fetch;
use crate::concurrent::LISTEN;
use crate::transaction::Cancel;
use crate::units::{KIB, length};
use crate::{Error, Kind, Result};

/// How much is handed on at once, in bytes.
const PIECE: usize = length(256 * KIB);
/// How many pieces may wait to be taken.
const WAITING: usize = 4;

/// A file on its way from a web server.
pub(super) struct Download {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Cursor<Vec<u8>>,
    cancel: Cancel,
    /// How long it is, where the server tells.
    pub(super) size: Option<u64>,
}

impl Download {
    /// Asks for `url`.
    pub(super) fn start(url: &Url, cancel: &Cancel) -> Result<Self> {
        let (answered, answer) = sync_channel(1);
        let (sender, pieces) = sync_channel(WAITING);
        let from = url.clone();
        let read = move || {
            let mut response = match fetch::get(&from) {
                Ok(response) => response,
                Err(error) => return drop(answered.send(Err(error))),
            };
            let _ = answered.send(Ok(response.content_length()));
            loop {
                let mut piece = vec![0; PIECE];
                let read = response.read(&mut piece);
                let is_last = !matches!(read, Ok(got) if got > 0);
                let read = read.map(|got| {
                    piece.truncate(got);
                    piece
                });
                // whoever waits no longer has let go of the other end
                if sender.send(read).is_err() || is_last {
                    return;
                }
            }
        };
        let spawned = thread::Builder::new()
            .name("download".to_owned())
            .spawn(read);
        spawned.map_err(|error| Error::new(Kind::Internal, format!("no thread: {error}")))?;
        let size = receive(&answer, cancel)?
            .ok_or_else(|| Error::new(Kind::Internal, "the download ended early"))??;
        Ok(Self {
            pieces,
            piece: Cursor::default(),
            cancel: cancel.clone(),
            size,
        })
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.piece.read(buffer)?;
        if got > 0 || buffer.is_empty() {
            return Ok(got);
        }
        let next = receive(&self.pieces, &self.cancel).map_err(io::Error::other)?;
        // the thread has told that there is no more, and gone
        self.piece = Cursor::new(next.transpose()?.unwrap_or_default());
        self.piece.read(buffer)
    }
}

/// What comes next, as long as it is wanted; none where nothing comes any more.
fn receive<T>(from: &Receiver<T>, cancel: &Cancel) -> Result<Option<T>> {
    loop {
        cancel.check()?;
        match from.recv_timeout(LISTEN) {
            Ok(next) => return Ok(Some(next)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::*;

    /// A web server that sends `head`, and then nothing more for as long as the caller holds it.
    fn stalls(head: &'static str) -> (Url, thread::JoinHandle<std::net::TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/a.raw", listener.local_addr().unwrap());
        let held = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // an answer that comes before its question is none
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                asked.extend(byte);
            }
            stream.write_all(head.as_bytes()).unwrap();
            stream
        });
        (Url::parse(&url).unwrap(), held)
    }

    fn soon(cancel: &Cancel) {
        let cancel = cancel.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            cancel.cancel();
        });
    }

    #[test]
    fn a_server_that_stalls_keeps_no_interruption_waiting() {
        let started = Instant::now();
        let (url, _held) = stalls("");
        let cancel = Cancel::default();
        soon(&cancel);
        let error = Download::start(&url, &cancel).err().unwrap();
        assert_eq!(error.kind(), Kind::Cancelled);

        let (url, _held) = stalls("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        let cancel = Cancel::default();
        let mut download = Download::start(&url, &cancel).unwrap();
        assert_eq!(download.size, Some(9));
        let mut begin = [0; 3];
        download.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"abc");
        soon(&cancel);
        assert!(download.read(&mut begin).is_err());
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
