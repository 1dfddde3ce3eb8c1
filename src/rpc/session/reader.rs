//! Turns lines into requests, and sees that each runs and is answered.

use std::io::BufRead;
use std::sync::{Arc, Mutex};
use std::thread;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Ended;
use super::output::Output;
use crate::concurrent::{Gate, Permit};
use crate::driver::{Progress, Silent};
use crate::memory;
use crate::rpc::Service;
use crate::rpc::envelope::{self, Answer, Message, Request};
use crate::rpc::lines::{Line, MAX_LINE, next_line};
use crate::rpc::progress::{Throttled, lock};
use crate::{Error, Kind};

/// What the thread that reads works with.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) service: Arc<Service>,
    pub(super) output: Arc<Output>,
    pub(super) gate: Arc<Gate>,
}

impl Reader {
    /// Reads until the end of `input` or until the service is cancelled.
    pub(super) fn read_all(&self, mut input: impl BufRead) -> Ended {
        loop {
            match next_line(&mut input, MAX_LINE) {
                Ok(None) => return Ended::EndOfInput,
                // what comes now is not begun
                Ok(Some(_)) if self.service.context().cancel.is_cancelled() => {
                    return Ended::EndOfInput;
                }
                Ok(Some(line)) => {
                    let _reading = self.gate.read();
                    self.take(line);
                }
                Err(error) => {
                    tracing::error!(%error, "cannot read requests");
                    return Ended::InputFailed;
                }
            }
        }
    }

    fn take(&self, line: Line) {
        let message = match line {
            Line::Message(line) => envelope::read(&line),
            Line::TooLong => {
                let message = format!("the message is longer than {MAX_LINE} bytes");
                let error = Error::new(Kind::InvalidRequest, message);
                Some(Message::One(Err(Box::new(Answer::unreadable(&error)))))
            }
        };
        match message {
            None => {}
            Some(Message::One(Ok(request))) => {
                let output = Arc::clone(&self.output);
                self.start(request, move |answer| {
                    if let Some(answer) = answer {
                        output.write(&answer);
                    }
                });
            }
            Some(Message::One(Err(error))) => self.output.write(&error),
            Some(Message::Batch(items)) => self.take_batch(items),
        }
    }

    /// Starts every request of a batch; the last one to end writes the answers.
    fn take_batch(&self, items: Vec<std::result::Result<Request, Box<Answer>>>) {
        let batch = Arc::new(Batch {
            answers: Mutex::default(),
            output: Arc::clone(&self.output),
        });
        for item in items {
            match item {
                Ok(request) => {
                    let batch = Arc::clone(&batch);
                    self.start(request, move |answer| lock(&batch.answers).extend(answer));
                }
                Err(error) => lock(&batch.answers).push(*error),
            }
        }
    }

    /// Runs `request` in a thread of its own, and hands its answer on; `None` for a notification.
    fn start(&self, request: Request, done: impl FnOnce(Option<Answer>) + Send + 'static) {
        let permit = self.gate.enter();
        let call = Call {
            service: Arc::clone(&self.service),
            output: Arc::clone(&self.output),
            request,
        };
        let output = Arc::clone(&self.output);
        let id = call.request.id.clone();
        let spawned = thread::Builder::new()
            .name("request".to_owned())
            .spawn(move || {
                let answer = call.run();
                finish(done, answer, permit);
                if output.take_large() {
                    memory::give_back();
                }
            });
        if let Err(error) = spawned {
            tracing::error!(%error, ?id, "no thread to run a request");
            // Outside its batch, if it was in one: what would have collected it is gone.
            if let Some(id) = id {
                let error = Error::new(Kind::Internal, "there is no thread to run this request")
                    .with_source(error)
                    .with_retryable(true);
                self.output.write(&Answer::new(id, Err(error)));
            }
        }
    }
}

/// Hands `answer` on, and only then gives the permit back: the session waits for it.
fn finish(done: impl FnOnce(Option<Answer>), answer: Option<Answer>, permit: Permit) {
    done(answer);
    drop(permit);
}

/// The answers of a batch so far. Whoever lets go of it last writes them.
struct Batch {
    answers: Mutex<Vec<Answer>>,
    output: Arc<Output>,
}

impl Drop for Batch {
    fn drop(&mut self) {
        let answers = std::mem::take(&mut *lock(&self.answers));
        // A batch of notifications only is not answered at all.
        if !answers.is_empty() {
            self.output.write(&answers);
        }
    }
}

/// A request that runs.
struct Call {
    service: Arc<Service>,
    output: Arc<Output>,
    request: Request,
}

impl Call {
    fn run(self) -> Option<Answer> {
        let Request { id, method, params } = self.request;
        let result = params.and_then(|params| match (&id, wants_progress(&params)) {
            (Some(id), true) => {
                let tell = teller(Arc::clone(&self.output), id.clone());
                let throttled = Arc::new(Throttled::new(tell));
                let result = self.service.dispatch(
                    &method,
                    params,
                    Arc::clone(&throttled) as Arc<dyn Progress>,
                );
                throttled.finish();
                result
            }
            _ => self.service.dispatch(&method, params, Arc::new(Silent)),
        });
        if let (None, Err(error)) = (&id, &result) {
            tracing::warn!(kind = %error.kind(), "a notification failed: {error}");
        }
        id.map(|id| Answer::new(id, result))
    }
}

/// Whether the caller asks to be told how far it is. Methods that do not know the member refuse it.
fn wants_progress(params: &Map<String, Value>) -> bool {
    params.get("progress") == Some(&Value::Bool(true))
}

/// The notification of how far a request is.
#[derive(Debug, Serialize)]
struct ProgressNotification<'a> {
    jsonrpc: &'static str,
    method: &'static str,
    params: ProgressParams<'a>,
}

#[derive(Debug, Serialize)]
struct ProgressParams<'a> {
    id: &'a Value,
    phase: &'a str,
    done: u64,
    total: u64,
}

fn teller(output: Arc<Output>, id: Value) -> impl Fn(&str, u64, u64) + Send + Sync {
    move |phase, done, total| {
        output.tell(&ProgressNotification {
            jsonrpc: "2.0",
            method: "progress",
            params: ProgressParams {
                id: &id,
                phase,
                done,
                total,
            },
        });
    }
}
