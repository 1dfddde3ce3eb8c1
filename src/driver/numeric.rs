//! Numbers that may come as text: salt-cloud's command line and many dashboards send `"20"` for 20.

use serde::{Deserialize, Deserializer, de::Error as _};

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
    Other(serde_json::Value),
}

/// A whole number, or text that is one.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Ok(number),
        NumberOrText::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| D::Error::custom(format!("{text:?} is not a whole number"))),
        NumberOrText::Other(value) => Err(D::Error::custom(format!(
            "{value} is not a whole number of 0 or more"
        ))),
    }
}

/// The same where the member may be absent, null or empty text.
pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Input {
        Value(#[serde(deserialize_with = "number")] u64),
        Raw(serde_json::Value),
    }
    match Option::<Input>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Input::Value(number)) => Ok(Some(number)),
        Some(Input::Raw(serde_json::Value::String(text))) if text.trim().is_empty() => Ok(None),
        Some(Input::Raw(value)) => Err(D::Error::custom(format!(
            "{value} is not a whole number of 0 or more"
        ))),
    }
}
