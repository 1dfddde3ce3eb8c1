//! What can be done to a server.

use std::time::Duration;

use serde_json::Value;

use super::fault::{self, fault};
use super::host::Call;
use super::host::Host;
use crate::driver::BaseHost as _;
use crate::driver::{Action, ActionDone, ActionOptions};
use crate::drivers::creation::check_server_name;
use crate::{Error, Kind, Result};

/// How long an action may take that nobody gave a time, in seconds.
const PATIENCE: u64 = 300;

/// Does `action` to the server `name`.
pub(super) fn act(
    host: &Host<'_>,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    check_server_name(name).map_err(|error| error.with_field("/server_name"))?;
    let word = action.as_str();
    for (member, given) in [
        ("hard", options.hard),
        ("size", options.size.is_some()),
        ("image", options.image.is_some()),
        ("lines", options.lines.is_some()),
    ] {
        if given {
            let what = format!("{word} a server with {member}");
            return Err(host.unsupported(&what).with_field(format!("/{member}")));
        }
    }
    let before = host.server(name)?;
    let doing = format!("{word} {name}");
    let call = Call {
        args: &["--action", word, "--", name],
        profile: None,
        time: Duration::from_secs(options.timeout.unwrap_or(PATIENCE)),
        cancel: &host.cx.cancel,
    };
    let reply = host.run(&doing, call)?;
    let answer = reply.answer.unwrap_or_default();
    if answer.get("Invalid Actions").is_some() {
        return Err(host.unsupported(&format!("{word} a server")));
    }
    if answer.get("Not Found").is_some() {
        let message = format!("salt-cloud finds no server {name}");
        return Err(Error::new(Kind::NotFound, message).with_field("/server_name"));
    }
    let said = host
        .about(answer)
        .and_then(|mut said| Some(said.get_mut(name)?.take()));
    if let Some(error) = said.as_ref().and_then(|said| said.get("Error")) {
        return Err(fault(&doing, &fault::said(error)));
    }
    if said == Some(Value::Bool(false)) {
        return Err(fault(&doing, &reply.stderr));
    }
    let server = host.server(name).unwrap_or(before);
    Ok(ActionDone::new(
        format!("{word} of {name} was done"),
        true,
        Some(server),
    ))
}
