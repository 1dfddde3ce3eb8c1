//! JSON Schemas of the protocol, made from its types.
//!
//! A method's `request` schema is that of the member `params` of a request, its `answer` schema that
//! of the member `result` of an answer. They name each member once; a few members have older names
//! as well, and numbers may come as text, which the program takes and the schemas do not show.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::error_object::ErrorObject;
use super::methods::METHODS;

/// The schema of what the method `name` takes.
pub(super) fn request_schema<T: JsonSchema>(name: &str) -> Schema {
    titled::<T>(SchemaSettings::draft2020_12(), &format!("{name} request"))
}

/// The schema of what the method `name` answers.
pub(super) fn answer_schema<T: JsonSchema>(name: &str) -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    titled::<T>(settings, &format!("{name} answer"))
}

fn titled<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), Value::from(title));
    schema
}

/// Every schema and the name of its file: two for each method, and `error.json`, the member `error`
/// of an answer.
#[must_use]
pub fn files() -> Vec<(String, Schema)> {
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
    let settings = SchemaSettings::draft2020_12().for_serialize();
    files.push((
        "error.json".to_owned(),
        titled::<ErrorObject>(settings, "error"),
    ));
    files
}

/// `schema` as the text of its file.
#[must_use]
pub fn text(schema: &Schema) -> String {
    format!("{:#}\n", schema.as_value())
}

#[cfg(test)]
mod tests {
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
