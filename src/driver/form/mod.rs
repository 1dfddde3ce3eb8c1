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
pub use offers::{Offer, Offers};
pub use schema::{json_schema, ui_schema};
pub use step_result::StepResult;
pub(super) use walk::{Walk, without_aliases};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ProviderMember, ProviderMembers};
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
        /// What the field takes for it as well: its id, `name|id`.
        #[serde(skip)]
        also: Vec<String>,
    },
}

impl Choice {
    /// `value`, shown as `title`.
    #[must_use]
    pub fn titled(value: &str, title: String) -> Self {
        Self::Titled {
            value: value.to_owned(),
            title,
            also: Vec::new(),
        }
    }

    /// Whether a field that holds `text` means this one.
    #[must_use]
    pub fn is_meant(&self, text: &str) -> bool {
        let also = match self {
            Self::Text(_) => &[][..],
            Self::Titled { also, .. } => also,
        };
        self.value() == text || also.iter().any(|one| one == text)
    }

    /// The same with `text` for its value, where that means it: what was entered stays as it is.
    #[must_use]
    pub(super) fn in_the_words_of(mut self, text: &str) -> Self {
        if self.is_meant(text)
            && let Self::Titled { value, .. } = &mut self
        {
            text.clone_into(value);
        }
        self
    }

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
    /// What it says, for who fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it may stay empty.
    pub blank: bool,
    /// What counts where it stays empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The choices known without a connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option_choices: Vec<Choice>,
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
    /// What it may stay empty for, where one of these is there: fields, or other members of a provider.
    #[serde(skip)]
    pub unless: Vec<&'static str>,
}

impl Field {
    /// Whether one of `values` stands for it.
    fn is_needless(&self, values: &FieldValues) -> bool {
        let given = |name: &&str| match values.get(*name) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Bool(set)) => *set,
            Some(Value::Object(members)) => !members.is_empty(),
            _ => false,
        };
        self.unless.iter().any(given)
    }

    /// Whether it may stay empty for all that this field knows; the whole step tells.
    pub(crate) fn may_stay_empty(&self) -> bool {
        self.blank || self.default.is_some() || !self.unless.is_empty()
    }
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

    /// The step with `change` done to its field `id`.
    fn with(mut self, id: &str, change: impl FnOnce(&mut Field)) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.id == id) {
            change(field);
        }
        self
    }

    /// The step with `choices` for its field `id`.
    #[must_use]
    pub fn choices(self, id: &str, choices: &[&str]) -> Self {
        self.with(id, |field| {
            field.option_choices = choices.iter().map(|text| Choice::from(*text)).collect();
        })
    }

    /// The step with `choices` for its field `id`, which are a guess: the host may have others.
    #[must_use]
    pub fn suggestions(self, id: &str, choices: &[&str]) -> Self {
        self.choices(id, choices)
            .with(id, |field| field.open = true)
    }

    /// The step without its field `id`.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.fields.retain(|field| field.id != id);
        self
    }

    /// The step with its field `id` allowed to stay empty.
    #[must_use]
    pub fn allow_blank(self, id: &str) -> Self {
        self.with(id, |field| field.blank = true)
    }

    /// The step with its field `id` allowed to stay empty where one of `others` is there.
    #[must_use]
    pub fn unless(self, id: &str, others: &[&ProviderMember]) -> Self {
        let names = others.iter().flat_map(|member| member.names());
        self.with(id, |field| {
            field.unless = names.filter(|name| *name != id).collect();
        })
    }

    /// The step with `text` for what counts where its field `id` stays empty.
    #[must_use]
    pub fn default(self, id: &str, text: &str) -> Self {
        self.with(id, |field| field.default = Some(text.to_owned()))
    }

    /// The step with each field described, that is not yet, as the member of its name is in `members`.
    #[must_use]
    pub(super) fn described(mut self, members: &ProviderMembers) -> Self {
        for field in &mut self.fields {
            if let (None, Some(member)) = (&field.description, members.taken(&field.id)) {
                field.description = Some(member.about.replace('`', ""));
            }
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
            let is_empty = text.as_deref().is_none_or(|text| text.trim().is_empty());
            if is_empty && field.is_needless(values) {
                continue;
            }
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
            description: None,
            blank,
            default: None,
            option_choices: Vec::new(),
            format: None,
            secret: id.contains("password") || id.contains("secret"),
            open: false,
            unless: Vec::new(),
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
