//! Results: JSON for programs, tables for people.

mod columns;
mod table;

use std::io::{self, IsTerminal, Write as _};

use serde_json::Value;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Tables.
    Table,
    /// JSON, because nobody looks.
    Json,
    /// JSON, because it was asked for.
    JsonAsked,
}

impl Format {
    /// What the options say, else tables on a terminal and JSON in a pipe.
    pub(super) fn chosen(json: bool, table: bool) -> Self {
        if json {
            Self::JsonAsked
        } else if table || io::stdout().is_terminal() {
            Self::Table
        } else {
            Self::Json
        }
    }
}

/// `value` in `format`, with its newline.
pub(super) fn result(value: &Value, format: Format) -> String {
    match format {
        Format::Table => table::describe(value),
        Format::Json | Format::JsonAsked => format!("{value:#}\n"),
    }
}

/// `text` without what would steer a terminal: names come from hosts that others administer.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() || is_unseen(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Whether `c` turns the direction of writing, breaks a line, or is not seen at all.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Says on stderr what is to be known although nothing failed.
pub(super) fn note(text: &str) {
    // Nothing can be done where stderr is closed.
    let _ = writeln!(io::stderr().lock(), "note: {}", printable(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            printable("a\x1b]0;x\x07\u{9b}b\nc"),
            "a\u{fffd}]0;x\u{fffd}\u{fffd}b\nc"
        );
        assert_eq!(
            printable("x\u{202e}gpj.exe\u{2028}\u{200b}ä漢"),
            "x\u{fffd}gpj.exe\u{fffd}\u{fffd}ä漢"
        );
    }
}
