//! Forms: the steps that a caller shows to a person, and their fields.

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
    /// Whether the value is not to be shown; forms render it as a password.
    #[serde(skip)]
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
        self.fields.push(Field {
            id: id.to_owned(),
            name: name.to_owned(),
            field_type,
            blank,
            option_choices: Vec::new(),
            secret: id.contains("password") || id.contains("secret"),
            open: false,
        });
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

    /// Every field that is missing or empty where it may not be, and every choice that was not
    /// among those known without a connection: id and what is wrong with it.
    pub fn validate(&self, values: &FieldValues) -> Result<Vec<(String, String)>> {
        let mut wrong = Vec::new();
        for field in self
            .fields
            .iter()
            .filter(|f| f.field_type != FieldType::Description)
        {
            let text = text_of(values, &field.id)?;
            match text.as_deref().map(str::trim) {
                None | Some("") if !field.blank => {
                    wrong.push((
                        field.id.clone(),
                        format!("{} must be filled in.", field.name),
                    ));
                }
                Some(text)
                    if !text.is_empty()
                        && !field.open
                        && !field.option_choices.is_empty()
                        && !field
                            .option_choices
                            .iter()
                            .any(|choice| choice.value() == text) =>
                {
                    let known: Vec<_> = field.option_choices.iter().map(Choice::value).collect();
                    wrong.push((
                        field.id.clone(),
                        format!("{} must be one of: {}.", field.name, known.join(", ")),
                    ));
                }
                _ => {}
            }
        }
        Ok(wrong)
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
mod tests {
    use super::*;
    use serde_json::json;

    fn step() -> Step {
        Step::new("Provider info")
            .field("provider_name", "Name", FieldType::Str)
            .blank_field("location", "Location", FieldType::Str)
            .field("host_protocol", "Protocol", FieldType::Options)
            .choices("host_protocol", &["qemu", "test"])
            .field("netsec_desc", "Choose a network.", FieldType::Description)
    }

    fn wrong(values: Value) -> Vec<String> {
        let Value::Object(values) = values else {
            unreachable!()
        };
        step()
            .validate(&values)
            .unwrap()
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn a_step_serialises_as_the_dashboard_reads_it() {
        let step = Step::new("Host").field("host_ip", "Host ip", FieldType::Str);
        assert_eq!(
            serde_json::to_string(&step).unwrap(),
            r#"{"name":"Host","fields":[{"id":"host_ip","name":"Host ip","type":"str","blank":false}]}"#
        );
    }

    #[test]
    fn every_field_that_is_missing_or_empty_is_named() {
        assert_eq!(wrong(json!({})), ["provider_name", "host_protocol"]);
        assert_eq!(
            wrong(json!({"provider_name": " ", "host_protocol": null})),
            ["provider_name", "host_protocol"]
        );
        assert!(wrong(json!({"provider_name": "a", "host_protocol": "test"})).is_empty());
    }

    #[test]
    fn a_choice_must_be_among_those_known() {
        assert_eq!(
            wrong(json!({"provider_name": "a", "host_protocol": "ftp"})),
            ["host_protocol"]
        );
    }

    #[test]
    fn a_guess_is_not_imposed() {
        let step = Step::new("Cloud")
            .field("region", "Region", FieldType::Options)
            .suggestions("region", &["RegionOne"]);
        let filled = json!({"region": "north"});
        assert!(
            step.validate(filled.as_object().unwrap())
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_an_error_with_its_pointer() {
        let Value::Object(values) = json!({"provider_name": {"a": 1}}) else {
            unreachable!()
        };
        let error = step().validate(&values).unwrap_err();
        assert_eq!(error.field(), Some("/field_values/provider_name"));
    }
}
