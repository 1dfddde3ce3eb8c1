//! From step to step.

use serde_json::{Map, Value, json};

use super::prompt::Ask;
use super::question::{asked, fill};
use crate::cli::call::answer_to;
use crate::driver::{Choice, Field, OptionChoices, Step, StepResult};
use crate::redact::is_secret;
use crate::rpc::Service;
use crate::{Error, Kind, Result};

/// A form that is being filled in.
pub(super) struct Walk<'a> {
    service: &'a Service,
    driver_id: &'a str,
    steps: Vec<Step>,
    choices: OptionChoices,
    /// What was entered; what the form does not ask for is among it from the start.
    values: Map<String, Value>,
    /// How many of the steps were filled in once.
    seen: usize,
}

/// Where to ask next.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// From this field of this step on.
    From(usize, usize),
    /// This field of this step alone: the others stand.
    Only(usize, usize),
    /// Nowhere in this step: its answers stand.
    Checked(usize),
}

impl<'a> Walk<'a> {
    /// The form of the driver `driver_id`, with `values` sent as well.
    pub(super) fn new(
        service: &'a Service,
        driver_id: &'a str,
        values: Map<String, Value>,
    ) -> Result<Self> {
        let steps = service.driver(driver_id, "/driver_id")?.form();
        let mut walk = Self {
            service,
            driver_id,
            steps,
            choices: OptionChoices::new(),
            values,
            seen: 0,
        };
        walk.validate(-1)?;
        Ok(walk)
    }

    /// Asks for every field of every step; answers the last step's result.
    pub(super) fn run(&mut self, ask: &mut impl Ask) -> Result<StepResult> {
        self.go(Place::From(0, 0), ask)
    }

    /// Has an answer changed, and answers the last step's result again.
    pub(super) fn change(&mut self, ask: &mut impl Ask) -> Result<Option<StepResult>> {
        match self.pick(ask)? {
            Some(place) => self.go(place, ask).map(Some),
            None => Ok(None),
        }
    }

    /// Each answer as a person reads it: the field's name and its value, no secret.
    pub(super) fn answers(&self) -> Vec<(String, String)> {
        let fields = self.steps.iter().flat_map(|step| {
            let read = |index| self.answer(&step.fields[index]);
            asked(step).map(read).collect::<Vec<_>>()
        });
        let is_field = |id: &str| {
            let mut fields = self.steps.iter().flat_map(|step| &step.fields);
            fields.any(|field| field.id == id)
        };
        let given = self.values.iter().filter(|(id, _)| !is_field(id));
        let given = given.map(|(id, value)| (id.clone(), hidden(id, value)));
        fields.chain(given).collect()
    }

    fn answer(&self, field: &Field) -> (String, String) {
        let value = self.values.get(&field.id).and_then(Value::as_str);
        let shown = match value.filter(|text| !text.is_empty()) {
            None => field.default.clone().unwrap_or_else(|| "-".to_owned()),
            Some(_) if field.secret => "(not shown)".to_owned(),
            Some(text) => {
                let offered = self.choices.get(&field.id).into_iter().flatten();
                let mut meant = offered.filter(|choice| choice.is_meant(text));
                meant.next().map_or(text, Choice::title).to_owned()
            }
        };
        (field.name.clone(), shown)
    }

    fn go(&mut self, mut place: Place, ask: &mut impl Ask) -> Result<StepResult> {
        loop {
            let (index, filled) = match place {
                Place::Checked(index) => (index, true),
                Place::From(index, from) => (index, self.ask(index, from, false, ask)?),
                Place::Only(index, at) => (index, self.ask(index, at, true, ask)?),
            };
            if !filled {
                place = self.before(index, ask)?;
                continue;
            }
            let straight = !matches!(place, Place::From(..));
            self.seen = self.seen.max(index + 1);
            let result = self.validate(index.try_into().unwrap_or(-1))?;
            for warning in &result.warnings {
                ask.say(&format!("warning: {warning}"))?;
            }
            for error in &result.errors {
                ask.say(&format!("  {error}"))?;
            }
            let Ok(next) = usize::try_from(result.new_step_index) else {
                return Ok(result);
            };
            place = if !result.errors.is_empty() {
                self.refused(index, &result, ask)?
            } else if let Some(field) = self.without_choice(next) {
                let message = format!("{}: there is nothing to choose from", field.name);
                self.stuck(index, &message, ask)?
            } else if straight && next < self.seen {
                Place::Checked(next)
            } else {
                Place::From(next, 0)
            };
        }
    }

