//! Where the choices of a field come from: a list, Salt, or a program.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field_text::text_of;
use super::file::SourceEntry;
use crate::decode::decode;
use crate::driver::Choice;
use crate::{Error, Result};

/// What `choices` says.
#[derive(Debug)]
pub(super) enum Offered {
    /// These.
    List(Vec<Choice>),
    /// What a source answers.
    Asked(Source),
}

/// Whom to ask for choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Salt: `images`, `sizes`, `locations`, or a function of its cloud driver.
    Salt(String),
    /// A program, with its arguments.
    Command(Vec<String>),
}

/// What `choices`, which stands at `at`, says.
pub(super) fn read(choices: &Value, at: &str) -> Result<Offered> {
    if choices.is_array() {
        let list = list(choices).map_err(|message| Error::invalid(at, message))?;
        if list.is_empty() {
            return Err(Error::invalid(at, "there is no choice in it"));
        }
        return Ok(Offered::List(list));
    }
    if !choices.is_object() {
        let message = "choices are a list, {salt-cloud: …} or {command: […]}";
        return Err(Error::invalid(at, message));
    }
    let source: SourceEntry = decode(choices, at)?;
    match (source.salt_cloud, source.command) {
        (Some(what), None) => {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if what.is_empty() || !what.chars().all(word) {
                let message =
                    "salt-cloud takes images, sizes, locations, or the name of a function";
                return Err(Error::invalid(format!("{at}/salt-cloud"), message));
            }
            Ok(Offered::Asked(Source::Salt(what)))
        }
        (None, Some(command)) => {
            let program = command.first().map(String::as_str).unwrap_or_default();
            if program.is_empty() || (program.contains('/') && !program.starts_with('/')) {
                let message = "command begins with a program's whole path, or with its name on the PATH; there is \
                               no shell";
                return Err(Error::invalid(format!("{at}/command"), message));
            }
            Ok(Offered::Asked(Source::Command(command)))
        }
        _ => Err(Error::invalid(
            at,
            "choices have one source: salt-cloud or command",
        )),
    }
}

/// The choices in the JSON array `list`; what is wrong with it otherwise.
pub(super) fn list(list: &Value) -> std::result::Result<Vec<Choice>, String> {
    let items = list.as_array().ok_or("it is no array")?;
    let mut seen = BTreeSet::new();
    let mut choices = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let titled = || match (item.get("const").and_then(text_of), item["title"].as_str()) {
            (Some(value), Some(title)) if item.as_object().map(serde_json::Map::len) == Some(2) => {
                Some(Choice::titled(&value, title.to_owned()))
            }
            _ => None,
        };
        let choice = text_of(item)
            .map(Choice::Text)
            .or_else(titled)
            .ok_or_else(|| format!("choice {} is neither text nor {{const, title}}", index + 1))?;
        if choice.value().trim().is_empty() {
            return Err(format!("choice {} is empty", index + 1));
        }
        if seen.insert(choice.value().to_owned()) {
            choices.push(choice);
        }
    }
    Ok(choices)
}
