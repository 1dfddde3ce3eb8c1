//! Where the choices of a field come from: a list, Salt, or a program.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::Manifest;
use super::fields::text_of;
use super::file::SourceEntry;
use crate::child::{Input, Limits, Program};
use crate::decode::decode;
use crate::driver::base::salt_cloud;
use crate::driver::{Choice, Context, Field, Offer, Offers, Provider, Step};
use crate::redact::Secrets;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// How long a program has to say the choices.
const TIME: Duration = Duration::from_secs(10);
/// How much it may say, in bytes.
const MOST: usize = length(8 * MIB);

/// What `choices` says.
#[derive(Debug)]
pub(super) enum Offered {
    /// These.
    List(Vec<Choice>),
    /// What a source answers.
    Asked(Source),
}

/// Whom to ask for choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Salt: `images`, `sizes`, `locations`, or a function of its cloud driver.
    Salt(String),
    /// A program, with its arguments.
    Command(Vec<String>),
}

/// What `choices`, which stands at `at`, says.
pub(super) fn read(choices: &Value, at: &str) -> Result<Offered> {
    if choices.is_array() {
        let list = list(choices).map_err(|message| Error::invalid(at, message))?;
        if list.is_empty() {
            return Err(Error::invalid(at, "there is no choice in it"));
        }
        return Ok(Offered::List(list));
    }
    if !choices.is_object() {
        let message = "choices are a list, {salt-cloud: …} or {command: […]}";
        return Err(Error::invalid(at, message));
    }
    let source: SourceEntry = decode(choices, at)?;
    match (source.salt_cloud, source.command) {
        (Some(what), None) => {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if what.is_empty() || !what.chars().all(word) {
                let message =
                    "salt-cloud takes images, sizes, locations, or the name of a function";
                return Err(Error::invalid(format!("{at}/salt-cloud"), message));
            }
            Ok(Offered::Asked(Source::Salt(what)))
        }
        (None, Some(command)) => {
            let program = command.first().map(String::as_str).unwrap_or_default();
            if program.is_empty() || (program.contains('/') && !program.starts_with('/')) {
                let message = "command begins with a program's whole path, or with its name on the PATH; there is \
                               no shell";
                return Err(Error::invalid(format!("{at}/command"), message));
            }
            Ok(Offered::Asked(Source::Command(command)))
        }
        _ => Err(Error::invalid(
            at,
            "choices have one source: salt-cloud or command",
        )),
    }
}

/// The choices in the JSON array `list`; what is wrong with it otherwise.
fn list(list: &Value) -> std::result::Result<Vec<Choice>, String> {
    let items = list.as_array().ok_or("it is no array")?;
    let mut seen = BTreeSet::new();
    let mut choices = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let titled = || match (item.get("const").and_then(text_of), item["title"].as_str()) {
            (Some(value), Some(title)) if item.as_object().map(serde_json::Map::len) == Some(2) => {
                Some(Choice::titled(&value, title.to_owned()))
            }
            _ => None,
        };
        let choice = text_of(item)
            .map(Choice::Text)
            .or_else(titled)
            .ok_or_else(|| format!("choice {} is neither text nor {{const, title}}", index + 1))?;
        if choice.value().trim().is_empty() {
            return Err(format!("choice {} is empty", index + 1));
        }
        if seen.insert(choice.value().to_owned()) {
            choices.push(choice);
        }
    }
    Ok(choices)
}

impl Manifest {
    /// What those fields of `step` that have a source of their own can be filled with: all of them asked at
    /// once. A source that fails or has nothing leaves its field to be typed.
    pub(super) fn asked(&self, cx: &Context, provider: &Provider, step: &Step) -> Offers {
        let fields = step.fields.iter();
        let asked = fields.filter_map(|field| Some((field, self.sources.get(&field.id)?)));
        thread::scope(|scope| {
            let threads: Vec<_> = asked
                .map(|(field, source)| {
                    let ask = || self.offer(cx, provider, field, source);
                    (field, crate::concurrent::spawn(scope, ask))
                })
                .collect();
            let threads = threads.into_iter();
            threads
                .map(|(field, thread)| (field.id.clone(), crate::concurrent::joined(thread)))
                .collect()
        })
    }

    fn offer(&self, cx: &Context, provider: &Provider, field: &Field, source: &Source) -> Offer {
        let choices = match source {
            Source::Salt(what) => salt_cloud::listed(self, cx, provider, what),
            Source::Command(command) => ask_program(cx, provider, command),
        };
        match choices {
            Ok(choices) if choices.is_empty() => {
                Offer::Text(format!("whoever was asked for {} has none", field.id))
            }
            Ok(choices) => Offer::Choices(choices),
            Err(error) => Offer::Text(format!(
                "the choices could not be asked for ({})",
                error.message()
            )),
        }
    }

    /// The choices of the fields of the first step that a program says; it is told of no provider yet.
    pub(super) fn asked_at_start(&self, cx: &Context) -> Offers {
        let is_command = |id: &str| matches!(self.sources.get(id), Some(Source::Command(_)));
        let mut first = self.steps[0].clone();
        first.fields.retain(|field| is_command(&field.id));
        self.asked(cx, &Provider::default(), &first)
    }
}

/// What the program `command` prints, which reads `provider` as JSON.
fn ask_program(cx: &Context, provider: &Provider, command: &[String]) -> Result<Vec<Choice>> {
    let told = serde_json::to_value(provider).unwrap_or_default();
    let secrets = told.as_object().map(Secrets::of).unwrap_or_default();
    let (name, args) = command
        .split_first()
        .map_or(("", command), |(name, args)| (name.as_str(), args));
    let program = Program::new(name).args(args).secrets(secrets);
    let input = told.to_string();
    let output = program.run(
        Input::Bytes(input.as_bytes()),
        Limits::new(TIME, MOST),
        &cx.cancel,
    )?;
    let failed = |what: String| Err(Error::new(Kind::Internal, format!("{name} {what}")));
    if !output.status.success() {
        let said = output.stderr.trim().lines().next_back().unwrap_or_default();
        return failed(format!("failed, {}: {said}", output.status));
    }
    match serde_json::from_slice(&output.stdout) {
        Ok(said) => list(&said).or_else(|what| failed(format!("printed no choices: {what}"))),
        Err(_) => failed("printed no JSON array".to_owned()),
    }
}
