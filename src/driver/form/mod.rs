//! Forms: the steps that a caller shows to a person, and their fields.
//!
//! This room knows no driver: a walk is told what it needs of one.
//!
//! | file | concern |
//! |---|---|
//! | `walk` | from step to step: what was entered, checked; the choices of the next |
//! | `step_result` | what a validated step answers |
//! | `field_check` | whether a value is one that a field takes |
//! | `offers` | what the fields of a step can be filled with that only the host knows |
//! | `schema` | a step as JSON Schema and UI schema |

mod field_check;
mod offers;
mod schema;
mod step_result;
mod walk;

pub use field_check::Format;
pub(crate) use offers::ask;
pub use offers::{Offer, Offers};
pub use schema::{json_schema, ui_schema};
pub use step_result::StepResult;
pub(super) use walk::{Walk, without_aliases};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::decode::kind_of;
use crate::{Error, Result};

/// What was entered so far: field id to value, over all steps.
pub type FieldValues = Map<String, Value>;

/// Field id to the choices that it has.
pub type OptionChoices = IndexMap<String, Vec<Choice>>;

/// How a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// A line of text.
    Str,
    /// One of the choices that a step result offers.
    Options,
    /// Text to read; it takes no value.
    Description,
}

/// One choice of an `options` field: its value, or its value and what a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Choice {
    /// The value is its own title.
    Text(String),
    /// A value with a title of its own, as JSON Schema's `oneOf` takes it.
    Titled {
        /// The value.
        #[serde(rename = "const")]
        value: String,
        /// What a person reads.
        title: String,
    },
}

impl Choice {
    /// The value that the field takes.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Titled { value, .. } => value,
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Titled { title, .. } => title,
        }
    }
}

impl From<&str> for Choice {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A field of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its name in `field_values`.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// How it is shown.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Whether it may stay empty.
    pub blank: bool,
    /// The choices known without a connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option_choices: Vec<Choice>,
    /// What it is where nothing is entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What its text must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Whether the value is not to be shown; forms render it as a password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Whether it takes other values than the choices known without a connection: which there really
    /// are, the host says.
    #[serde(skip)]
    pub open: bool,
}

/// A page of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its heading.
    pub name: String,
    /// Its fields, in the order to show them.
    pub fields: Vec<Field>,
}

impl Step {
    /// A step without fields.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            fields: Vec::new(),
        }
    }

    /// The step with one more field, which must be filled.
    #[must_use]
    pub fn field(self, id: &str, name: &str, field_type: FieldType) -> Self {
        self.add(id, name, field_type, field_type == FieldType::Description)
    }

    /// The step with one more field, which may stay empty.
    #[must_use]
    pub fn blank_field(self, id: &str, name: &str, field_type: FieldType) -> Self {
        self.add(id, name, field_type, true)
    }

    fn add(mut self, id: &str, name: &str, field_type: FieldType, blank: bool) -> Self {
        self.fields.push(Field::new(id, name, field_type, blank));
        self
    }

    /// The step with `choices` for its field `id`.
    #[must_use]
    pub fn choices(mut self, id: &str, choices: &[&str]) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.id == id) {
            field.option_choices = choices.iter().map(|text| Choice::from(*text)).collect();
        }
        self
    }

    /// The step with `choices` for its field `id`, which are a guess: the host may have others.
    #[must_use]
    pub fn suggestions(self, id: &str, choices: &[&str]) -> Self {
        let mut step = self.choices(id, choices);
        for field in step.fields.iter_mut().filter(|field| field.id == id) {
            field.open = true;
        }
        step
    }

    /// The step without its field `id`.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.fields.retain(|field| field.id != id);
        self
    }

    /// The step with its field `id` allowed to stay empty.
    #[must_use]
    pub fn allow_blank(mut self, id: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.id == id) {
            field.blank = true;
        }
        self
    }

    /// Every field that is missing or empty where it may not be, and every value that is not one that is
    /// taken: id and what is wrong with it.
    pub fn validate(&self, values: &FieldValues) -> Result<Vec<(String, String)>> {
        let mut wrong = Vec::new();
        for field in &self.fields {
            if field.field_type == FieldType::Description {
                continue;
            }
            let text = text_of(values, &field.id)?;
            if let Err(message) = field.check(text.as_deref()) {
                wrong.push((field.id.clone(), message));
            }
        }
        Ok(wrong)
    }
}

impl Field {
    /// A field that has no choices yet.
    #[must_use]
    pub fn new(id: &str, name: &str, field_type: FieldType, blank: bool) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            field_type,
            blank,
            option_choices: Vec::new(),
            default: None,
            format: None,
            secret: id.contains("password") || id.contains("secret"),
            open: false,
        }
    }
}

/// The value of the field `id` as text; `None` when it is absent or null. Numbers count as text,
/// because dashboards send either; anything else is an error of the request.
pub fn text_of(values: &FieldValues, id: &str) -> Result<Option<String>> {
    match values.get(id) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(Error::invalid(
            format!("/field_values/{id}"),
            format!("field {id} takes text, not {}", kind_of(other)),
        )),
    }
}

#[cfg(test)]
mod tests;
