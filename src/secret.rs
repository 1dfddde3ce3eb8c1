//! A string that must not be shown.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A password, token or private key. `Debug` hides it and its memory is wiped when it is dropped.
///
/// It serialises as the plain string, because records that a caller stores must hold it; whoever
/// serialises one decides where it goes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Secret(#[schemars(with = "String")] Inner);

#[derive(Clone, Default, PartialEq, Eq)]
struct Inner(Zeroizing<String>);

impl Serialize for Inner {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl Secret {
    /// Takes `text` as a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Inner(Zeroizing::new(text)))
    }

    /// The text itself. Each use is a place where it could leak.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "[secret]");
    }

    #[test]
    fn serde_keeps_the_text() {
        let secret: Secret = serde_json::from_str("\"a\\nb\"").unwrap();
        assert_eq!(secret.expose(), "a\nb");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"a\\nb\"");
    }
}
