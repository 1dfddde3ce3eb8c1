//! Which of Salt's cloud drivers this master has.

use serde_json::{Map, Value, json};

use super::fault::fault;
use super::host::{QUESTION, salt_cloud};
use super::workspace::Workspace;
use crate::Result;
use crate::child::{Input, Limits};
use crate::driver::Context;
use crate::template::to_yaml_block;

/// What Salt says of a provider whose driver it cannot load.
const NOT_LOADED: &str = "could not be loaded";

/// Those of Salt's cloud drivers `wanted` that this master's Salt cannot load.
pub(crate) fn lacking(cx: &Context, wanted: &[&str]) -> Result<Vec<String>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let name = |driver: &str| format!("va-needs-{driver}");
    let providers: Map<String, Value> = wanted
        .iter()
        .map(|driver| (name(driver), json!({"driver": driver})))
        .collect();
    let conf = to_yaml_block(&Value::Object(providers))?;
    let workspace = Workspace::make(&cx.salt_config_dir, &conf, None)?;
    let program = salt_cloud(&workspace)?.args(["--list-providers"]);
    let output = program.run(
        Input::Bytes(b""),
        Limits::new(QUESTION, 1 << 20),
        &cx.cancel,
    )?;
    let said = |driver: &&&str| {
        let name = format!("'{}'", name(driver));
        let mut lines = output.stderr.lines();
        lines.any(|line| line.contains(NOT_LOADED) && line.contains(&name))
    };
    let lacking: Vec<_> = wanted
        .iter()
        .filter(said)
        .map(|driver| (*driver).to_owned())
        .collect();
    if lacking.is_empty() && output.stderr.contains("Traceback") {
        return Err(fault("say which drivers it has", &output.stderr));
    }
    Ok(lacking)
}
