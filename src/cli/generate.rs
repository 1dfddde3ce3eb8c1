//! What is made from the types: JSON Schemas.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value};

use super::stdout;
use crate::Result;
use crate::error::io_error;
use crate::rpc::schema;

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
    let texts = files
        .into_iter()
        .map(|(name, schema)| (name, schema::text(&schema)));
    write_into(dir, texts)
}

/// Writes `files`, names and texts, into `dir`, which is made where it is not there.
pub(super) fn write_into(
    dir: &Path,
    files: impl IntoIterator<Item = (impl AsRef<Path>, String)>,
) -> Result<ExitCode> {
    fs::create_dir_all(dir).map_err(|error| io_error("make", dir, &error))?;
    for (name, text) in files {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| io_error("write", &path, &error))?;
    }
    Ok(ExitCode::SUCCESS)
}
