//! From step to step.

use serde_json::{Map, Value, json};

use super::dispatch;
use super::prompt::Ask;
use crate::driver::{Choice, Field, FieldType, Step};
use crate::rpc::Service;
use crate::{Error, Kind, Result};

/// Asks for every field of every step; answers the last step's result. `values` are sent as well, and
/// are not asked for.
pub(super) fn walk(
    service: &Service,
    driver_id: &str,
    mut values: Map<String, Value>,
    ask: &mut impl Ask,
) -> Result<Value> {
    let driver = service.driver(driver_id, "/driver_id")?;
    let steps = driver.form();
    let mut choices = Map::new();
    let mut index = -1;
    loop {
        if let Some(step) = usize::try_from(index)
            .ok()
            .and_then(|index| steps.get(index))
        {
            ask.say(&format!("\n{} ({}/{})", step.name, index + 1, steps.len()))?;
            if let Some(field) = without_choice(step, &choices) {
                if !back(&steps, ask)? {
                    let message = format!(
                        "{}: there is nothing to choose from; nothing was written",
                        field.name
                    );
                    return Err(Error::new(Kind::NotFound, message));
                }
                index = 0;
                continue;
            }
            fill(step, &choices, &mut values, ask)?;
        }
        let params = json!({"driver_id": driver_id, "step_index": index, "field_values": values});
        let result = dispatch(service, "driver.validate", params)?;
        for warning in strings(&result["warnings"]) {
            ask.say(&format!("warning: {warning}"))?;
        }
        if let Value::Object(offered) = &result["option_choices"] {
            choices.extend(offered.clone());
        }
        let errors = strings(&result["errors"]);
        for error in &errors {
            ask.say(&format!("  {error}"))?;
        }
        let next = result["new_step_index"].as_i64().unwrap_or(-1);
        if !errors.is_empty() {
            index = again(next, &steps, ask)?;
        } else if next == -1 {
            return Ok(result);
        } else {
            index = next;
        }
    }
}

/// The step that is to be filled in again after step `refused` was refused.
fn again(refused: i64, steps: &[Step], ask: &mut impl Ask) -> Result<i64> {
    if refused < 1 {
        return Ok(refused);
    }
    Ok(if back(steps, ask)? { 0 } else { refused })
}

/// What does not go on now may have been entered before: the host's address, say.
fn back(steps: &[Step], ask: &mut impl Ask) -> Result<bool> {
    ask.confirm(&format!("Go back to {}?", steps[0].name))
}

/// A field of `step` that must be chosen where the host offers nothing. Its warning has said so.
fn without_choice<'a>(step: &'a Step, choices: &Map<String, Value>) -> Option<&'a Field> {
    let none = |field: &&Field| {
        let offered = choices.get(&field.id).and_then(Value::as_array);
        offered.is_some_and(Vec::is_empty)
    };
    let mut must = step
        .fields
        .iter()
        .filter(|field| field.field_type == FieldType::Options && !field.blank);
    must.find(none)
}

fn strings(list: &Value) -> Vec<&str> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect()
}

/// Asks for the fields of `step`. What was entered before is kept by an empty line.
pub(super) fn fill(
    step: &Step,
    choices: &Map<String, Value>,
    values: &mut Map<String, Value>,
    ask: &mut impl Ask,
) -> Result<()> {
    for field in &step.fields {
        if field.field_type == FieldType::Description {
            ask.say(&field.name)?;
            continue;
        }
        if let Some(text) = &field.description {
            ask.say(&format!("  {text}"))?;
        }
        let before = values.get(&field.id).and_then(Value::as_str);
        let before = before.or(field.default.as_deref());
        let before = before.unwrap_or_default().to_owned();
        let offered = match (field.field_type, choices.get(&field.id)) {
            (FieldType::Options, Some(offered)) => read_choices(offered)?,
            (FieldType::Options, None) => field.option_choices.clone(),
            _ => Vec::new(),
        };
        let value = if offered.is_empty() {
            text(field, before, ask)?
        } else {
            choose(field, &offered, before, ask)?
        };
        values.insert(field.id.clone(), Value::String(value));
    }
    Ok(())
}

fn text(field: &Field, before: String, ask: &mut impl Ask) -> Result<String> {
    let may_stay_empty = field.may_stay_empty();
    let note = match (before.is_empty(), field.secret) {
        (true, _) if may_stay_empty => " (may stay empty)".to_owned(),
        (true, _) => String::new(),
        (false, true) => " [unchanged]".to_owned(),
        (false, false) => format!(" [{before}]"),
    };
    let question = format!("{}{note}: ", field.name);
    loop {
        let entered = if field.secret {
            ask.secret(&question)?
        } else {
            ask.line(&question)?
        };
        if !entered.trim().is_empty() {
            return Ok(entered);
        }
        if may_stay_empty || !before.is_empty() {
            return Ok(before);
        }
        ask.say("  this must be filled in")?;
    }
}

fn choose(field: &Field, offered: &[Choice], before: String, ask: &mut impl Ask) -> Result<String> {
    for (number, choice) in offered.iter().enumerate() {
        ask.say(&format!("  {}) {}", number + 1, choice.title()))?;
    }
    let may_stay_empty = field.may_stay_empty();
    let note = match offered.iter().find(|choice| choice.value() == before) {
        Some(choice) => format!(" [{}]", choice.title()),
        None if may_stay_empty => " (may stay empty)".to_owned(),
        None => String::new(),
    };
    loop {
        let entered = ask.line(&format!("{}, 1-{}{note}: ", field.name, offered.len()))?;
        let entered = entered.trim();
        if entered.is_empty() && (may_stay_empty || !before.is_empty()) {
            return Ok(before);
        }
        match picked(entered, offered) {
            Some(choice) => return Ok(choice.value().to_owned()),
            None if field.open && !entered.is_empty() => return Ok(entered.to_owned()),
            None => ask.say("  that is none of them")?,
        }
    }
}

/// The choice that `entered` means: by its number, else by its name.
fn picked<'a>(entered: &str, offered: &'a [Choice]) -> Option<&'a Choice> {
    let number = entered.parse::<usize>().ok();
    number
        .and_then(|number| offered.get(number.checked_sub(1)?))
        .or_else(|| {
            offered
                .iter()
                .find(|choice| choice.title() == entered || choice.value() == entered)
        })
}

fn read_choices(offered: &Value) -> Result<Vec<Choice>> {
    serde_json::from_value(offered.clone())
        .map_err(|_| Error::new(Kind::Internal, "the driver offers choices that are none"))
}
