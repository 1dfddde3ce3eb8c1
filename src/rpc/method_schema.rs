//! The JSON Schema of one type of the protocol.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of what the method `name` takes.
pub(super) fn request_schema<T: JsonSchema>(name: &str) -> Schema {
    request_titled::<T>(&format!("{name} request"))
}

/// The schema of something that is read.
pub(super) fn request_titled<T: JsonSchema>(title: &str) -> Schema {
    titled::<T>(SchemaSettings::draft2020_12(), title)
}

/// The schema of what the method `name` answers.
pub(super) fn answer_schema<T: JsonSchema>(name: &str) -> Schema {
    answer_titled::<T>(&format!("{name} answer"))
}

/// The schema of something that is answered.
pub(super) fn answer_titled<T: JsonSchema>(title: &str) -> Schema {
    titled::<T>(SchemaSettings::draft2020_12().for_serialize(), title)
}

fn titled<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), Value::from(title));
    schema
}
