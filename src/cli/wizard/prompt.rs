//! Questions in a terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

use inquire::error::InquireError;
use inquire::list_option::ListOption;
use inquire::validator::Validation;
use inquire::{Password, PasswordDisplayMode, Select, Text};

use crate::cli::output::printable;
use crate::driver::Field;
use crate::{Error, Kind, Result};

/// How many lines of a list are seen at once.
const PAGE: usize = 12;

/// Somebody who answers questions. Who does not want to answer one goes back: `None`.
pub(super) trait Ask {
    /// Shows a line.
    fn say(&mut self, text: &str) -> Result<()>;
    /// Asks for the text of `field`, to be edited from what it is `before`.
    fn text(
        &mut self,
        field: &Field,
        before: &str,
        suggestions: &[String],
    ) -> Result<Option<String>>;
    /// Asks for the text of `field`, which is not shown.
    fn secret(&mut self, field: &Field) -> Result<Option<String>>;
    /// Asks for one of `choices`, beginning at the one with the index `at`.
    fn choose(
        &mut self,
        question: &str,
        help: Option<&str>,
        choices: &[String],
        at: usize,
    ) -> Result<Option<usize>>;
}

/// What is wrong with `text` for `field`, as far as this field alone tells.
pub(super) fn judge(field: &Field, text: &str) -> std::result::Result<(), String> {
    if text.trim().is_empty() && field.may_stay_empty() {
        return Ok(());
    }
    field.check(Some(text))
}

/// The person at the terminal. Questions go to stderr, so that stdout stays for results.
#[derive(Debug)]
pub(super) struct Terminal;

impl Ask for Terminal {
    fn say(&mut self, text: &str) -> Result<()> {
        let written = writeln!(io::stderr().lock(), "{}", printable(text));
        written.map_err(|error| InquireError::IO(error).into())
    }

    fn text(
        &mut self,
        field: &Field,
        before: &str,
        suggestions: &[String],
    ) -> Result<Option<String>> {
        let (name, before) = (printable(&field.name), printable(before));
        let (help, default) = (help(field), field.default.clone().unwrap_or_default());
        let mut prompt = Text::new(&name)
            .with_initial_value(&before)
            .with_placeholder(&default)
            .with_validator(validator(field));
        prompt.help_message = help.as_deref();
        if !suggestions.is_empty() {
            let all = suggestions.to_vec();
            prompt = prompt.with_autocomplete(move |typed: &str| Ok(beginning(&all, typed)));
        }
        Ok(prompt.prompt_skippable()?)
    }

    fn secret(&mut self, field: &Field) -> Result<Option<String>> {
        let (name, help) = (printable(&field.name), help(field));
        let mut prompt = Password::new(&name)
            .without_confirmation()
            .with_display_mode(PasswordDisplayMode::Masked)
            .with_validator(validator(field));
        prompt.help_message = help.as_deref();
        Ok(prompt.prompt_skippable()?)
    }

    fn choose(
        &mut self,
        question: &str,
        help: Option<&str>,
        choices: &[String],
        at: usize,
    ) -> Result<Option<usize>> {
        let (question, help) = (printable(question), help.map(printable));
        let mut prompt = Select::new(
            &question,
            choices.iter().map(|one| printable(one)).collect(),
        )
        .with_page_size(PAGE)
        .with_starting_cursor(at.min(choices.len().saturating_sub(1)));
        if help.is_some() {
            prompt.help_message = help.as_deref();
        }
        let chosen: Option<ListOption<String>> = prompt.raw_prompt_skippable()?;
        Ok(chosen.map(|one| one.index))
    }
}

/// What stands below a question.
fn help(field: &Field) -> Option<String> {
    let empty = field.may_stay_empty().then_some("may stay empty");
    let parts: Vec<_> = field
        .description
        .as_deref()
        .into_iter()
        .chain(empty)
        .collect();
    Some(printable(&parts.join("; "))).filter(|text| !text.is_empty())
}

fn beginning(all: &[String], typed: &str) -> Vec<String> {
    let mut fit: Vec<_> = all.iter().filter(|one| one.starts_with(typed)).collect();
    // what is typed whole already needs no suggestion
    fit.retain(|one| *one != typed);
    fit.into_iter().cloned().collect()
}

fn validator(
    field: &Field,
) -> impl Fn(&str) -> std::result::Result<Validation, inquire::CustomUserError> + Clone + 'static {
    let field = field.clone();
    move |text: &str| {
        Ok(match judge(&field, text) {
            Ok(()) => Validation::Valid,
            Err(message) => Validation::Invalid(printable(&message).into()),
        })
    }
}

impl From<InquireError> for Error {
    fn from(error: InquireError) -> Self {
        let ended = match &error {
            InquireError::OperationInterrupted => true,
            InquireError::IO(error) => matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted
            ),
            _ => false,
        };
        if ended {
            return Self::new(Kind::Cancelled, "the wizard was ended; nothing was written");
        }
        let wrong: &dyn Display = &error;
        Self::new(
            Kind::Internal,
            format!("cannot talk to the terminal: {wrong}"),
        )
    }
}