    fn ask(&mut self, index: usize, from: usize, only: bool, ask: &mut impl Ask) -> Result<bool> {
        let step = &self.steps[index];
        ask.say(&format!(
            "\n{} ({}/{})",
            step.name,
            index + 1,
            self.steps.len()
        ))?;
        fill(step, &self.choices, &mut self.values, from, only, ask)
    }

    /// The last question before step `index`.
    fn before(&self, index: usize, ask: &mut impl Ask) -> Result<Place> {
        let mut steps = self.steps[..index].iter().enumerate().rev();
        let last = |(index, step)| Some(Place::From(index, asked(step).last()?));
        if let Some(place) = steps.find_map(last) {
            return Ok(place);
        }
        ask.say("  this is the first question; Ctrl-C leaves, and nothing is written")?;
        Ok(Place::From(0, 0))
    }

    /// Where to ask after step `index` was refused: where the refusal says, else where the person does.
    fn refused(&self, index: usize, result: &StepResult, ask: &mut impl Ask) -> Result<Place> {
        let is_wrong = |field: &Field| result.field_errors.contains_key(&field.id);
        for (at, step) in self.steps[..=index].iter().enumerate() {
            if let Some(field) = step.fields.iter().position(is_wrong) {
                return Ok(Place::Only(at, field));
            }
        }
        self.stuck(index, "How to go on?", ask)
    }

    fn stuck(&self, index: usize, question: &str, ask: &mut impl Ask) -> Result<Place> {
        let ways = [
            "change an answer",
            "ask the host again",
            "end; nothing is written",
        ];
        loop {
            let chosen = ask.choose(question, None, &ways.map(ToOwned::to_owned), 0)?;
            match chosen {
                Some(1) => return Ok(Place::Checked(index)),
                Some(2) => {
                    let message = "the wizard was ended; nothing was written";
                    return Err(Error::new(Kind::Cancelled, message));
                }
                _ => {}
            }
            if let Some(place) = self.pick(ask)? {
                return Ok(place);
            }
        }
    }

    /// The answer to be changed, of those that were given.
    fn pick(&self, ask: &mut impl Ask) -> Result<Option<Place>> {
        let seen = self.steps.iter().take(self.seen).enumerate();
        let places: Vec<_> = seen
            .flat_map(|(index, step)| asked(step).map(move |at| (index, at)))
            .collect();
        let lines: Vec<_> = places
            .iter()
            .map(|(index, at)| {
                let (name, value) = self.answer(&self.steps[*index].fields[*at]);
                format!("{name}: {value}")
            })
            .collect();
        let chosen = ask.choose("Which answer?", None, &lines, 0)?;
        Ok(chosen.map(|chosen| Place::Only(places[chosen].0, places[chosen].1)))
    }

    /// A field of the step `index` that must be chosen where the host offers nothing. A warning has said
    /// so.
    fn without_choice(&self, index: usize) -> Option<&Field> {
        let none = |id: &str| self.choices.get(id).is_some_and(Vec::is_empty);
        let mut fields = self.steps.get(index)?.fields.iter();
        fields.find(|field| !field.may_stay_empty() && none(&field.id))
    }

    fn validate(&mut self, index: i64) -> Result<StepResult> {
        let params = json!({
            "driver_id": self.driver_id,
            "step_index": index,
            "field_values": self.values,
        });
        let result = answer_to(self.service, "driver.validate", params)?;
        let result: StepResult = serde_json::from_value(result).map_err(|_| {
            Error::new(
                Kind::Internal,
                "the driver answers what is no step's result",
            )
        })?;
        self.choices.extend(result.option_choices.clone());
        Ok(result)
    }
}

/// `value` as text, unless its name says that it is a secret.
fn hidden(id: &str, value: &Value) -> String {
    match value {
        _ if is_secret(id) => "(not shown)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
