//! What is made from the command line and the types: completions, man pages, JSON Schemas.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
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
pub(super) fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "va-driver", &mut script);
    stdout::write(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
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
