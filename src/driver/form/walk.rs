//! The walk over the steps of a form, and what each of them is checked against.

use serde_json::{Map, Value, json};

use super::offers::choices as choices_among;
use super::step_result::{StepResult, not_offered};
use super::{FieldType, FieldValues, Offers, OptionChoices, Step, text_of};
use crate::decode::{decode, escape};
use crate::driver::{Provider, ProviderMembers};
use crate::{Error, Result};

/// A question about a provider, and its answer.
pub(in crate::driver) type Ask<'a, T> = &'a (dyn Fn(&Provider) -> Result<T> + Sync);

/// What a walk takes of the driver whose form it goes through.
pub(in crate::driver) struct Walk<'a> {
    pub(in crate::driver) driver_id: &'a str,
    pub(in crate::driver) steps: Vec<Step>,
    /// What may be sent beside the steps' fields: the members that the driver reads.
    pub(in crate::driver) members: &'static ProviderMembers,
    /// What the fields of a step can be filled with that can be known before anything is entered.
    pub(in crate::driver) start: &'a (dyn Fn() -> OptionChoices + Sync),
    /// What the fields of a step, which has this index, can be filled with.
    pub(in crate::driver) offers: &'a (dyn Fn(&Provider, usize, &Step) -> Result<Offers> + Sync),
    /// Salt's configuration of the provider and of its profile.
    pub(in crate::driver) render: Ask<'a, (String, String)>,
    pub(in crate::driver) warnings: &'a dyn Fn(&Provider) -> Vec<String>,
}

impl Walk<'_> {
    /// Validates step `step_index`: −1 starts; each of the others is checked against what the host offers
    /// for it and offers the next; the last finishes the provider.
    pub(in crate::driver) fn validate(
        &self,
        step_index: i64,
        values: &FieldValues,
    ) -> Result<StepResult> {
        let steps = &self.steps;
        self.check_ids(values)?;
        let last = steps.len().saturating_sub(1);
        let Ok(index) = usize::try_from(step_index) else {
            return if step_index == -1 {
                let mut choices = known_choices(steps);
                choices.extend((self.start)());
                Ok(StepResult::next(steps, 0, choices))
            } else {
                Err(out_of_range(step_index, last))
            };
        };
        if index > last {
            return Err(out_of_range(step_index, last));
        }
        let mut wrong = Vec::new();
        for step in &steps[..=index] {
            wrong.extend(step.validate(values)?);
        }
        if !wrong.is_empty() {
            return Ok(StepResult::stay(index, wrong));
        }
        let outcome = self
            .provider_from(values)
            .and_then(|provider| self.advance(index, values, &provider));
        match outcome {
            Ok(result) => result.in_the_words_of(values, steps),
            Err(error) => StepResult::refused(index, error),
        }
    }

    /// Accepts step `index` of a form that is filled: asks the host what it has to be asked.
    fn advance(
        &self,
        index: usize,
        values: &FieldValues,
        provider: &Provider,
    ) -> Result<StepResult> {
        let steps = &self.steps;
        let next = index + 1;
        let ask = |index| {
            let step: &Step = &steps[index];
            let offers = (self.offers)(provider, index, step)?;
            Ok::<_, Error>(choices_among(offers, step))
        };
        let (chosen_here, _) = ask(index)?;
        let wrong = not_offered(&steps[index], values, &chosen_here)?;
        if !wrong.is_empty() {
            return Ok(StepResult::stay(index, wrong).offering(steps, chosen_here));
        }
        let mut result = if next == steps.len() {
            let (provider_conf, profile_conf) = (self.render)(provider)?;
            StepResult {
                new_step_index: -1,
                provider: Some(provider.clone()),
                provider_conf: Some(provider_conf),
                profile_conf: Some(profile_conf),
                ..StepResult::default()
            }
        } else {
            match ask(next) {
                Ok((mut choices, hints)) => {
                    if index == 0 {
                        choices.extend(chosen_here);
                    }
                    let mut result = StepResult::next(steps, next, choices);
                    result.warnings = hints;
                    result
                }
                Err(error) => {
                    return Ok(StepResult::refused(index, error)?.offering(steps, chosen_here));
                }
            }
        };
        result.warnings.extend((self.warnings)(provider));
        if let Some(step) = steps.get(next) {
            let none = nothing_offered(step, &result.option_choices);
            result.warnings.extend(none);
        }
        Ok(result)
    }

    fn check_ids(&self, values: &FieldValues) -> Result<()> {
        let is_known = |id: &str| self.members.takes(id) || has_field(&self.steps, id);
        let Some(id) = values.keys().find(|id| !is_known(id)) else {
            return Ok(());
        };
        let mut message = format!("the driver {} has no field {id:?}", self.driver_id);
        if let Some(meant) = self.members.near_miss(id) {
            message.push_str("; did you mean ");
            message.push_str(meant);
        }
        let pointer = format!("/field_values/{}", escape(id));
        Err(Error::invalid(pointer, message))
    }

    /// The provider that `values` describe. Empty values are left out; the choices of the later steps
    /// become its defaults.
    fn provider_from(&self, values: &FieldValues) -> Result<Provider> {
        let mut record = Map::new();
        record.insert("driver_name".to_owned(), json!(self.driver_id));
        let mut defaults = Map::new();
        for field in self.steps.iter().flat_map(|step| &step.fields) {
            let entered = text_of(values, &field.id)?.filter(|text| !text.trim().is_empty());
            let Some(text) = entered.or_else(|| field.default.clone()) else {
                continue;
            };
            if field.field_type == FieldType::Description {
                continue;
            }
            let into = match field.id.as_str() {
                "network" | "sec_group" | "image" | "size" => &mut defaults,
                _ => &mut record,
            };
            into.insert(field.id.clone(), Value::String(text));
        }
        record.insert("defaults".to_owned(), Value::Object(defaults));
        let beside = |id: &str| self.members.takes(id) && !has_field(&self.steps, id);
        for (id, value) in values {
            if beside(id) && !value.is_null() {
                record.insert(id.clone(), value.clone());
            }
        }
        decode(&Value::Object(record), "/field_values")
    }
}

