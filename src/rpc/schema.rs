//! JSON Schemas of the protocol, made from its types.
//!
//! A method's `request` schema is that of the member `params` of a request, its `answer` schema that
//! of the member `result` of an answer. They name each member once; a few members have older names
//! as well, and numbers may come as text, which the program takes and the schemas do not show.

use super::error_object::ErrorObject;
use super::method_schema::{answer_titled, request_titled};
use super::methods::METHODS;
use crate::drivers::manifest::ManifestFile;
use schemars::Schema;

/// Every schema and the name of its file: two for each method; `error.json`, the member `error` of an
/// answer; and `manifest.json`, a driver in a page.
#[must_use]
pub(crate) fn files() -> Vec<(String, Schema)> {
    let mut files = Vec::new();
    for method in METHODS {
        files.push((
            format!("{}.request.json", method.name),
            method.request_schema(),
        ));
        files.push((
            format!("{}.answer.json", method.name),
            method.answer_schema(),
        ));
    }
    files.push((
        "error.json".to_owned(),
        answer_titled::<ErrorObject>("error"),
    ));
    files.push((
        "manifest.json".to_owned(),
        request_titled::<ManifestFile>("manifest of a driver"),
    ));
    files
}

/// `schema` as the text of its file.
#[must_use]
pub(crate) fn text(schema: &Schema) -> String {
    format!("{:#}\n", schema.as_value())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_schema_is_one() {
        for (name, schema) in files() {
            assert!(jsonschema::meta::is_valid(schema.as_value()), "{name}");
            jsonschema::validator_for(schema.as_value()).unwrap();
        }
    }

    #[test]
    fn requests_name_every_member_and_no_other_is_taken() {
        for method in METHODS {
            let schema = method.request_schema();
            assert_eq!(
                schema.get("additionalProperties"),
                Some(&Value::Bool(false)),
                "{}",
                method.name
            );
        }
    }
}
