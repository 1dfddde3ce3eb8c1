//! What a failure is, by what Salt says.

use serde_json::Value;

use crate::{Error, Kind};

/// Words that tell, in small letters, with `|` between them; the first that is found counts.
const TELLING: &[(Kind, &str)] = &[
    (
        Kind::Unsupported,
        "could not be loaded|does not define the function|is not available",
    ),
    (
        Kind::AlreadyExists,
        "already exists|already in use|name is in use",
    ),
    (
        Kind::QuotaExceeded,
        "quota|limit exceeded|limitexceeded|insufficient|no space left|not enough",
    ),
    (
        Kind::AuthFailed,
        "authentication|failed to authenticate|authfailure|unauthorized|401|\
         credentials|invalid login|permission denied (publickey|\
         incorrect user name or password",
    ),
    (
        Kind::PermissionDenied,
        "permission denied|forbidden|403|not authorized|access denied",
    ),
    (Kind::Timeout, "timed out|timeout"),
    (
        Kind::ConnectionFailed,
        "connection refused|could not connect|cannot connect|failed to connect|\
         failed to establish|could not be contacted|unreachable|no route to host|\
         name or service not known|name resolution|connection reset|connection aborted|\
         master daemon is not running",
    ),
    (
        Kind::NotFound,
        "not found|does not exist|no such|not be found|could not find",
    ),
    (
        Kind::InvalidField,
        "not properly configured|is required|are required|invalid|not valid|must be",
    ),
];

/// The kind of a failure of which Salt says `text`.
pub(super) fn kind_of(text: &str) -> Kind {
    // the options of an ssh say nothing of what it came to
    let text = match (text.find("Command '"), text.rfind("' failed")) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &text[..from], &text[to..]),
        _ => text.to_owned(),
    };
    let text = text.to_lowercase();
    let found = TELLING
        .iter()
        .find(|(_, words)| words.split('|').any(|word| text.contains(word)));
    found.map_or(Kind::Internal, |(kind, _)| *kind)
}

/// The `Error` that an answer of salt-cloud's holds, as a line that [`fault`] knows.
pub(super) fn said(error: &Value) -> String {
    format!(
        "Error: {}",
        error
            .as_str()
            .map_or_else(|| error.to_string(), ToOwned::to_owned)
    )
}

/// The failure of what salt-cloud was to do, `doing`, of which it `said` this.
pub(super) fn fault(doing: &str, said: &str) -> Error {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    // the last is the outermost of what it gave up for
    let telling = lines
        .clone()
        .rfind(|line| line.starts_with("Error:") || line.starts_with("[ERROR"))
        .or(lines.clone().next_back());
    let Some(line) = telling else {
        let message = format!("salt-cloud did not {doing}, and says nothing of why");
        return Error::new(Kind::Internal, message);
    };
    let line = line
        .trim_start_matches("Error:")
        .trim_start_matches("[ERROR   ]")
        .trim();
    let mut logged = lines.filter(|line| line.starts_with("[ERROR"));
    let kind = match kind_of(line) {
        Kind::Internal => logged
            .find_map(|line| Some(kind_of(line)).filter(|kind| *kind != Kind::Internal))
            .unwrap_or(Kind::Internal),
        kind => kind,
    };
    let error = Error::new(kind, format!("salt-cloud did not {doing}: {line}"));
    let error = match kind {
        Kind::AuthFailed | Kind::ConnectionFailed => error.with_field("/provider"),
        _ => error,
    };
    if line.len() + 20 < said.len() {
        error.with_source(said)
    } else {
        error
    }
}
