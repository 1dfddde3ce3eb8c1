//! Names and texts that a request may hold.

use serde_json::Value;

use crate::driver::ServerSpec;
use crate::drivers::libvirt::xml::check_xml_text;
use crate::{Error, Result};

/// Checks what goes to the host as a device's, machine's or model's name.
pub(super) fn check_identifier(name: &str, longest: usize, field: &str, what: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if name.is_empty() || name.len() > longest || !name.chars().all(allowed) {
        let message = format!("{name:?} is not the name of {what}");
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
        Value::String(text) => check_xml_text(text, pointer),
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
