//! What a validated step answers.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, FieldType, FieldValues, OptionChoices, Step, schema, text_of};
use crate::driver::Provider;
use crate::{Error, Kind, Result};

/// The answer to a step: where to go next and with which choices, or what is wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct StepResult {
    /// What is wrong, as sentences; empty when the step is accepted.
    #[serde(default)]
    pub errors: Vec<String>,
    /// The same by field id, for those that concern one field.
    #[serde(default)]
    pub field_errors: IndexMap<String, String>,
    /// The step to show next; the same one when there are errors, −1 when the form is finished.
    pub new_step_index: i64,
    /// Choices for the fields of the steps to come.
    #[serde(default)]
    pub option_choices: OptionChoices,
    /// The JSON Schema of the step to show next, with its choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The UI schema of the step to show next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_schema: Option<Value>,
    /// The finished provider, to be stored by the caller. It holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The finished provider as Salt's provider configuration (YAML).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_conf: Option<String>,
    /// The finished provider's profile as Salt's profile configuration (YAML).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_conf: Option<String>,
    /// What the caller should know although nothing failed, such as TLS that is not verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl StepResult {
    /// On to step `index` with `option_choices`.
    #[must_use]
    pub fn next(steps: &[Step], index: usize, option_choices: OptionChoices) -> Self {
        Self {
            new_step_index: i64::try_from(index).unwrap_or(-1),
            ..Self::default()
        }
        .offering(steps, option_choices)
    }

    /// Still at step `index`, because these fields are wrong: id and what is wrong with it.
    #[must_use]
    pub fn stay(index: usize, wrong: Vec<(String, String)>) -> Self {
        Self {
            errors: wrong.iter().map(|(_, message)| message.clone()).collect(),
            field_errors: wrong.into_iter().collect(),
            new_step_index: i64::try_from(index).unwrap_or(-1),
            ..Self::default()
        }
    }

    /// The same, with choices for the step to show next, which is one of `steps`.
    #[must_use]
    pub fn offering(self, steps: &[Step], option_choices: OptionChoices) -> Self {
        let step = usize::try_from(self.new_step_index)
            .ok()
            .and_then(|index| steps.get(index));
        Self {
            schema: step.map(|step| schema::json_schema(step, &option_choices)),
            ui_schema: step.map(schema::ui_schema),
            option_choices,
            ..self
        }
    }

    /// The same, where what `values` hold already is offered as it stands there: a plain name, `name|id`.
    pub(super) fn in_the_words_of(mut self, values: &FieldValues, steps: &[Step]) -> Result<Self> {
        if self.option_choices.is_empty() {
            return Ok(self);
        }
        let mut offered = std::mem::take(&mut self.option_choices);
        for (id, choices) in &mut offered {
            if let Some(text) = text_of(values, id)? {
                let said = |choice: Choice| choice.in_the_words_of(&text);
                *choices = std::mem::take(choices).into_iter().map(said).collect();
            }
        }
        Ok(self.offering(steps, offered))
    }

    /// Still at step `index`, because the host refuses what was entered or does not answer. Faults
    /// of this program and interruptions stay errors.
    pub fn refused(index: usize, error: Error) -> Result<Self> {
        if matches!(error.kind(), Kind::Internal | Kind::Cancelled) {
            return Err(error);
        }
        let field = error
            .field()
            .and_then(field_id)
            .map(|id| (id.to_owned(), error.message().to_owned()));
        Ok(Self {
            errors: vec![error.message().to_owned()],
            field_errors: field.into_iter().collect(),
            new_step_index: i64::try_from(index).unwrap_or(-1),
            ..Self::default()
        })
    }
}

/// The field that `pointer` is about or inside of: below `/provider` or `/field_values`, where the
/// choices of a form are in the provider's `defaults`.
fn field_id(pointer: &str) -> Option<&str> {
    let mut names = pointer.split('/').skip(2);
    match names.next()? {
        "defaults" => names.next(),
        id => Some(id),
    }
}

/// Which of the `options` fields of `step` hold a value that is not among `choices`.
pub(super) fn not_offered(
    step: &Step,
    values: &FieldValues,
    choices: &OptionChoices,
) -> Result<Vec<(String, String)>> {
    let mut wrong = Vec::new();
    for field in step
        .fields
        .iter()
        .filter(|field| field.field_type == FieldType::Options)
    {
        let Some(offered) = choices.get(&field.id) else {
            continue;
        };
        let Some(text) = text_of(values, &field.id)?.filter(|text| !text.is_empty()) else {
            continue;
        };
        if !offered.iter().any(|choice| choice.is_meant(&text)) {
            let way_out = match offered.as_slice() {
                [] => "it has none".to_owned(),
                few if few.len() <= 10 => {
                    let values: Vec<_> = few.iter().map(Choice::value).collect();
                    format!("choose one of: {}", values.join(", "))
                }
                _ => "choose one that it offers".to_owned(),
            };
            let name = &field.name;
            wrong.push((
                field.id.clone(),
                format!("{name}: the host has no {text:?}; {way_out}."),
            ));
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::StepResult;
    use crate::Error;
    use crate::driver::{FieldType, SecGroup, Step};

    #[test]
    fn a_plain_name_is_as_good_as_name_and_id_and_stays_what_was_entered() {
        let one = SecGroup {
            name: "web".to_owned(),
            id: Some("7".to_owned()),
        };
        let steps = [Step::new("Net").field("sec_group", "Group", FieldType::Options)];
        for (entered, offered) in [
            (json!({}), Some("web")),
            (json!({"sec_group": "web"}), Some("web")),
            (json!({"sec_group": "web|7"}), Some("web|7")),
            (json!({"sec_group": "7"}), Some("7")),
            (json!({"sec_group": "web|8"}), None),
        ] {
            let values = entered.as_object().unwrap();
            let choices = [(
                "sec_group".to_owned(),
                SecGroup::choices(std::slice::from_ref(&one)),
            )]
            .into();
            let wrong = super::not_offered(&steps[0], values, &choices).unwrap();
            assert_eq!(wrong.is_empty(), offered.is_some(), "{entered}");
            let result = StepResult::next(&steps, 0, choices);
            let result = result.in_the_words_of(values, &steps).unwrap();
            let shown = &result.schema.unwrap()["properties"]["sec_group"]["oneOf"][1];
            assert_eq!(shown["const"], offered.unwrap_or("web"), "{entered}");
            assert_eq!(shown["title"], "web");
        }
    }

    #[test]
    fn a_refusal_names_the_field_that_it_is_inside_of() {
        for (pointer, id) in [
            ("/provider/host_ip", "host_ip"),
            ("/field_values/uri", "uri"),
            ("/provider/flavours/small/memory", "flavours"),
            ("/provider/defaults/network", "network"),
        ] {
            let result = StepResult::refused(1, Error::invalid(pointer, "no")).unwrap();
            assert_eq!(result.field_errors.keys().collect::<Vec<_>>(), [id]);
            assert_eq!(
                (result.errors, result.new_step_index),
                (vec!["no".to_owned()], 1)
            );
        }
        let result = StepResult::refused(0, Error::invalid("/provider", "no")).unwrap();
        assert!(result.field_errors.is_empty());
    }
}
