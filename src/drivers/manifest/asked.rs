//! The sources of choices, asked when a step is offered.

use std::thread;
use std::time::Duration;

use super::Manifest;
use super::choices::{Source, list};
use crate::child::{Input, Limits, Program};
use crate::driver::{Choice, Context, Field, Offer, Offers, Provider, Step};
use crate::drivers::base;
use crate::redact::Secrets;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// How long a program has to say the choices.
const TIME: Duration = Duration::from_secs(10);
/// How much it may say, in bytes.
const MOST: usize = length(8 * MIB);

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
            Source::Salt(what) => base::listed(self, cx, provider, what),
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
