//! Numbers that may come as text: salt-cloud's command line and many dashboards send `"20"` for 20, and
//! people write `"4GiB"`.
//!
//! Errors say what is taken and not what was found, which may be a password in the wrong place.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::decode::{TAKES_SIZE, TAKES_WHOLE_NUMBER};
use crate::units::{GIB, KIB, MIB};

/// A whole number, or text that is one.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    read(&Value::deserialize(deserializer)?)
}

/// The same where the member may be absent, null or empty text.
pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    unless_blank(deserializer, read)
}

/// A size in KiB: a whole number of them, or text with its unit.
pub(crate) fn kib<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    size(&Value::deserialize(deserializer)?, KIB)
}

/// The same where the member may be absent, null or empty text.
pub(crate) fn optional_kib<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    unless_blank(deserializer, |value| size(value, KIB))
}

/// A size in GiB: a whole number of them, or text with its unit.
pub(crate) fn gib<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    size(&Value::deserialize(deserializer)?, GIB)
}

/// The same where the member may be absent, null or empty text.
pub(crate) fn optional_gib<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    unless_blank(deserializer, |value| size(value, GIB))
}

fn unless_blank<'de, D: Deserializer<'de>>(
    deserializer: D,
    read: impl FnOnce(&Value) -> Result<u64, D::Error>,
) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        value => read(&value).map(Some),
    }
}

/// A size in `unit`, which it has to be a whole number of.
fn size<E: serde::de::Error>(value: &Value, unit: u64) -> Result<u64, E> {
    let Value::String(text) = value else {
        return read(value);
    };
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, said) = text.split_at(digits);
    // without `iB` as QEMU takes it; GB and such are other sizes
    let of = match said.trim_start() {
        "" => unit,
        "K" | "KiB" => KIB,
        "M" | "MiB" => MIB,
        "G" | "GiB" => GIB,
        "T" | "TiB" => 1024 * GIB,
        _ => return Err(E::custom(TAKES_SIZE)),
    };
    let bytes = number
        .parse()
        .ok()
        .and_then(|number: u64| number.checked_mul(of));
    match bytes {
        Some(bytes) if bytes % unit == 0 => Ok(bytes / unit),
        _ => Err(E::custom(TAKES_SIZE)),
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

    use super::TAKES_SIZE;

    #[derive(Debug, Deserialize)]
    struct Sizes {
        #[serde(deserialize_with = "super::number")]
        disk: u64,
        #[serde(default, deserialize_with = "super::optional")]
        more: Option<u64>,
    }

    #[derive(Debug, Deserialize)]
    struct Units {
        #[serde(default, deserialize_with = "super::optional_kib")]
        memory: Option<u64>,
        #[serde(default, deserialize_with = "super::optional_gib")]
        disk: Option<u64>,
    }

    #[test]
    fn sizes_are_numbers_of_their_unit_or_say_another() {
        for (text, memory, disk) in [
            (
                r#"{"memory": 1048576, "disk": 20}"#,
                Some(1_048_576),
                Some(20),
            ),
            (
                r#"{"memory": "1048576", "disk": "20"}"#,
                Some(1_048_576),
                Some(20),
            ),
            (
                r#"{"memory": "4GiB", "disk": "2 TiB"}"#,
                Some(4 << 20),
                Some(2048),
            ),
            (
                r#"{"memory": "512M", "disk": "2048MiB"}"#,
                Some(512 << 10),
                Some(2),
            ),
            (r#"{"memory": "", "disk": null}"#, None, None),
        ] {
            let units: Units = serde_json::from_str(text).unwrap();
            assert_eq!((units.memory, units.disk), (memory, disk), "{text}");
        }
        for size in [
            "4GB",
            "1.5GiB",
            "GiB",
            "-1GiB",
            "4 gib",
            "99999999999TiB",
            "512MiB",
        ] {
            let text = format!(r#"{{"disk": "{size}"}}"#);
            let error = serde_json::from_str::<Units>(&text)
                .unwrap_err()
                .to_string();
            assert!(error.starts_with(TAKES_SIZE), "{error}");
        }
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
