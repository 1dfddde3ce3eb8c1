//! `steps` and `validate`.

use std::path::Path;

use clap::Args;
use serde_json::{Map, Value, json};

use crate::Result;
use crate::cli::call::Call;
use crate::cli::files;

/// Which driver's steps to show.
#[derive(Debug, Args)]
pub(in crate::cli) struct StepsArgs {
    /// The driver's id
    driver: String,
}

/// What was entered.
#[derive(Debug, Args)]
pub(in crate::cli) struct ValidateArgs {
    /// The driver's id
    driver: String,
    /// The step that was filled in; -1 begins
    #[arg(long, allow_negative_numbers = true)]
    step: i64,
    /// What was entered so far: JSON, or @FILE, or - for standard input. Passwords belong into a
    /// file: everybody on this machine can read a command line
    #[arg(long, value_name = "JSON|@FILE|-")]
    values: Option<String>,
}

impl StepsArgs {
    pub(super) fn call(self) -> Call {
        Call::new("driver.steps", json!({"driver_id": self.driver}))
    }
}

impl ValidateArgs {
    pub(super) fn call(self) -> Result<Call> {
        let values = self.values.as_deref().map_or(Ok(Map::new()), values)?;
        Ok(Call::new(
            "driver.validate",
            json!({
                "driver_id": self.driver,
                "step_index": self.step,
                "field_values": Value::Object(values),
            }),
        ))
    }
}

fn values(text: &str) -> Result<Map<String, Value>> {
    match text.strip_prefix('@') {
        Some(path) => files::record(Path::new(path)),
        None if text == "-" => files::record(Path::new(text)),
        None => files::mapping("--values", text),
    }
}
