//! Errors as a person reads them.

use std::io::{self, Write as _};

use serde_json::json;

use super::logging::colours;
use super::output::{self, Format, printable, width, wrapped};
use super::shell_words::{option, translate};
use super::stdout;
use crate::Error;
use crate::rpc::ErrorObject;

/// Shows `error` on stderr; to who asks for JSON or YAML also on stdout, as `{"error": {…}}`.
pub(super) fn show(error: &Error, format: Format) {
    let text = text(error, colours(&io::stderr()), width(io::stderr()));
    // Nothing can be done where even stderr is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    if format.has_errors() {
        on_stdout(error, format);
    }
}

/// Shows `error` of one of several servers.
pub(super) fn show_of(name: &str, error: &Error) {
    let message = format!("{name}: {}", error.message());
    show(&error.clone().with_message(message), Format::PLAIN);
}

/// Writes `error` to stdout, as `{"error": {…}}`.
pub(super) fn on_stdout(error: &Error, format: Format) {
    let object = json!({"error": ErrorObject::from(error)});
    let text = output::result(&object, format).unwrap_or_default();
    // The error itself is what counts.
    let _ = stdout::write(&text);
}

fn text(error: &Error, colours: bool, width: Option<usize>) -> String {
    let (red, plain) = if colours {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let value = printable(&translate(value));
        let line = wrapped(&format!("{label}: {value}"), width, "    ");
        text.extend([&line, "\n"]);
    };
    line(
        &format!("{red}error[{}]{plain}", error.kind()),
        error.message(),
    );
    let mut line = |label: &str, value: &str| line(&format!("  {label}"), value);
    if let Some(field) = error.field().filter(|field| !field.is_empty()) {
        match option(field) {
            Some(option) if option.starts_with('-') => line("option", &option),
            Some(argument) => line("argument", &argument),
            None => line("field", field),
        }
    }
    for source in error.sources() {
        line("because", source);
    }
    for left in error.left_behind() {
        let what = format!("{} {} ({})", left.resource, left.name, left.reason);
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
            text(&error, false, None),
            "error[timeout]: the host is silent\n  option: --uri\n  because: no route\u{fffd}[2J\n  \
             left behind: volume /a (busy)\n  hint: the same may succeed when tried again\n"
        );
    }
}
