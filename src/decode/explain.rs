//! What serde found wrong, said anew.
//!
//! serde's own messages quote what they found (`invalid type: string "hunter2", expected u64`), and
//! what a caller put in the wrong place may be a password. So the message is made anew from what was
//! expected and from the type of what was found.

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::{escape, suggest};
use crate::Error;

/// What a type says that takes whole numbers in several forms.
pub(crate) const TAKES_WHOLE_NUMBER: &str = "takes a whole number of 0 or more";
/// What a type says that takes sizes.
pub(crate) const TAKES_SIZE: &str =
    "takes a whole number of its unit, or text with another such as 512MiB, 4GiB or 2TiB";

/// The error about the place `path` in `whole`, of which serde `said` something; `at` is the pointer
/// of `whole`.
pub(super) fn explain(whole: &Value, at: &str, path: &Path, said: &str) -> Error {
    let below: String = path.iter().map(segment).collect();
    let pointer = format!("{at}{below}");
    if let Some(name) = said.strip_prefix("missing field ").and_then(quoted) {
        let pointer = format!("{pointer}/{}", escape(name));
        let message = format!("{pointer} is missing");
        return Error::invalid(pointer, message);
    }
    if said.starts_with("unknown field ") {
        let message = unknown_member(path, &pointer, said);
        return Error::invalid(pointer, message);
    }
    if let Some(name) = said.strip_prefix("duplicate field ").and_then(quoted) {
        let pointer = format!("{pointer}/{}", escape(name));
        let message = format!("{pointer} is given twice, once by another of its names");
        return Error::invalid(pointer, message);
    }
    let place = if pointer.is_empty() {
        "params"
    } else {
        &pointer
    };
    // Where serde's path is no place in the JSON, all of it may have been quoted.
    let value = whole.pointer(&below).unwrap_or(whole);
    let wrong = value_error(value, said);
    Error::invalid(pointer.clone(), format!("{place} {wrong}"))
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escape(key)),
        // Not places in the JSON text: the variant of an enum, a key that is no string.
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    }
}

/// The first word of `text` between backquotes.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.split('`').next()
}

/// Every word between backquotes in what serde expected.
fn expected_words(said: &str) -> Vec<&str> {
    let at = said.rfind(", expected ").unwrap_or(said.len());
    said[at..].split('`').skip(1).step_by(2).collect()
}

fn unknown_member(path: &Path, pointer: &str, said: &str) -> String {
    let known = expected_words(said);
    let name = match path.iter().next_back() {
        Some(Segment::Map { key }) => key.as_str(),
        _ => "",
    };
    let message = format!("{pointer} is not a member that is taken here");
    if known.is_empty() {
        return message;
    }
    format!("{message}; {}", suggest::way_out(name, &known))
}

/// What is wrong with `value`, of which serde `said` something.
fn value_error(value: &Value, said: &str) -> String {
    let expected = said.rsplit_once("expected ").map(|(_, expected)| expected);
    if said.starts_with("unknown variant ") {
        return format!("takes one of: {}", expected_words(said).join(", "));
    }
    if [TAKES_WHOLE_NUMBER, TAKES_SIZE].contains(&said) {
        return said.to_owned();
    }
    if said.starts_with("data did not match any variant") {
        return format!(
            "is {}, and fits none of the forms that are taken here",
            kind_of(value)
        );
    }
    match expected {
        Some(expected) if said.starts_with("invalid type: ") => {
            format!("takes {}, not {}", plain(expected), kind_of(value))
        }
        Some(expected)
            if said.starts_with("invalid value: ") || said.starts_with("invalid length ") =>
        {
            format!("takes {}", plain(expected))
        }
        // A message of some type's own, such as an address that cannot be parsed.
        _ if repeats(value, said) => "has a value that does not fit".to_owned(),
        _ => format!("does not fit: {said}"),
    }
}

/// serde's word for a Rust type, in JSON's words.
fn plain(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a map" => "an object".to_owned(),
        "a sequence" => "an array".to_owned(),
        _ if expected.starts_with("struct ") => "an object".to_owned(),
        _ if expected.ends_with("enum") || expected.starts_with("enum ") => "a string".to_owned(),
        _ => expected.to_owned(),
    }
}

/// What `value` is, in JSON's words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Whether `said` holds any text or number of `value`, as it is or escaped.
fn repeats(value: &Value, said: &str) -> bool {
    match value {
        Value::String(text) if text.is_empty() => false,
        Value::String(text) => {
            let debug = format!("{text:?}");
            said.contains(text.as_str()) || said.contains(debug.trim_matches('"'))
        }
        Value::Number(number) => said.contains(&number.to_string()),
        Value::Array(items) => items.iter().any(|item| repeats(item, said)),
        Value::Object(members) => members.values().any(|member| repeats(member, said)),
        Value::Null | Value::Bool(_) => false,
    }
}
