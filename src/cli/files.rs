//! Files and standard input that a command line names.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use serde_json::{Map, Value};

use super::output;
use crate::error::io_error;
use crate::plain_file::{LONGEST, read_up_to, to_text};
use crate::template::{find_ambiguous, parse_yaml_documents};
use crate::{Error, Kind, Result};

/// The text of `path`, or of standard input for `-`.
pub(super) fn text(path: &Path) -> Result<String> {
    let (path, bytes) = if path == Path::new("-") {
        if io::stdin().is_terminal() {
            output::note("reading from this terminal: end with Ctrl-D on a line of its own");
        }
        let stdin = io::stdin().lock();
        (Path::new("standard input"), read_up_to(LONGEST, stdin))
    } else {
        // A shell's <(…) is a pipe, and who waits for one can end this program.
        let read = File::open(path).and_then(|file| read_up_to(LONGEST, file));
        (path, read)
    };
    bytes.and_then(to_text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::IsADirectory => {
            let message = format!("{} cannot be read as text: {error}", path.display());
            Error::new(Kind::InvalidField, message)
        }
        _ => io_error("read", path, &error),
    })
}

/// The JSON or YAML mappings in `path`: one, a list of them, or documents of YAML.
pub(super) fn records(path: &Path) -> Result<Vec<Map<String, Value>>> {
    let name = path.display().to_string();
    let mut records = Vec::new();
    for value in values(&name, &text(path)?)? {
        let items = match value {
            Value::Array(items) => items,
            // what is before the first or behind the last line of dashes
            Value::Null => continue,
            one => vec![one],
        };
        for item in items {
            records.push(members(&name, item)?);
        }
    }
    if records.is_empty() {
        return Err(Error::new(Kind::InvalidField, format!("{name} is empty")));
    }
    Ok(records)
}

/// The JSON or YAML mapping in `path`, or in standard input for `-`.
pub(super) fn record(path: &Path) -> Result<Map<String, Value>> {
    mapping(&path.display().to_string(), &text(path)?)
}

/// The mapping in `path`, which was written for Salt: refused where Salt reads it otherwise.
pub(super) fn salts(path: &Path) -> Result<Map<String, Value>> {
    let name = path.display().to_string();
    let text = text(path)?;
    if let Some((line, word)) = find_ambiguous(&text) {
        let message = format!(
            "{name}, line {line}: Salt reads {word} otherwise than this program; put a text into quotes, \
             say true or false"
        );
        return Err(Error::new(Kind::InvalidField, message));
    }
    mapping(&name, &text)
}

/// `text` as JSON, or the documents of YAML that it is.
fn values(name: &str, text: &str) -> Result<Vec<Value>> {
    // YAML forbids the tabs with which some JSON is indented, so JSON is tried first.
    match crate::rpc::parse_json(text.as_bytes()) {
        Ok(json) => match json.duplicates.first() {
            None => Ok(vec![json.value]),
            Some(at) => {
                let message = format!("{name} says {at} twice");
                Err(Error::new(Kind::InvalidField, message))
            }
        },
        Err(_) => parse_yaml_documents(name, text),
    }
}

/// `text` as a JSON object or a YAML mapping; `name` says where it is from.
pub(super) fn mapping(name: &str, text: &str) -> Result<Map<String, Value>> {
    let mut values = values(name, text)?;
    let one = if values.len() == 1 {
        values.remove(0)
    } else {
        Value::Null
    };
    members(name, one)
}

fn members(name: &str, value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Error::new(
            Kind::InvalidField,
            format!("{name} does not hold a JSON object or a YAML mapping"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_yaml_are_read() {
        for text in ["{\"a\":\t1}", "a: 1\n", "{a: 1}"] {
            assert_eq!(Value::Object(mapping("it", text).unwrap()), json!({"a": 1}));
        }
    }

    #[test]
    fn what_is_no_mapping_is_refused_without_repeating_it() {
        for text in [
            "hunter2",
            "- hunter2",
            "{\"a\": \"hunter2\", \"a\": 2}",
            "a: [hunter2",
            "1",
        ] {
            let error = mapping("it", text).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
