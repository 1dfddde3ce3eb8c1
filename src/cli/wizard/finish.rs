//! What becomes of a form that is filled in. Until it is written, nothing that was entered is lost.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::prompt::Ask;
use super::question::fill;
use super::walk::Walk;
use crate::cli::call::answer_to;
use crate::cli::output;
use crate::driver::{Field, FieldType, OptionChoices, Provider, Step, StepResult};
use crate::rpc::Service;
use crate::{Error, Kind, Result, private_file};

/// Where a provider can go.
#[derive(Debug)]
pub(super) struct Places {
    /// Salt's configuration.
    pub(super) salt: PathBuf,
    /// A file of its own, if one was named.
    pub(super) file: Option<PathBuf>,
}

/// Where it went: how a command line names the provider now.
pub(super) type Written = String;

/// Shows what was entered, and has it written, changed, or dropped.
pub(super) fn offer(
    service: &Service,
    walk: &mut Walk<'_>,
    places: &Places,
    mut finished: StepResult,
    ask: &mut impl Ask,
) -> Result<Option<(Provider, Written)>> {
    let ways = [
        format!(
            "write it into Salt's configuration, {}",
            places.salt.display()
        ),
        "write it into a file of its own".to_owned(),
        "change an answer".to_owned(),
        "end; nothing is written".to_owned(),
    ];
    let mut at = usize::from(places.file.is_some());
    loop {
        summary(&walk.answers(), ask)?;
        let provider = finished.provider.clone().unwrap_or_default();
        let written = match ask.choose("What now?", None, &ways, at)? {
            Some(0) => into_salt(service, &provider, ask),
            Some(1) => into_file(&provider, places.file.as_deref(), ask),
            Some(3) => {
                ask.say("Nothing was written.")?;
                return Ok(None);
            }
            _ => {
                if let Some(changed) = walk.change(ask)? {
                    finished = changed;
                }
                continue;
            }
        };
        match written {
            Ok(Some(written)) => return Ok(Some((provider, written))),
            Ok(None) => {}
            Err(error) if error.kind() == Kind::Cancelled => return Err(error),
            Err(error) => {
                say_error(&error, ask)?;
                at = 1;
            }
        }
    }
}

fn summary(answers: &[(String, String)], ask: &mut impl Ask) -> Result<()> {
    ask.say("")?;
    let width = answers.iter().map(|(name, _)| name.chars().count()).max();
    for (name, value) in answers {
        ask.say(&format!(
            "  {name:width$}  {value}",
            width = width.unwrap_or_default()
        ))?;
    }
    ask.say("")
}

/// Asks a question whose answer is no unless it is a yes.
fn confirm(question: &str, ask: &mut impl Ask) -> Result<bool> {
    let ways = ["no", "yes"].map(ToOwned::to_owned);
    Ok(ask.choose(question, None, &ways, 0)? == Some(1))
}

fn into_salt(
    service: &Service,
    provider: &Provider,
    ask: &mut impl Ask,
) -> Result<Option<Written>> {
    let write = |replace: bool| {
        let params = json!({"provider": provider, "replace": replace});
        answer_to(service, "provider.write", params)
    };
    let written = match write(false) {
        Err(error) if error.kind() == Kind::AlreadyExists => {
            ask.say(error.message())?;
            if !confirm("Replace it?", ask)? {
                return Ok(None);
            }
            write(true)?
        }
        other => other?,
    };
    for file in ["provider_file", "profile_file"] {
        if let Some(path) = written[file].as_str() {
            ask.say(&format!("wrote {path}"))?;
        }
    }
    Ok(Some(format!("--provider {}", provider.provider_name)))
}

fn into_file(
    provider: &Provider,
    named: Option<&Path>,
    ask: &mut impl Ask,
) -> Result<Option<Written>> {
    let before = match named {
        Some(path) => path.to_string_lossy().into_owned(),
        None => format!("{}.yaml", provider.provider_name),
    };
    let field = Field::new("file", "The file", FieldType::Str, false);
    let Some(file) = ask.text(&field, &before, &[])? else {
        return Ok(None);
    };
    let text = output::yaml(&json!(provider))?;
    let write = |replace| private_file::write(Path::new(&file), text.as_bytes(), replace);
    match write(false) {
        Err(error) if error.kind() == Kind::AlreadyExists => {
            if !confirm(&format!("{file} is there already. Replace it?"), ask)? {
                return Ok(None);
            }
            write(true)?;
        }
        other => other?,
    }
    ask.say(&format!("wrote {file}"))?;
    Ok(Some(format!("--provider-file {file}")))
}

/// The form of a server, where the driver has fields of its own for one, which nobody would guess.
pub(super) fn server(
    fields: Vec<Field>,
    ask: &mut impl Ask,
    create: impl Fn(Map<String, Value>) -> Result<()>,
) -> Result<()> {
    let mut form = Step::new("Server").field("server_name", "Its name", FieldType::Str);
    form.fields.extend(fields);
    let mut server = Map::new();
    while confirm("Create a server now?", ask)? {
        if !fill(&form, &OptionChoices::new(), &mut server, 0, false, ask)? {
            continue;
        }
        let mut filled = server.clone();
        filled.retain(|_, value| value != "");
        match create(filled) {
            // what a dashboard would show beside the form
            Err(error) if error.kind() != Kind::Cancelled => say_error(&error, ask)?,
            other => return other,
        }
    }
    Ok(())
}

fn say_error(error: &Error, ask: &mut impl Ask) -> Result<()> {
    ask.say(&format!("error: {}", error.message()))
}
