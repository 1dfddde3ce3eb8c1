//! The JSON-RPC 2.0 envelope: what is a request, and what an answer looks like.

use serde::Serialize;
use serde_json::{Map, Value};

use super::error_object::{ErrorObject, PARSE_ERROR};
use super::strict_json;
use crate::{Error, Kind};

/// The most requests that a batch may hold.
pub(crate) const MAX_BATCH: usize = 1000;

/// A message: one request, or a batch of them.
#[derive(Debug)]
pub(super) enum Message {
    /// A request on its own.
    One(Result<Request, Box<Answer>>),
    /// A batch; it is answered as a whole.
    Batch(Vec<Result<Request, Box<Answer>>>),
}

/// A request whose envelope is right.
#[derive(Debug)]
pub(super) struct Request {
    /// What its answer carries; `None` for a notification, which gets no answer.
    pub(super) id: Option<Value>,
    /// The method's name.
    pub(super) method: String,
    /// The parameters, or what is wrong with them as a whole.
    pub(super) params: crate::Result<Map<String, Value>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Answer {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Result(Value),
    Error(Box<ErrorObject>),
}

impl Answer {
    /// The answer to the request `id`.
    pub(super) fn new(id: Value, result: crate::Result<Value>) -> Self {
        let outcome = match result {
            Ok(value) => Outcome::Result(value),
            Err(error) => Outcome::Error(Box::new(ErrorObject::from(&error))),
        };
        Self {
            jsonrpc: "2.0",
            id,
            outcome,
        }
    }

    /// The answer to something that could not be read.
    pub(super) fn unreadable(error: &Error) -> Self {
        let mut object = ErrorObject::from(error);
        object.code = PARSE_ERROR;
        Self {
            jsonrpc: "2.0",
            id: Value::Null,
            outcome: Outcome::Error(Box::new(object)),
        }
    }
}

/// Reads a line; `None` where it is blank.
pub(super) fn read(line: &[u8]) -> Option<Message> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let parsed = match strict_json::parse(line) {
        Ok(parsed) => parsed,
        Err(error) => return Some(Message::One(Err(Box::new(Answer::unreadable(&error))))),
    };
    let duplicates = parsed.duplicates;
    Some(match parsed.value {
        Value::Array(items) if items.is_empty() => Message::One(Err(request_error(
            Value::Null,
            "a batch holds at least one request",
        ))),
        Value::Array(items) if items.len() > MAX_BATCH => Message::One(Err(request_error(
            Value::Null,
            &format!("a batch holds at most {MAX_BATCH} requests; send several"),
        ))),
        Value::Array(items) => Message::Batch(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    let prefix = format!("/{index}/");
                    let below = duplicates.iter().filter_map(|at| at.strip_prefix(&prefix));
                    request(item, below.map(|at| format!("/{at}")).next())
                })
                .collect(),
        ),
        value => Message::One(request(value, duplicates.into_iter().next())),
    })
}

/// The answer to what is no request.
fn request_error(id: Value, message: &str) -> Box<Answer> {
    let error = Error::new(Kind::InvalidRequest, message);
    Box::new(Answer::new(id, Err(error)))
}

/// Reads one request; `duplicate` is the pointer of the first member that it says twice.
fn request(value: Value, duplicate: Option<String>) -> Result<Request, Box<Answer>> {
    let Value::Object(mut members) = value else {
        return Err(request_error(Value::Null, "a request is a JSON object"));
    };
    let in_params = duplicate
        .as_deref()
        .and_then(|at| at.strip_prefix("/params"))
        .filter(|below| !below.is_empty());
    if let (Some(at), None) = (&duplicate, in_params) {
        return Err(request_error(
            Value::Null,
            &format!("the request says {at} twice"),
        ));
    }
    let id = members.shift_remove("id");
    if let Some(message) = id.as_ref().and_then(id_error) {
        return Err(request_error(Value::Null, message));
    }
    let refuse = |message: &str| Err(request_error(id.clone().unwrap_or_default(), message));
    if members.shift_remove("jsonrpc") != Some(Value::from("2.0")) {
        return refuse("a request has the member jsonrpc with the value \"2.0\"");
    }
    let Some(Value::String(method)) = members.shift_remove("method") else {
        return refuse("a request has the member method, which is a string");
    };
    let params = members.shift_remove("params");
    if let Some(unknown) = members.keys().next() {
        return refuse(&format!(
            "a request has no member {unknown:?}; it has jsonrpc, id, method and params"
        ));
    }
    let params = match (params, in_params) {
        (_, Some(below)) => Err(Error::invalid(below, format!("{below} is given twice"))),
        (None, _) => Ok(Map::new()),
        (Some(Value::Object(params)), _) => Ok(params),
        (Some(Value::Array(_)), _) => Err(Error::new(
            Kind::InvalidField,
            "params is an object; parameters are taken by name, not by position",
        )),
        (Some(_), _) => Err(Error::new(Kind::InvalidField, "params is an object")),
    };
    Ok(Request { id, method, params })
}

/// Why `id` cannot be one, if so.
fn id_error(id: &Value) -> Option<&'static str> {
    /// From here on a number with a fraction does not come back as it was sent.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match id {
        Value::Number(number) if number.is_f64() => number
            .as_f64()
            .is_none_or(|number| number.abs() >= EXACT)
            .then_some("the id is a number that does not fit into 64 bits; send it as a string"),
        Value::Null | Value::String(_) | Value::Number(_) => None,
        _ => Some("the id of a request is a string, a number or null"),
    }
}

#[cfg(test)]
mod tests;
