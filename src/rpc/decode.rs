//! Parameters out of JSON; see [`crate::decode`].

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Result;

/// `params` as a `T`.
pub(super) fn decode<T: DeserializeOwned>(params: Map<String, Value>) -> Result<T> {
    crate::decode::decode(&Value::Object(params), "")
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
