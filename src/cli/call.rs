//! Runs a method for a person.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use serde_json::{Map, Value, json};

use super::bars::Bars;
use super::output::{self, Format};
use super::settings::Settings;
use super::{report, signals, stdout};
use crate::rpc::METHODS;
use crate::{Kind, Result};

/// What a subcommand asks for.
#[derive(Debug)]
pub(super) struct Call {
    /// The method.
    pub(super) method: &'static str,
    /// Its parameters.
    pub(super) params: Map<String, Value>,
    /// For `--dry-run`: what would be done, in words. The method is not run.
    pub(super) would: Option<String>,
}

impl Call {
    /// `method` with `params`, which is a JSON object.
    pub(super) fn new(method: &'static str, params: Value) -> Self {
        let params = match params {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        Self {
            method,
            params,
            would: None,
        }
    }

    /// The same, only told and not done, if `dry_run`.
    pub(super) fn unless(mut self, dry_run: bool, would: impl FnOnce() -> String) -> Self {
        self.would = dry_run.then(would);
        self
    }
}

/// Runs `call` and shows its result.
pub(super) fn run(call: &Call, settings: &Settings, format: Format) -> Result<ExitCode> {
    if let Some(would) = &call.would {
        let told = json!({"dry_run": true, "method": call.method, "would": would});
        stdout::write(&output::result(&told, format))?;
        return Ok(ExitCode::SUCCESS);
    }
    let signal = Arc::new(AtomicI32::new(0));
    // What changes nothing needs no undoing: a signal simply ends it.
    let changes = METHODS
        .iter()
        .any(|method| method.name == call.method && method.changes);
    if changes {
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
            Ok(ExitCode::SUCCESS)
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
