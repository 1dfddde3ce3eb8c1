//! Walks a person through a driver's steps, as a dashboard does: by `driver.validate`.
//!
//! | file | concern |
//! |---|---|
//! | `prompt` | questions in a terminal |
//! | `question` | the fields of one step, back and forth |
//! | `walk` | from step to step; an answer changed, a step refused |
//! | `finish` | the summary, and where the provider is written; the form of a server |

mod finish;
mod prompt;
mod question;
mod walk;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use serde_json::json;

use super::args::WizardArgs;
use super::call::Call;
use super::output::Format;
use super::run_call;
use super::settings::Settings;
use crate::rpc::Service;
use crate::{Error, Kind, Result};
use finish::Places;
use prompt::{Ask as _, Terminal};
use walk::Walk;

/// Walks through the steps of the driver that `args` name (the only one where none is named), and offers
/// to write the result. What `--set` gives is not asked for.
pub(super) fn run(args: &WizardArgs, settings: &Settings, format: Format) -> Result<ExitCode> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Error::new(
            Kind::Unsupported,
            "the wizard asks questions, and this is no terminal; programs use driver.validate, and \
             `va-driver validate` in a pipe",
        ));
    }
    let service = settings.service();
    let mut ask = Terminal::new();
    let driver_id = match &args.driver {
        Some(id) => id.clone(),
        None => pick_driver(&service)?,
    };
    ask.say("Enter goes on, Esc goes back, Ctrl-C leaves. In a list, type to search.")?;
    let mut walk = Walk::new(&service, &driver_id, args.settings())?;
    let finished = walk.run(&mut ask)?;
    let places = Places {
        salt: settings.salt_config_dir.clone(),
        file: args.output.clone(),
    };
    let offered = finish::offer(&service, &mut walk, &places, finished, &mut ask)?;
    let Some((provider, named)) = offered else {
        return Ok(ExitCode::SUCCESS);
    };
    let fields = service.driver(&driver_id, "/driver_id")?.server_fields();
    if !fields.is_empty() {
        finish::server(fields, &mut ask, |server| {
            let params = json!({"provider": provider, "server": server});
            let call = Call::new("server.create", params);
            run_call::run(&call, settings, format).map(drop)
        })?;
    }
    let image = match &provider.defaults.image {
        None => format!("  va-driver image import URL {named}\n"),
        Some(_) => String::new(),
    };
    ask.say(&format!(
        "\nNow:\n  va-driver provider status {named}\n{image}  va-driver server new > web.yaml\n  \
         va-driver server create --spec web.yaml {named}"
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The driver whose form it is, where none was named.
fn pick_driver(service: &Service) -> Result<String> {
    let ids = service.registry().ids();
    let at = match ids.as_slice() {
        [] => return Err(Error::new(Kind::NotFound, "this program has no driver")),
        [_] => Some(0),
        _ => Terminal.choose("Which kind of host?", None, &ids, 0)?,
    };
    match at {
        Some(at) => Ok(ids[at].clone()),
        None => Err(Error::new(
            Kind::Cancelled,
            "the wizard was ended; nothing was written",
        )),
    }
}

#[cfg(test)]
mod tests;
