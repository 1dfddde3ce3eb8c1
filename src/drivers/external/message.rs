//! What a program says, line by line.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Kind, LeftBehind, Result};

/// A line that is a message of the protocol.
#[derive(Debug)]
pub(super) enum Message {
    /// How far it is.
    Progress(Progress),
    /// Something else that needs no answer.
    Notification,
    /// The answer to the request that waits for one.
    Answer(Result<Value>),
}

#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    pub(super) phase: String,
    #[serde(default)]
    pub(super) done: u64,
    #[serde(default)]
    pub(super) total: u64,
}

/// The member `error`. A program may say less than ours does.
#[derive(Debug, Deserialize)]
struct ErrorObject {
    #[serde(default)]
    code: i64,
    message: String,
    #[serde(default)]
    data: Option<ErrorData>,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorData {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    retryable: Option<bool>,
    #[serde(default)]
    left_behind: Vec<LeftBehind>,
    #[serde(default)]
    source: Vec<String>,
}

/// Reads `line`, said while the request `id` waits; else what is wrong with it.
pub(super) fn read(line: &[u8], id: u64) -> std::result::Result<Message, String> {
    let no_json =
        "prints a line that is no JSON object: stdout is for the protocol, stderr for the rest";
    let mut members: Map<String, Value> = serde_json::from_slice(line).map_err(|_| no_json)?;
    if members.contains_key("method") {
        return match (members.shift_remove("id"), members.shift_remove("params")) {
            (Some(_), _) => Err("asks something, and is to answer".to_owned()),
            (None, params) if members["method"] == "progress" => {
                serde_json::from_value(params.unwrap_or_default())
                    .map(Message::Progress)
                    .map_err(|error| {
                        format!("tells its progress otherwise than is documented: {error}")
                    })
            }
            _ => Ok(Message::Notification),
        };
    }
    match members.get("id") {
        Some(Value::Number(said)) if said.as_u64() == Some(id) => {}
        // it could not read whose answer that is; there is one request at a time
        Some(Value::Null) if members.contains_key("error") => {}
        said => {
            let said = said.map_or("none".to_owned(), ToString::to_string);
            return Err(format!(
                "answers a request that nobody waits for: the id is {id}, not {said}"
            ));
        }
    }
    match (
        members.shift_remove("result"),
        members.shift_remove("error"),
    ) {
        (Some(result), None) => Ok(Message::Answer(Ok(result))),
        (None, Some(error)) => match serde_json::from_value(error) {
            Ok(error) => Ok(Message::Answer(Err(said(error)))),
            Err(error) => Err(format!(
                "gives an error otherwise than is documented: {error}"
            )),
        },
        _ => Err("answers with neither a result nor an error, or with both".to_owned()),
    }
}

/// The error as ours; what kind it is of says its kind, or else its code.
fn said(object: ErrorObject) -> Error {
    let data = object.data.unwrap_or_default();
    let mut kinds = Kind::ALL.into_iter();
    let kind = match &data.kind {
        Some(word) => kinds.find(|kind| kind.as_str() == word),
        None => kinds.find(|kind| i64::from(kind.code()) == object.code),
    };
    let mut error = Error::new(kind.unwrap_or(Kind::Internal), object.message)
        .with_left_behind(data.left_behind);
    if let Some(retryable) = data.retryable {
        error = error.with_retryable(retryable);
    }
    if let Some(field) = data.field {
        error = error.with_field(field);
    }
    let unknown = data.kind.filter(|_| kind.is_none());
    let unknown =
        unknown.map(|word| format!("its kind is {word:?}, which is none that is documented"));
    data.source
        .into_iter()
        .chain(unknown)
        .fold(error, Error::with_source)
}
