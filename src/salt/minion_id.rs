//! Which names a minion may have.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The longest name: what fits a file name beside Salt's own suffixes, and a DNS name.
const LONGEST: usize = 253;
const PATTERN: &str = r"^[A-Za-z0-9](?:(?:[A-Za-z0-9_-]|\.(?!\.))*[A-Za-z0-9_])?$";

/// A minion's id, which is also the name of its key's file on the master.
///
/// ASCII letters, digits, `.`, `-` and `_`; it starts with a letter or digit, does not end with `.` or
/// `-`, has no `..`, and is at most 253 long. Salt's own `valid_id` lets through spaces, newlines, `*`
/// and leading dots, and it had to be tightened twice (CVE-2017-12791, CVE-2017-14695).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinionId(String);

impl MinionId {
    /// Takes `id` if it may be one.
    ///
    /// # Errors
    /// [`crate::Kind::InvalidField`] about `/id`.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        let allowed = id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id.len() <= LONGEST
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && !id.contains("..")
            && !id.ends_with(['.', '-']);
        if allowed {
            return Ok(Self(id));
        }
        let message = format!(
            "{:?} cannot be a minion's id: ASCII letters, digits, `.`, `-` and `_`, starting with a letter or \
             digit, without `..`, at most {LONGEST} characters",
            id.chars().take(80).collect::<String>()
        );
        Err(Error::invalid("/id", message))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MinionId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self> {
        Self::new(id)
    }
}

impl From<MinionId> for String {
    fn from(id: MinionId) -> Self {
        id.0
    }
}

impl fmt::Display for MinionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for MinionId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MinionId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A minion's id: ASCII letters, digits, `.`, `-` and `_`, starting with a letter or digit, without `..`",
            "pattern": PATTERN,
            "maxLength": LONGEST,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::MinionId;
    use crate::Kind;
    use proptest::prelude::*;

    fn schema_allows(id: &str) -> bool {
        let schema = schemars::schema_for!(MinionId);
        jsonschema::is_valid(schema.as_value(), &id.into())
    }

    #[test]
    fn names_of_servers_are_ids() {
        for id in [
            "a",
            "web-1",
            "web_1.example.org",
            "0",
            &"a".repeat(253),
            "a--b",
            "a_",
        ] {
            assert_eq!(MinionId::new(id).unwrap().as_str(), id);
            assert!(schema_allows(id), "{id}");
        }
    }

    #[test]
    fn what_could_leave_the_directory_or_match_others_is_not() {
        for id in [
            "",
            ".",
            "..",
            "a/b",
            "../x",
            "a..b",
            ".a",
            "-a",
            "_a",
            "a.",
            "a-",
            "a b",
            "a\n",
            "a*",
            "a\\b",
            "a\0",
            "é",
            &"a".repeat(254),
        ] {
            let error = MinionId::new(id).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (Kind::InvalidField, Some("/id")),
                "{id:?}"
            );
            assert!(serde_json::from_value::<MinionId>(id.into()).is_err());
            assert!(!schema_allows(id), "{id:?}");
        }
    }

    proptest! {
        #[test]
        fn the_schema_says_the_same(id in "[a-c0._/ -]{0,6}") {
            prop_assert_eq!(MinionId::new(id.as_str()).is_ok(), schema_allows(&id));
        }
    }
}
