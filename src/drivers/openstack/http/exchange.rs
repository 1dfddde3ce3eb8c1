//! One try: a request is sent and its answer read piece by piece, on a thread of its own, so that
//! whoever waits can leave.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use reqwest::blocking::{Client, Response};
use reqwest::header::HeaderValue;

use super::answer::Answer;
use super::redaction::Redaction;
use super::request::Request;
use super::time_limit::TimeLimit;
use super::transport_error::{Cause, Result, TransportError};

/// What a page of a listing may hold at most, in bytes: it is read as it comes.
const LARGEST_PAGE: u64 = 64 << 20;
/// What another answer may, which is kept until it is read.
const LARGEST: u64 = 4 << 20;
/// What is kept of an answer that is an error.
const LARGEST_ERROR: u64 = 64 << 10;
/// What is kept of the begin of any.
const BEGIN: usize = 256;

/// Sends `request` once. The thread that is left behind where the wait ends early ends with its own
/// deadline.
pub(super) fn exchange(
    client: &Client,
    redaction: &Arc<Redaction>,
    request: &Request,
    limit: &TimeLimit,
) -> Result<Answer> {
    limit.check()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let (client, redaction) = (client.clone(), Arc::clone(redaction));
    let (request, limit_there) = (request.clone(), limit.clone());
    let span = tracing::Span::current();
    thread::Builder::new()
        .name("openstack-request".to_owned())
        .spawn(move || {
            let _entered = span.entered();
            let begun = Instant::now();
            let outcome = run(&client, &redaction, &request, &limit_there);
            let took = begun.elapsed().as_millis();
            match &outcome {
                Ok(answer) => tracing::debug!("{request}: {} in {took} ms", answer.status),
                Err(error) => tracing::debug!("{request}: {:?} in {took} ms", error.cause),
            }
            // nobody listens any more where the wait ended early
            let _ = sender.send(outcome);
        })
        .map_err(|error| {
            TransportError::new(Cause::Other, format!("no thread for a request: {error}"))
        })?;
    match limit.receive(&receiver)? {
        Some(outcome) => outcome,
        None => Err(TransportError::new(
            Cause::Other,
            "the request's thread ended early",
        )),
    }
}

fn run(
    client: &Client,
    redaction: &Redaction,
    request: &Request,
    limit: &TimeLimit,
) -> Result<Answer> {
    let mut builder = client
        .request(request.method.clone(), request.url.clone())
        .timeout(limit.left())
        .header("Accept", "application/json");
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    if let Some(token) = &request.token {
        let mut value = HeaderValue::from_str(token.expose())
            .map_err(|_| TransportError::new(Cause::Other, "the token cannot be a header"))?;
        value.set_sensitive(true);
        builder = builder.header("X-Auth-Token", value);
    }
    if let Some(body) = &request.body {
        builder = builder
            .header("Content-Type", request.body_type)
            .body(body.to_vec());
    }
    let response = builder.send()?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = match &request.reader {
        Some(reader) if status.is_success() => {
            let mut body = Body::new(response, limit, LARGEST_PAGE)?;
            reader.read(&mut body, redaction);
            if let Some(error) = body.failed {
                return Err(error);
            }
            body.begin
        }
        _ => read_body(response, limit)?,
    };
    let body = if !status.is_success() {
        redaction.error(body)
    } else if request.token.is_some() {
        redaction.data(body)
    } else {
        body // of a login: the token is in there
    };
    Ok(Answer {
        status,
        headers,
        body,
        asked: request.to_string(),
    })
}

/// The body, as far as there is room for it.
pub(super) fn read_body(response: Response, limit: &TimeLimit) -> Result<Vec<u8>> {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let (most, wanted) = if failed {
        (u64::MAX, LARGEST_ERROR)
    } else {
        (LARGEST, u64::MAX)
    };
    let mut kept = Vec::new();
    let mut body = Body::new(response, limit, most)?;
    match (&mut body).take(wanted).read_to_end(&mut kept) {
        Ok(_) => Ok(kept),
        Err(error) => Err(body.failed.unwrap_or_else(|| error.into())),
    }
}

/// A body as it comes, in bounded time and size.
struct Body<'a> {
    response: Response,
    limit: &'a TimeLimit,
    most: u64,
    left: u64,
    /// How it begins.
    begin: Vec<u8>,
    /// Why it ended early.
    failed: Option<TransportError>,
}

impl<'a> Body<'a> {
    fn new(response: Response, limit: &'a TimeLimit, most: u64) -> Result<Self> {
        let said = response.content_length();
        let body = Self {
            response,
            limit,
            most,
            left: most,
            begin: Vec::new(),
            failed: None,
        };
        if said.is_some_and(|size| size > most) {
            return Err(body.too_large());
        }
        Ok(body)
    }

    fn too_large(&self) -> TransportError {
        let words = format!("answers with more than {} MiB", self.most >> 20);
        TransportError::new(Cause::TooLarge, words)
    }

    fn piece(&mut self, piece: &mut [u8]) -> Result<usize> {
        // each piece may come in time and the whole never end
        self.limit.check()?;
        let got = self.response.read(piece)?;
        let left = self.left.checked_sub(got as u64);
        self.left = left.ok_or_else(|| self.too_large())?;
        let begin = BEGIN.saturating_sub(self.begin.len()).min(got);
        self.begin.extend_from_slice(&piece[..begin]);
        Ok(got)
    }
}

impl Read for Body<'_> {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        self.piece(piece).map_err(|error| {
            self.failed = Some(error);
            io::Error::other("the answer ended early")
        })
    }
}
