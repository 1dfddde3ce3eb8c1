//! One subcommand for several servers, side by side: what one of them comes to does not touch the others.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::bars::Bars;
use super::call::Call;
use super::output::name_of;
use super::{near, ready, report};
use crate::concurrent::{AT_ONCE, each};
use crate::driver::Progress;
use crate::rpc::{ErrorObject, Service};
use crate::{Error, Result};

/// Runs `call` for all that it is for; answers their results in that order, and the exit code.
pub(super) fn run(call: &Call, service: &Service) -> (Value, u8) {
    let all: Vec<&Map<String, Value>> = std::iter::once(&call.params).chain(&call.more).collect();
    let bars = Bars::on_stderr();
    let done = each(&all, AT_ONCE, |params| {
        let name = name(params);
        let progress = Named {
            name: name.clone(),
            all: Arc::clone(&bars),
        };
        let result = service
            .dispatch(call.method, (*params).clone(), Arc::new(progress))
            .map_err(|error| near::add(error, call.method, params, service));
        (name, result)
    });
    drop(bars);
    let mut worst = 0;
    let results: Vec<Value> = all
        .iter()
        .zip(done)
        .map(|(params, (name, result))| {
            let (told, code) = told(call.method, params, &name, result);
            worst = if worst == 0 { code } else { worst };
            told
        })
        .collect();
    (json!({"ok": worst == 0, "results": results}), worst)
}

/// What is said of the server `name`, and its exit code.
fn told(
    method: &str,
    params: &Map<String, Value>,
    name: &str,
    result: Result<Value>,
) -> (Value, u8) {
    match result {
        Ok(answer) => {
            let waited = ready::not_ready(method, params, &answer);
            let changed = ["created", "create", "changed", "deleted", "would_change"];
            let changed = changed.iter().find_map(|member| answer[*member].as_bool());
            let (outcome, code) = match (&waited, changed) {
                (Some(_), _) => ("not ready", crate::Kind::NOT_READY_EXIT_CODE),
                (None, Some(false)) => ("unchanged", 0),
                (None, _) if method == "server.create" => ("created", 0),
                (None, _) => ("done", 0),
            };
            let message = waited.or_else(|| answer["message"].as_str().map(ToOwned::to_owned));
            let told = json!({"server_name": name, "outcome": outcome, "message": message, "result": answer});
            (told, code)
        }
        Err(error) => {
            report::show_of(name, &error);
            let object = ErrorObject::from(&error);
            let told = json!({"server_name": name, "outcome": "failed", "error": object});
            (told, error.kind().exit_code())
        }
    }
}

/// How far one of several is, under its name.
struct Named {
    name: String,
    all: Arc<dyn Progress>,
}

impl Progress for Named {
    fn report(&self, phase: &str, done: u64, total: u64) {
        self.all
            .report(&format!("{} {phase}", self.name), done, total);
    }
}

/// Whose call it is.
fn name(params: &Map<String, Value>) -> String {
    let named = params.get("server_name").and_then(Value::as_str);
    let named = named.or_else(|| name_of(params.get("server")?));
    named.unwrap_or_default().to_owned()
}

/// Refuses `servers` of which two have a name, or one has none.
pub(super) fn check_names(servers: &[Value]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for (number, server) in servers.iter().enumerate() {
        let message = match name_of(server) {
            None => format!("server {} of --spec has no server_name", number + 1),
            Some(name) if !seen.insert(name.to_owned()) => {
                format!("--spec has two servers called {name}")
            }
            Some(_) => continue,
        };
        return Err(Error::invalid("/server/server_name", message));
    }
    Ok(())
}
