//! Errors as a person reads them.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde_json::json;

use super::logging::colours;
use super::output::{Format, printable};
use super::shell_words::{option, translate};
use super::stdout;
use crate::Error;
use crate::rpc::ErrorObject;

/// Shows `error` on stderr; with `--json` also on stdout, as `{"error": {…}}`.
pub(super) fn show(error: &Error, format: Format) {
    let text = text(error, colours(&io::stderr()));
    // Nothing can be done where even stderr is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    if format == Format::JsonAsked {
        json(error);
    }
}

/// Writes `error` to stdout, as `{"error": {…}}`.
pub(super) fn json(error: &Error) {
    let object = json!({"error": ErrorObject::from(error)});
    let _ = stdout::write(&format!("{object}\n"));
}

fn text(error: &Error, colours: bool) -> String {
    let (red, plain) = if colours {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut text = format!(
        "{red}error[{}]{plain}: {}\n",
        error.kind(),
        printable(&translate(error.message()))
    );
    let mut line = |label: &str, value: &str| {
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {label}: {}", printable(value));
    };
    if let Some(field) = error.field().filter(|field| !field.is_empty()) {
        match option(field) {
            Some(option) => line("field", &format!("{field} ({option})")),
            None => line("field", field),
        }
    }
    for source in error.sources() {
        line("because", source);
    }
    for left in error.left_behind() {
        let what = format!(
            "{} {} ({})",
            left.resource,
            left.name,
            translate(&left.reason)
        );
        line("left behind", &what);
    }
    if error.is_retryable() {
        line("hint", "the same may succeed when tried again");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, LeftBehind};

    #[test]
    fn all_that_an_error_holds_is_shown() {
        let error = Error::new(Kind::Timeout, "the host is silent")
            .with_field("/provider/uri")
            .with_source("no route\x1b[2J")
            .with_left_behind(vec![LeftBehind {
                resource: "volume".into(),
                name: "/a".into(),
                reason: "busy".into(),
            }]);
        assert_eq!(
            text(&error, false),
            "error[timeout]: the host is silent\n  field: /provider/uri (--uri)\n  because: no route\u{fffd}[2J\n  \
             left behind: volume /a (busy)\n  hint: the same may succeed when tried again\n"
        );
    }
}
