//! Data that is sent piece by piece, for as long as it moves.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::Body;
use reqwest::header::HeaderValue;
use url::Url;

use super::answer::Answer;
use super::client::Http;
use super::exchange::read_body;
use super::time_limit::{Expired, TimeLimit};
use super::transport_error::{Cause, Result, TransportError};
use crate::Secret;
use crate::transaction::Cancel;

/// The longest that any upload takes.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

impl Http {
    /// `PUT url` with the `size` bytes of `data`, once. It ends where nothing moved for `stall`.
    pub(in crate::drivers::openstack) fn upload(
        &self,
        url: Url,
        secret: &Secret,
        data: impl Read + Send + 'static,
        size: u64,
        stall: Duration,
        cancel: &Cancel,
    ) -> Result<Answer> {
        let mut token = HeaderValue::from_str(secret.expose())
            .map_err(|_| TransportError::new(Cause::Other, "the token cannot be a header"))?;
        token.set_sensitive(true);
        self.redaction.hide_token(secret);
        let moved = Arc::new(AtomicU64::new(0));
        // whoever waits no longer cancels what is sent
        let left = Cancel::default();
        let watched = Watched {
            data,
            moved: moved.clone(),
            left: left.clone(),
        };
        let asked = format!("PUT {url}");
        let request = self
            .client
            .put(url)
            .timeout(LONGEST)
            .header("X-Auth-Token", token)
            .header("Content-Type", "application/octet-stream")
            .body(Body::sized(watched, size));
        let (sender, receiver) = mpsc::sync_channel(1);
        let redaction = Arc::clone(&self.redaction);
        let answer_limit = TimeLimit::new(LONGEST, &left);
        thread::Builder::new()
            .name("openstack-upload".to_owned())
            .spawn(move || {
                let outcome = request
                    .send()
                    .map_err(TransportError::from)
                    .and_then(|response| {
                        Ok(Answer {
                            status: response.status(),
                            headers: response.headers().clone(),
                            body: redaction.error(read_body(response, &answer_limit)?),
                            asked,
                        })
                    });
                let _ = sender.send(outcome);
            })
            .map_err(|error| TransportError::new(Cause::Other, format!("no thread: {error}")))?;
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let piece = TimeLimit::new(Duration::from_millis(200), cancel);
            match piece.receive(&receiver) {
                Ok(Some(outcome)) => return outcome,
                Ok(None) => {
                    return Err(TransportError::new(
                        Cause::Other,
                        "the upload's thread ended early",
                    ));
                }
                Err(Expired::Cancelled) => {
                    left.cancel();
                    return Err(Expired::Cancelled.into());
                }
                Err(Expired::TimedOut) => {}
            }
            let now = moved.load(Ordering::Relaxed);
            if now > before {
                (before, since) = (now, Instant::now());
            } else if since.elapsed() >= stall {
                left.cancel();
                let words = format!("nothing moved for {} s", stall.as_secs());
                return Err(TransportError::new(Cause::TimedOut, words));
            }
        }
    }
}

/// Data whose reading is seen, and ended.
struct Watched<R> {
    data: R,
    moved: Arc<AtomicU64>,
    left: Cancel,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_cancelled() {
            return Err(io::Error::other("interrupted"));
        }
        let got = self.data.read(buffer)?;
        self.moved.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
