//! Runs a method for a person.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde_json::{Map, Value, json};

use super::bars::Bars;
use super::call::Call;
use super::output::{self, Format};
use super::settings::Settings;
use super::{near, report, several, signals, stdout};
use crate::{Kind, Result};

/// Runs `call` and shows its result.
pub(super) fn run(call: &Call, settings: &Settings, format: Format) -> Result<ExitCode> {
    if let Some(would) = &call.would {
        let told = json!({"dry_run": true, "method": call.method, "would": would});
        stdout::write(&output::result(&told, format)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let signal = Arc::new(AtomicI32::new(0));
    // What changes nothing needs no undoing: a signal simply ends it.
    if call.changes() {
        let (signal, cancel) = (Arc::clone(&signal), settings.cancel.clone());
        signals::watch(move |number| {
            output::note("interrupted: what was begun is undone; another signal does not hurry it");
            signal.store(number, Ordering::Relaxed);
            cancel.cancel();
        });
    }
    let service = settings.service();
    if !call.more.is_empty() {
        let (results, code) = several::run(call, &service);
        stdout::write(&output::result(&results, format)?)?;
        let signal = signal.load(Ordering::Relaxed);
        return Ok(ExitCode::from(if signal == 0 {
            code
        } else {
            signals::exit_code(signal)
        }));
    }
    let result = service.dispatch(call.method, call.params.clone(), Bars::on_stderr());
    match result {
        Ok(value) => {
            stdout::write(&output::result(&value, format)?)?;
            Ok(match not_ready(call.method, &call.params, &value) {
                Some(waited) => {
                    output::note(&waited);
                    ExitCode::from(Kind::NOT_READY_EXIT_CODE)
                }
                None => ExitCode::SUCCESS,
            })
        }
        Err(error) => {
            let signal = signal.load(Ordering::Relaxed);
            if signal == 0 || error.kind() != Kind::Cancelled {
                return Err(near::add(error, call.method, &call.params, &service));
            }
            report::show(&error, format);
            Ok(ExitCode::from(signals::exit_code(signal)))
        }
    }
}

/// What the server that `answer` is about lacks, where it is not as far as it was waited for. That is no
/// error, but has an exit code.
pub(super) fn not_ready(
    method: &str,
    params: &Map<String, Value>,
    answer: &Value,
) -> Option<String> {
    let late = method == "server.create" && answer["ready"] == json!(false);
    late.then(|| waited_for(params, answer))
}

/// What was waited for in vain, and what to do.
fn waited_for(params: &Map<String, Value>, answer: &Value) -> String {
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
