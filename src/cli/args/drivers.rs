//! `driver …`, `steps`, `validate` and `wizard`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::Result;
use crate::cli::call::Call;
use crate::cli::files;

/// What is asked about drivers.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DriverCommand {
    /// List the drivers there are now, and files of drivers.d that are broken
    List,
    /// Show a driver's steps, and what its servers have beside the usual members
    Show(StepsArgs),
    /// Say what is wrong with a manifest, or that nothing is
    Check(CheckArgs),
    /// Write a manifest to begin with, NAME.yaml
    New(NewArgs),
}

/// Which manifest to check.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// The manifest, NAME.yaml
    pub(in crate::cli) file: PathBuf,
}

/// What the new driver is called.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewArgs {
    /// The driver's id: lower case letters, digits, `-` and `_`
    pub(in crate::cli) name: String,
    /// Where to write it [default: NAME.yaml]
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

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

/// Which driver's form to walk through.
#[derive(Debug, Args)]
pub(in crate::cli) struct WizardArgs {
    /// The driver's id, as va-driver drivers lists it [default: asked for]
    pub(in crate::cli) driver: Option<String>,
    /// Where to write the provider's record, for --provider-file, if not into Salt's configuration
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// A setting that the form does not ask for, such as pool=vms; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, Value)>,
}

impl WizardArgs {
    /// What `--set` says.
    pub(in crate::cli) fn settings(&self) -> Map<String, Value> {
        self.set.iter().cloned().collect()
    }
}

/// `name=value`; the value is JSON where it is any, else text.
fn setting(text: &str) -> std::result::Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("write it as NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
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
