//! Numbers that may come as text: salt-cloud's command line and many dashboards send `"20"` for 20.
//!
//! Errors say what is taken and not what was found, which may be a password in the wrong place.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::decode::TAKES_WHOLE_NUMBER;

/// A whole number, or text that is one.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    read(&Value::deserialize(deserializer)?)
}

/// The same where the member may be absent, null or empty text.
pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        value => read(&value).map(Some),
    }
}

fn read<E: serde::de::Error>(value: &Value) -> Result<u64, E> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .ok_or_else(|| E::custom(TAKES_WHOLE_NUMBER))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Sizes {
        #[serde(deserialize_with = "super::number")]
        disk: u64,
        #[serde(default, deserialize_with = "super::optional")]
        more: Option<u64>,
    }

    #[test]
    fn numbers_come_as_numbers_or_text() {
        for (text, disk, more) in [
            (r#"{"disk": 20}"#, 20, None),
            (r#"{"disk": " 20 ", "more": "7"}"#, 20, Some(7)),
            (r#"{"disk": 0, "more": ""}"#, 0, None),
            (r#"{"disk": 0, "more": null}"#, 0, None),
        ] {
            let sizes: Sizes = serde_json::from_str(text).unwrap();
            assert_eq!((sizes.disk, sizes.more), (disk, more), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused_without_repeating_it() {
        for value in [
            r#""hunter2""#,
            r#"["hunter2"]"#,
            r#"{"a": "hunter2"}"#,
            "-42",
            "42.5",
            "true",
            "1e300",
        ] {
            for text in [
                format!(r#"{{"disk": {value}}}"#),
                format!(r#"{{"disk": 1, "more": {value}}}"#),
            ] {
                let error = serde_json::from_str::<Sizes>(&text)
                    .unwrap_err()
                    .to_string();
                assert!(
                    !error.contains("hunter2") && !error.contains("42"),
                    "{error}"
                );
            }
        }
    }
}