fn has_field(steps: &[Step], id: &str) -> bool {
    let mut fields = steps.iter().flat_map(|step| &step.fields);
    fields.any(|field| field.id == id)
}

/// What the caller should know of fields of `step` that must be chosen from nothing.
fn nothing_offered(step: &Step, choices: &OptionChoices) -> Vec<String> {
    let none = |id: &String| choices.get(id).is_some_and(Vec::is_empty);
    step.fields
        .iter()
        .filter(|field| !field.blank && none(&field.id))
        .map(|field| {
            format!(
                "{}: the host has none to choose from; bring one there first.",
                field.name
            )
        })
        .collect()
}

fn known_choices(steps: &[Step]) -> OptionChoices {
    steps
        .iter()
        .flat_map(|step| &step.fields)
        .filter(|field| !field.option_choices.is_empty())
        .map(|field| (field.id.clone(), field.option_choices.clone()))
        .collect()
}

fn out_of_range(step_index: i64, last: usize) -> Error {
    Error::invalid(
        "/step_index",
        format!("step_index {step_index} is out of range; it goes from -1 to {last}"),
    )
}

/// The newer names under which `va_master` sends two fields.
const ALIASES: [(&str, &str); 2] = [
    ("provider_ip", "host_ip"),
    ("provider_protocol", "host_protocol"),
];

/// `values` with aliases replaced by the names that the steps use.
#[must_use]
pub(in crate::driver) fn without_aliases(values: &FieldValues) -> FieldValues {
    let mut plain = FieldValues::new();
    for (id, value) in values {
        let name = ALIASES
            .iter()
            .find(|(alias, _)| alias == id)
            .map_or(id.as_str(), |(_, name)| name);
        if name == id || !values.contains_key(name) {
            plain.insert(name.to_owned(), value.clone());
        }
    }
    plain
}

#[cfg(test)]
mod tests;
