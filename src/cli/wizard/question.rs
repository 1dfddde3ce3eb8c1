//! Asking for the fields of one step, back and forth.

use serde_json::{Map, Value};

use super::prompt::Ask;
use crate::Result;
use crate::driver::{Choice, Field, FieldType, OptionChoices, Step};

/// Asks for the fields of `step` from the one at `from` on, or only for that one. Answers whether they
/// were answered; who goes back before the first has not.
pub(super) fn fill(
    step: &Step,
    choices: &OptionChoices,
    values: &mut Map<String, Value>,
    from: usize,
    only: bool,
    ask: &mut impl Ask,
) -> Result<bool> {
    let mut at = from;
    while let Some(field) = step.fields.get(at) {
        if field.field_type == FieldType::Description {
            ask.say(&field.name)?;
            at += 1;
            continue;
        }
        let before = values.get(&field.id).and_then(Value::as_str);
        let before = before.unwrap_or_default().to_owned();
        match one(field, choices.get(&field.id), &before, ask)? {
            Some(value) => {
                values.insert(field.id.clone(), Value::String(value));
                if only {
                    return Ok(true);
                }
                at += 1;
            }
            None => match asked(step).filter(|index| *index < at).last() {
                Some(index) => at = index,
                None => return Ok(false),
            },
        }
    }
    Ok(true)
}

/// The indices of the fields of `step` that take an answer.
pub(super) fn asked(step: &Step) -> impl Iterator<Item = usize> {
    let takes_one = |(_, field): &(usize, &Field)| field.field_type != FieldType::Description;
    let all = step.fields.iter().enumerate().filter(takes_one);
    all.map(|(index, _)| index)
}

fn one(
    field: &Field,
    offered: Option<&Vec<Choice>>,
    before: &str,
    ask: &mut impl Ask,
) -> Result<Option<String>> {
    let offered = match (field.field_type, offered) {
        (FieldType::Options, Some(offered)) => offered,
        (FieldType::Options, None) => &field.option_choices,
        _ => return plain(field, before, ask),
    };
    if offered.is_empty() || field.open {
        let values: Vec<_> = offered.iter().map(|one| one.value().to_owned()).collect();
        return ask.text(field, before, &values);
    }
    choose(field, offered, before, ask)
}

fn plain(field: &Field, before: &str, ask: &mut impl Ask) -> Result<Option<String>> {
    if !field.secret {
        return ask.text(field, before, &[]);
    }
    if before.is_empty() {
        return ask.secret(field);
    }
    let mut ways = vec!["leave it as it is".to_owned(), "enter another".to_owned()];
    if field.may_stay_empty() {
        ways.push("leave it empty".to_owned());
    }
    match ask.choose(&field.name, None, &ways, 0)? {
        None => Ok(None),
        Some(0) => Ok(Some(before.to_owned())),
        Some(1) => ask.secret(field),
        Some(_) => Ok(Some(String::new())),
    }
}

fn choose(
    field: &Field,
    offered: &[Choice],
    before: &str,
    ask: &mut impl Ask,
) -> Result<Option<String>> {
    let meant = |text: &str| offered.iter().position(|choice| choice.is_meant(text));
    if !before.is_empty() && meant(before).is_none() {
        ask.say(&format!(
            "  {}: {before} is not among them any more",
            field.name
        ))?;
    }
    let none = field.may_stay_empty().then(|| match &field.default {
        Some(default) => format!("(none said: {default})"),
        None => "(none)".to_owned(),
    });
    let shift = usize::from(none.is_some());
    let titles = offered.iter().map(|choice| choice.title().to_owned());
    let titles: Vec<_> = none.into_iter().chain(titles).collect();
    let begin = meant(before).map_or(0, |index| index + shift);
    let help = field.description.as_deref();
    let chosen = ask.choose(&field.name, help, &titles, begin)?;
    Ok(chosen.map(|index| {
        let choice = index
            .checked_sub(shift)
            .and_then(|index| offered.get(index));
        choice.map_or_else(String::new, |choice| choice.value().to_owned())
    }))
}
