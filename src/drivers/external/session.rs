//! A program that runs: one question at a time, and its answer.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::message::{self, Message};
use crate::child::{Held, Program};
use crate::driver::Context;
use crate::redact::Secrets;
use crate::transaction::Cancel;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// The longest line, in bytes; that of our own protocol.
const LONGEST: usize = length(8 * MIB);

/// A program that runs. It ends, and all that it has started, when this is dropped.
#[derive(Debug)]
pub(super) struct Session {
    id: String,
    file: PathBuf,
    line: Mutex<Line>,
}

#[derive(Debug)]
struct Line {
    held: Held,
    /// The id of the last request.
    last: u64,
}

/// How long a question may take, and how long what was interrupted has to be undone.
struct Patience {
    time: Duration,
    undo: Duration,
}

impl Patience {
    fn of(method: &str, params: &Value) -> Self {
        let wait = params["timeout"].as_u64().unwrap_or(300);
        let (time, undo) = match method {
            "version" | "driver.steps" => (10, 0),
            "server.create" => (3600 + wait, 60),
            "server.action" => (300 + wait, 60),
            "image.import" => (3600, 60),
            "server.delete" | "server.recover" => (600, 60),
            _ => (120, 3),
        };
        Self {
            time: Duration::from_secs(time),
            undo: Duration::from_secs(undo),
        }
    }
}

impl Session {
    pub(super) fn start(id: &str, file: &Path) -> Result<Self> {
        let held = Program::new(file).args(["rpc"]).hold(LONGEST);
        let held = held.map_err(|error| {
            // not "not found", which would mean the server that is asked about
            let kind = match error.kind() {
                Kind::PermissionDenied => Kind::PermissionDenied,
                _ => Kind::Unsupported,
            };
            let why = "cannot be started; is the program there that its first line names, after #!";
            fault(id, file, why).with_kind(kind).with_source(error)
        })?;
        Ok(Self {
            id: id.to_owned(),
            file: file.to_owned(),
            line: Mutex::new(Line { held, last: 0 }),
        })
    }

    /// The program's answer to `method`, be it an error. The outer error is ours: then it is not known what
    /// the program has done, and it is ended.
    pub(super) fn ask(&self, cx: &Context, method: &str, params: Value) -> Result<Result<Value>> {
        cx.cancel.check()?;
        let patience = Patience::of(method, &params);
        let secrets = params.as_object().map(Secrets::of).unwrap_or_default();
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.last += 1;
        let Line { held, last } = &mut *line;
        held.keep(secrets.clone());
        let request = json!({"jsonrpc": "2.0", "id": last, "method": method, "params": params});
        let answer = held
            .send(request.to_string().into_bytes())
            .and_then(|()| self.listen(cx, held, *last, &cx.cancel, patience.time))
            .or_else(|error| match error.kind() {
                Kind::Cancelled | Kind::Timeout => {
                    held.ask_to_end();
                    let undone = self.listen(cx, held, *last, &Cancel::default(), patience.undo);
                    match undone {
                        // that it was interrupted says nothing of why
                        Ok(Err(said)) if said.kind() == Kind::Cancelled => Ok(Err(error)),
                        Ok(answer) => Ok(answer),
                        Err(_) => Err(error),
                    }
                }
                _ => Err(error),
            })
            .map_err(|error| {
                // nothing that it still says is an answer to anything
                let _ = held.end();
                self.lost(method, error, patience.time)
            })?;
        Ok(match answer {
            // what a form and Salt's configuration are made of holds the password on purpose
            Ok(whole) if ["driver.validate", "provider.render"].contains(&method) => Ok(whole),
            Ok(mut answer) => {
                hide(&mut answer, &secrets);
                Ok(answer)
            }
            Err(error) => Err(secrets.redact(error)),
        })
    }

    /// The error of this program, which does not do what is documented.
    pub(super) fn fault(&self, what: &str) -> Error {
        fault(&self.id, &self.file, what)
    }

    /// Listens for the answer to the request `id` for `time`.
    fn listen(
        &self,
        cx: &Context,
        held: &Held,
        id: u64,
        cancel: &Cancel,
        time: Duration,
    ) -> Result<Result<Value>> {
        let until = Instant::now() + time;
        loop {
            let line = held.receive(until, cancel)?;
            match message::read(&line, id) {
                Ok(Message::Answer(answer)) => return Ok(answer),
                Ok(Message::Progress(far)) => cx.progress.report(&far.phase, far.done, far.total),
                Ok(Message::Notification) => {}
                Err(what) => return Err(self.fault(&what)),
            }
        }
    }

    /// The error about a question that has no answer.
    fn lost(&self, method: &str, error: Error, time: Duration) -> Error {
        let what = match error.kind() {
            Kind::Cancelled => return error,
            Kind::Timeout => format!(
                "has not answered {method} within {} seconds, and was ended",
                time.as_secs()
            ),
            Kind::ConnectionFailed => format!("has ended before it answered {method}"),
            _ if error.message().contains(&self.file.display().to_string()) => return error,
            _ => format!("cannot be heard: {error}"),
        };
        let kind = match error.kind() {
            Kind::Timeout => Kind::Timeout,
            _ => Kind::Internal,
        };
        let sources = error.sources().iter();
        let fault = self.fault(&what).with_kind(kind);
        sources.fold(fault, Error::with_source)
    }
}

/// Takes `secrets` out of every text in `value`.
fn hide(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| hide(member, secrets)),
        _ => {}
    }
}

/// The error of a program that does not do what is documented.
pub(super) fn fault(id: &str, file: &Path, what: &str) -> Error {
    let file = file.display();
    let message = format!(
        "the external driver {id} ({file}) {what}; to see for yourself: \
         echo '{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\",\"params\":{{}}}}' | {file} rpc"
    );
    Error::new(Kind::Internal, message)
}
