//! The form of a manifest: the base steps, and what it says of them.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::choices::Source;
use super::fields;
use super::file::{FieldEntry, StepChange, StepEntry};
use crate::decode::{escape, suggest};
use crate::driver::{Field, FieldType, Step, base};
use crate::{Error, Result};

/// The base steps' names in a manifest.
const BASE: [&str; 3] = ["provider", "network", "image"];
/// A form of more fields or steps is nobody's.
const MOST: usize = 64;

/// The steps, and where their fields' choices come from.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) steps: Vec<Step>,
    pub(super) sources: BTreeMap<String, Source>,
}

/// The form that `entries` describe.
pub(super) fn steps(entries: &IndexMap<String, StepEntry>) -> Result<Form> {
    let mut form = Form::default();
    for (name, step) in BASE.into_iter().zip(base::steps()) {
        match entries.get(name) {
            None => form.steps.push(step),
            Some(StepEntry::Gone(_)) => {}
            Some(StepEntry::Changed(change)) => {
                form.add(step, change, &format!("/steps/{name}"))?;
            }
        }
    }
    let further = entries
        .iter()
        .filter(|(name, _)| !BASE.contains(&name.as_str()));
    for (name, entry) in further {
        let at = format!("/steps/{}", escape(name));
        form.add_further(name, entry, &at)?;
    }
    let mut all = form.steps.iter().flat_map(|step| &step.fields);
    if !all.any(|field| field.id == "provider_name") {
        let message =
            "no step asks for provider_name, which every provider has: keep the step provider";
        return Err(Error::invalid("/steps", message));
    }
    let count: usize = form.steps.iter().map(|step| step.fields.len()).sum();
    if count > MOST || form.steps.len() > MOST {
        let message = format!("a form has at most {MOST} fields");
        return Err(Error::invalid("/steps", message));
    }
    Ok(form)
}

impl Form {
    fn add_further(&mut self, name: &str, entry: &StepEntry, at: &str) -> Result<()> {
        let way_out = || suggest::way_out(name, &BASE);
        let StepEntry::Changed(change) = entry else {
            let message = format!("there is no base step {name}; {}", way_out());
            return Err(Error::invalid(at, message));
        };
        let Some(heading) = &change.name else {
            let message = format!(
                "{name} is no base step, so it needs a name of its own; {}",
                way_out()
            );
            return Err(Error::invalid(at, message));
        };
        self.add(Step::new(heading), change, at)
    }

    /// The form with `step`, which `change` at `at` changes.
    fn add(&mut self, mut step: Step, change: &StepChange, at: &str) -> Result<()> {
        if let Some(name) = &change.name {
            step.name.clone_from(name);
        }
        for (index, id) in change.remove.iter().enumerate() {
            find(&mut step, id, &format!("{at}/remove/{index}"))?;
            if id == "provider_name" {
                let message = "provider_name stays: every provider has one";
                return Err(Error::invalid(format!("{at}/remove/{index}"), message));
            }
            step.fields.retain(|field| field.id != *id);
        }
        for (id, entry) in &change.change {
            let at = format!("{at}/change/{}", escape(id));
            if entry.id.is_some() {
                let message = format!("a field keeps its id: remove {id} and add another one");
                return Err(Error::invalid(format!("{at}/id"), message));
            }
            let field = find(&mut step, id, &at)?;
            *field = self.field(entry, field.clone(), &at)?;
        }
        for (index, entry) in change.add.iter().enumerate() {
            let at = format!("{at}/add/{index}");
            let field = fields::new(entry, &at)?;
            let earlier = self.steps.iter().chain([&step]);
            fields::check_step_id(&field.id, earlier, &at)?;
            let field = self.field(entry, field, &at)?;
            step.fields.push(field);
        }
        if !step
            .fields
            .iter()
            .any(|field| field.field_type != FieldType::Description)
        {
            let message = "the step has no field left: write false for no such step";
            return Err(Error::invalid(at, message));
        }
        self.steps.push(step);
        Ok(())
    }

    fn field(&mut self, entry: &FieldEntry, field: Field, at: &str) -> Result<Field> {
        let (field, source) = fields::described(entry, field, at)?;
        if let Some(source) = source {
            self.sources.insert(field.id.clone(), source);
        }
        Ok(field)
    }
}

/// The field `id` of `step`.
fn find<'a>(step: &'a mut Step, id: &str, at: &str) -> Result<&'a mut Field> {
    let known: Vec<_> = step.fields.iter().map(|field| field.id.clone()).collect();
    step.fields
        .iter_mut()
        .find(|field| field.id == id)
        .ok_or_else(|| {
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            let way_out = suggest::way_out(id, &known);
            Error::invalid(at, format!("the base step has no field {id}; {way_out}"))
        })
}
