//! Runs a method for a person.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde_json::json;

use super::bars::Bars;
use super::call::Call;
use super::output::{self, Format};
use super::ready::not_ready;
use super::settings::Settings;
use super::{near, report, several, signals, stdout};
use crate::{Kind, Result};

/// Runs `call` and shows its result.
pub(super) fn run(call: &Call, settings: &Settings, format: Format) -> Result<ExitCode> {
    if let Some(would) = &call.would {
        stdout::write(&output::result(&json!(would), format)?)?;
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
