//! What is made from the command line and the types: completions, man pages, JSON Schemas.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::{Map, Value};

use super::args::Cli;
use super::stdout;
use crate::error::io_error;
use crate::rpc::schema;
use crate::{Error, Kind, Result};

/// The JSON Schemas, as one object on stdout or as files in `output`.
pub(super) fn schema(output: Option<&Path>) -> Result<ExitCode> {
    let files = schema::files();
    let Some(dir) = output else {
        let all: Map<String, Value> = files
            .into_iter()
            .map(|(name, schema)| (name, schema.to_value()))
            .collect();
        stdout::write(&format!("{:#}\n", Value::Object(all)))?;
        return Ok(ExitCode::SUCCESS);
    };
    make(dir)?;
    for (name, schema) in files {
        let path = dir.join(name);
        fs::write(&path, schema::text(&schema))
            .map_err(|error| io_error("write", &path, &error))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The completions for `shell`.
pub(super) fn completions(shell: Shell) -> Result<ExitCode> {
    stdout::write(&completion_script(shell))?;
    Ok(ExitCode::SUCCESS)
}

fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "va-driver", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    // For a program with a hyphen in its name, clap_complete (4.6.11) spells what it looks for in
    // bash otherwise than what it has found: no subcommand would be completed (clap issue 6421).
    match shell {
        Shell::Bash => script.replace("va__subcmd__driver", "va__driver"),
        _ => script,
    }
}

/// The man page of the program on stdout, or those of all its subcommands in `output`.
pub(super) fn man(output: Option<&Path>) -> Result<ExitCode> {
    if let Some(dir) = output {
        make(dir)?;
        clap_mangen::generate_to(Cli::command(), dir)
            .map_err(|error| io_error("write man pages to", dir, &error))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| Error::new(Kind::Internal, format!("no man page: {error}")))?;
    stdout::write(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}

fn make(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|error| io_error("make", dir, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_is_completed_in_bash() {
        let script = completion_script(Shell::Bash);
        let found: Vec<_> = script
            .lines()
            .filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"'))
            .filter(|name| !name.is_empty())
            .collect();
        assert!(found.len() > 40, "{found:?}");
        for name in found {
            assert!(script.contains(&format!("\n        {name})\n")), "{name}");
        }
    }
}
