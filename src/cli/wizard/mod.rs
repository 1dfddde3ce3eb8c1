//! Walks a person through a driver's steps, as a dashboard does: by `driver.validate`.

mod prompt;
mod walk;

use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::settings::Settings;
use crate::driver::{FieldType, Silent, Step};
use crate::rpc::Service;
use crate::{Error, Kind, Result};
use prompt::{Ask, Terminal};

/// Walks through the steps of the driver `driver_id` (the only one where none is named), and offers to
/// write the result. `given` is not asked for.
pub(super) fn run(
    settings: &Settings,
    driver_id: Option<&str>,
    given: Map<String, Value>,
) -> Result<ExitCode> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Error::new(
            Kind::Unsupported,
            "the wizard asks questions, and this is no terminal; programs use driver.validate, and \
             `va-driver validate` in a pipe",
        ));
    }
    let service = settings.service();
    let driver_id = match driver_id {
        Some(id) => id.to_owned(),
        None => only_driver(&service)?,
    };
    let finished = walk::walk(&service, &driver_id, given, &mut Terminal)?;
    offer(&service, settings, &finished, &mut Terminal)?;
    offer_server(&service, &driver_id, &finished, &mut Terminal)?;
    Ok(ExitCode::SUCCESS)
}

fn only_driver(service: &Service) -> Result<String> {
    let ids = service.registry().ids();
    if let [only] = ids.as_slice() {
        return Ok(only.clone());
    }
    let message = format!("say which driver's form it is, one of: {}", ids.join(", "));
    Err(Error::invalid("/driver_id", message))
}

fn dispatch(service: &Service, method: &'static str, params: Value) -> Result<Value> {
    let call = Call::new(method, params);
    service.dispatch(call.method, call.params, Arc::new(Silent))
}

/// Writes what came out into Salt's configuration, where that is wanted.
fn offer(
    service: &Service,
    settings: &Settings,
    finished: &Value,
    ask: &mut impl Ask,
) -> Result<()> {
    let dir = &settings.salt_config_dir;
    ask.say(&format!(
        "\nThis can be written into cloud.providers.d and cloud.profiles.d below {}.",
        dir.display()
    ))?;
    if !ask.confirm("Write it?")? {
        return ask.say("Nothing was written.");
    }
    let write = |replace: bool| {
        let params = json!({"provider": finished["provider"], "replace": replace});
        dispatch(service, "provider.write", params)
    };
    let written = match write(false) {
        Err(error) if error.kind() == Kind::AlreadyExists => {
            ask.say(error.message())?;
            if !ask.confirm("Replace it?")? {
                return ask.say("Nothing was written.");
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
    Ok(())
}

/// Asks for a server where the driver has fields of its own for one, which nobody would guess.
fn offer_server(
    service: &Service,
    driver_id: &str,
    finished: &Value,
    ask: &mut impl Ask,
) -> Result<()> {
    let fields = service.driver(driver_id, "/driver_id")?.server_fields();
    if fields.is_empty() || !ask.confirm("Create a server now?")? {
        return Ok(());
    }
    let mut form = Step::new("Server").field("server_name", "Its name", FieldType::Str);
    form.fields.extend(fields);
    let mut server = Map::new();
    walk::fill(&form, &Map::new(), &mut server, ask)?;
    server.retain(|_, value| value != "");
    let params = json!({"provider": finished["provider"], "server": server});
    let created = dispatch(service, "server.create", params)?;
    ask.say(&format!(
        "created {}",
        created["server"]["hostname"].as_str().unwrap_or_default()
    ))
}

/// An error of the terminal itself.
fn terminal_error(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted => {
            // Ends the line that a person was on; nothing can be done where stderr is closed.
            let _ = writeln!(io::stderr());
            Error::new(Kind::Cancelled, "the wizard was ended; nothing was written")
        }
        _ => Error::new(
            Kind::Internal,
            format!("cannot talk to the terminal: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests;
