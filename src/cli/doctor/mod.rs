//! Says what this machine lacks, and how to get it.

mod checks;
mod drivers;
mod host;
mod journals;

use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use super::options::ProviderArgs;
use super::output::{self, Format, printable, wrapped_on_stdout};
use super::settings::Settings;
use super::{select, stdout};
use crate::{Kind, Result};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// It is there.
    Ok,
    /// Something cannot be done without it; the rest can.
    Warning,
    /// The program is of no use without it.
    Missing,
}

/// A check, and what came out.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    outcome: Outcome,
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Ok,
            message: message.into(),
            remedy: None,
        }
    }

    fn warning(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Warning,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn missing(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Missing,
            ..Self::warning(name, message, remedy)
        }
    }
}

/// Below a check's name.
const INDENT: &str = "         ";

/// Every check, in the order in which they are shown.
const CHECKS: [fn(&Settings) -> Check; 7] = [
    checks::libvirt_library,
    checks::qemu,
    checks::salt_cloud,
    drivers::drivers,
    checks::pki_dir,
    checks::state_dir,
    journals::abandoned,
];

/// Runs all checks, and where `args` or the environment name a provider, those of its host. The exit
/// code tells whether something is missing without which nothing works.
pub(super) fn run(args: &ProviderArgs, settings: &Settings, format: Format) -> Result<ExitCode> {
    let mut checks: Vec<Check> = CHECKS.iter().map(|check| check(settings)).collect();
    match select::given(args, settings) {
        Ok(Some(provider)) => checks.extend(host::checks(settings, &provider)),
        Ok(None) => {}
        Err(error) => checks.push(host::answers(Err(error))),
    }
    let missing = checks.iter().any(|check| check.outcome == Outcome::Missing);
    let text = if format.is_table() {
        checks.iter().map(line).collect()
    } else {
        output::result(&json!({"ok": !missing, "checks": checks}), format)?
    };
    stdout::write(&text)?;
    Ok(if missing {
        ExitCode::from(Kind::Unsupported.exit_code())
    } else {
        ExitCode::SUCCESS
    })
}

fn line(check: &Check) -> String {
    let mark = match check.outcome {
        Outcome::Ok => "ok     ",
        Outcome::Warning => "warning",
        Outcome::Missing => "MISSING",
    };
    let line = format!("{mark}  {}: {}", check.name, printable(&check.message));
    let mut text = wrapped_on_stdout(&line, INDENT) + "\n";
    if let Some(remedy) = &check.remedy {
        text.push_str(&wrapped_on_stdout(
            &format!("{INDENT}{}", printable(remedy)),
            INDENT,
        ));
        text.push('\n');
    }
    text
}
