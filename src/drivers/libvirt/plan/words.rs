//! Names and texts that a request may hold.

use serde_json::Value;

use crate::driver::ServerSpec;
use crate::drivers::libvirt::xml::check_text;
use crate::{Error, Result};

/// The longest name: it is also the guest's host name.
const NAME_LENGTH: usize = 63;

/// Checks a server's name: an allow-list, because it becomes a domain's and volumes' name, a file's
/// name on the host, and the guest's host name.
pub(super) fn check_name(name: &str) -> Result<()> {
    let field = "/server/server_name";
    if name.is_empty() {
        return Err(Error::invalid(field, "the server has no name"));
    }
    if name.len() > NAME_LENGTH {
        let message = format!(
            "the server's name has {} characters; {NAME_LENGTH} are allowed",
            name.len()
        );
        return Err(Error::invalid(field, message));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !name.chars().all(allowed)
        || !edge(name.chars().next())
        || !edge(name.chars().last())
        || name.contains("..")
    {
        return Err(Error::invalid(
            field,
            format!(
                "the server's name {name:?} is not allowed: letters, digits, single dots, - and _, \
                 with a letter or digit at both ends"
            ),
        ));
    }
    Ok(())
}

/// Checks a word that goes to the host as a device's, machine's or model's name.
pub(super) fn check_word(word: &str, longest: usize, field: &str, what: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if word.is_empty() || word.len() > longest || !word.chars().all(allowed) {
        let message = format!("{word:?} is not the name of {what}");
        return Err(Error::invalid(field, message));
    }
    Ok(())
}

/// Refuses characters that XML cannot carry in the strings that end up in it.
pub(super) fn check_texts(spec: &ServerSpec) -> Result<()> {
    let mut plain = spec.clone();
    plain.user_data = None; // goes into the seed, not into XML
    plain.minion = None;
    plain.ssh_keys = Vec::new();
    let value = serde_json::to_value(&plain)
        .map_err(|error| Error::new(crate::Kind::Internal, error.to_string()))?;
    walk(&value, "/server")
}

fn walk(value: &Value, pointer: &str) -> Result<()> {
    match value {
        Value::String(text) => check_text(text, pointer),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| walk(item, &format!("{pointer}/{index}"))),
        Value::Object(map) => map
            .iter()
            .try_for_each(|(name, item)| walk(item, &format!("{pointer}/{name}"))),
        _ => Ok(()),
    }
}
