//! What is said of a server that is not as far as it was waited for.

use serde_json::{Map, Value, json};

/// What the server that `answer` is about lacks, where it is not as far as it was waited for. That is no
/// error, but has an exit code.
pub(super) fn not_ready(
    method: &str,
    params: &Map<String, Value>,
    answer: &Value,
) -> Option<String> {
    let late = method == "server.create" && answer["ready"] == json!(false);
    late.then(|| waited_for(params, answer))
}

/// What was waited for in vain, and what to do.
fn waited_for(params: &Map<String, Value>, answer: &Value) -> String {
    let name = answer["server"]["hostname"]
        .as_str()
        .or(params["server"]["server_name"].as_str())
        .unwrap_or("the server");
    let lacks = match params.get("wait").and_then(Value::as_str) {
        Some("address") => "no address of it is known yet",
        Some("minion") => "its minion has not told the master that it has started",
        _ => "it does not run yet",
    };
    let made = match answer["created"].as_bool() {
        Some(true) => "is created, but not ready",
        _ => "was there already, and is not ready",
    };
    let waited = match params.get("timeout").and_then(Value::as_u64) {
        Some(seconds) if answer["created"] == json!(true) => format!(" after {seconds} s"),
        _ => String::new(),
    };
    format!(
        "{name} {made}: {lacks}{waited}. `va-driver server show {name}` tells how far it is, \
         --timeout waits longer, `va-driver server delete {name}` takes it away again"
    )
}
