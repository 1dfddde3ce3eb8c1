//! Errors as answers carry them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Kind, LeftBehind};

/// The code of a message that could not be read, so that its id is not known. Its kind is
/// [`Kind::InvalidRequest`].
pub(crate) const PARSE_ERROR: i32 = -32700;

/// The member `error` of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ErrorObject {
    /// The code; it follows from the kind.
    pub code: i32,
    /// A sentence for people, which names the thing and the way out.
    pub message: String,
    /// What programs read.
    pub data: ErrorData,
}

/// What programs read of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ErrorData {
    /// What went wrong.
    pub kind: Kind,
    /// The member of `params` that it concerns, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Whether the same request may succeed later without a change.
    pub retryable: bool,
    /// What could not be undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// What lies under it in the lower layers' own words, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
}

impl From<&Error> for ErrorObject {
    fn from(error: &Error) -> Self {
        Self {
            code: error.kind().code(),
            message: error.message().to_owned(),
            data: ErrorData {
                kind: error.kind(),
                field: error.field().map(ToOwned::to_owned),
                retryable: error.is_retryable(),
                left_behind: error.left_behind().to_vec(),
                source: error.sources().to_vec(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_members_are_left_out() {
        let object = ErrorObject::from(&Error::new(Kind::Timeout, "the host is silent"));
        assert_eq!(
            serde_json::to_value(object).unwrap(),
            json!({"code": -32010, "message": "the host is silent", "data": {"kind": "timeout", "retryable": true}})
        );
    }

    #[test]
    fn everything_an_error_holds_is_there() {
        let error = Error::invalid("/server/image", "no")
            .with_source("below")
            .with_left_behind(vec![LeftBehind {
                resource: "volume".into(),
                name: "/a".into(),
                reason: "busy".into(),
            }]);
        assert_eq!(
            serde_json::to_value(ErrorObject::from(&error)).unwrap()["data"],
            json!({
                "kind": "invalid_field", "field": "/server/image", "retryable": false,
                "left_behind": [{"resource": "volume", "name": "/a", "reason": "busy"}],
                "source": ["below"],
            })
        );
    }
}
