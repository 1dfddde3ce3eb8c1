//! Runs a method for a person.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde_json::{Map, Value, json};

use super::bars::Bars;
use super::call::Call;
use super::output::{self, Format};
use super::settings::Settings;
use super::{report, signals, stdout};
use crate::{Kind, Result};

/// Runs `call` and shows its result.
pub(super) fn run(call: &Call, settings: &Settings, format: Format) -> Result<ExitCode> {
    if let Some(would) = &call.would {
        let told = json!({"dry_run": true, "method": call.method, "would": would});
        stdout::write(&output::result(&told, format))?;
        return Ok(ExitCode::SUCCESS);
    }
    let signal = Arc::new(AtomicI32::new(0));
    // What changes nothing needs no undoing: a signal simply ends it.
    if call.changes() {
        let (signal, cancel) = (Arc::clone(&signal), settings.cancel.clone());
        signals::watch(move |number| {
            signal.store(number, Ordering::Relaxed);
            cancel.cancel();
        });
    }
    let service = settings.service();
    let result = service.dispatch(call.method, call.params.clone(), Bars::on_stderr());
    match result {
        Ok(value) => {
            stdout::write(&output::result(&value, format))?;
            Ok(ended(call, &value))
        }
        Err(error) => {
            let signal = signal.load(Ordering::Relaxed);
            if signal == 0 || error.kind() != Kind::Cancelled {
                return Err(error);
            }
            report::show(&error, format);
            Ok(ExitCode::from(signals::exit_code(signal)))
        }
    }
}

/// The exit code for the `answer` to `call`, which is no error: success, unless it is a server that is not
/// as far as it was waited for. That is said on stderr as well.
fn ended(call: &Call, answer: &Value) -> ExitCode {
    if call.method != "server.create" || answer["ready"] != json!(false) {
        return ExitCode::SUCCESS;
    }
    output::note(&not_ready(&call.params, answer));
    ExitCode::from(Kind::NOT_READY_EXIT_CODE)
}

/// What was waited for in vain, and what to do.
fn not_ready(params: &Map<String, Value>, answer: &Value) -> String {
    let name = answer["server"]["hostname"]
        .as_str()
        .or(params["server"]["server_name"].as_str())
        .unwrap_or("the server");
    let lacks = match params.get("wait").and_then(Value::as_str) {
        Some("address") => "no address of it is known yet",
        Some("minion") => "its minion has not told the master that it has started",
        _ => "it does not run yet",
    };
    let made = match answer["created"].as_bool() {
        Some(true) => "is created, but not ready",
        _ => "was there already, and is not ready",
    };
    let waited = match params.get("timeout").and_then(Value::as_u64) {
        Some(seconds) if answer["created"] == json!(true) => format!(" after {seconds} s"),
        _ => String::new(),
    };
    format!(
        "{name} {made}: {lacks}{waited}. `va-driver server show {name}` tells how far it is, \
         --timeout waits longer, `va-driver server delete {name}` takes it away again"
    )
}
