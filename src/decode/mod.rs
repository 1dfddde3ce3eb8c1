//! Rust types out of JSON, with errors that name the member and never repeat a value.
//!
//! | file | concern |
//! |---|---|
//! | `explain` | what serde found wrong, said anew without the values |
//! | `suggest` | what somebody may have meant |

mod explain;
pub(crate) mod suggest;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;

pub(crate) use explain::{TAKES_SIZE, TAKES_WHOLE_NUMBER, kind_of};

/// `value` as a `T`; `at` is the JSON pointer of `value` itself, empty for all that a caller sent.
///
/// # Errors
/// [`crate::Kind::InvalidField`] about the member that does not fit. Neither the message nor the
/// pointer holds anything of a value.
pub(crate) fn decode<T: DeserializeOwned>(value: &Value, at: &str) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| explain::explain(value, at, error.path(), &error.inner().to_string()))
}

/// What a member says that is true unless it says otherwise.
pub(crate) fn yes() -> bool {
    true
}

/// `segment` as it stands in a JSON pointer (RFC 6901).
pub(crate) fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
