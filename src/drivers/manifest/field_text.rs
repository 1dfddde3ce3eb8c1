//! A field in texts: its id as a variable, its value as a form holds it.

use serde_json::Value;

/// `value` as the text that a form holds.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The variable of the field or member `id`.
pub(super) fn variable(id: &str) -> String {
    format!("VAR_{}", id.to_uppercase())
}
