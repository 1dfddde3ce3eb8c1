//! Results: JSON, YAML and names for programs, tables for people.
//!
//! | file | concern |
//! |---|---|
//! | `table` | a result as a person reads it |
//! | `columns` | which members of a list's records are columns |
//! | `grid` | rows and columns, fitted to the terminal |
//! | `names` | what a result is about, by name; the order of names |

mod columns;
mod grid;
mod names;
mod table;

use std::io::{self, IsTerminal, Write as _};

pub(super) use names::name as name_of;

use clap::ValueEnum;
use rustix::fd::AsFd;
use rustix::termios::tcgetwinsize;
use serde_json::Value;

use super::logging::colours;
use crate::{Error, Kind, Result};

/// The variable that says how results are printed.
pub(super) const VARIABLE: &str = "VA_DRIVER_FORMAT";

/// What a result can look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    /// Tables, as wide as the terminal
    Table,
    /// Tables with all columns
    Wide,
    /// JSON
    Json,
    /// YAML
    Yaml,
    /// Only the names, a line each
    Name,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    shape: Shape,
    /// Whether somebody has asked for it, and wants errors so, too.
    asked: bool,
}

impl Format {
    /// What `options` say, else the variable, else `own`, this person's configuration; else tables on a
    /// terminal and, for the scripts that there are, JSON in a pipe.
    pub(super) fn chosen(options: Option<Shape>, own: Option<&str>) -> Result<Self> {
        let variable = std::env::var(VARIABLE).ok();
        let variable = variable.as_deref().filter(|word| !word.trim().is_empty());
        let asked = match (options, variable.or(own)) {
            (Some(shape), _) => Some(shape),
            (None, Some(word)) => Some(Shape::from_str(word.trim(), true).map_err(|_| {
                let message = format!(
                    "there is no format {word:?}: {VARIABLE}, and format in config.yaml, may say table, wide, \
                     json, yaml or name"
                );
                Error::new(Kind::InvalidField, message)
            })?),
            (None, None) => None,
        };
        let by_itself = if io::stdout().is_terminal() {
            Shape::Table
        } else {
            Shape::Json
        };
        Ok(Self {
            shape: asked.unwrap_or(by_itself),
            asked: asked.is_some(),
        })
    }

    /// JSON that somebody has asked for.
    pub(super) const JSON: Self = Self {
        shape: Shape::Json,
        asked: true,
    };

    /// What it is where what was asked for is not known.
    pub(super) const PLAIN: Self = Self {
        shape: Shape::Table,
        asked: false,
    };

    /// Whether it is for a person.
    pub(super) fn is_table(self) -> bool {
        matches!(self.shape, Shape::Table | Shape::Wide)
    }

    /// Whether errors are to be on stdout, too, as what a program reads.
    pub(super) fn has_errors(self) -> bool {
        self.asked && matches!(self.shape, Shape::Json | Shape::Yaml)
    }
}

/// Where a table is looked at.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    /// The columns of the terminal; none in a pipe.
    width: Option<usize>,
    /// All columns, however wide that is.
    wide: bool,
    colours: bool,
}

impl Look {
    fn of_stdout(shape: Shape) -> Self {
        let wide = shape == Shape::Wide;
        Self {
            width: width(io::stdout()).filter(|_| !wide),
            wide,
            colours: colours(&io::stdout()),
        }
    }
}

/// How wide the terminal is that `stream` goes to; none where it goes to none and no `COLUMNS` says it.
pub(super) fn width(stream: impl AsFd + IsTerminal) -> Option<usize> {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    let asked = || tcgetwinsize(stream).ok().map(|size| size.ws_col.into());
    told().or_else(asked).filter(|width| *width > 0)
}

/// `value` in `format`, with its newline.
pub(super) fn result(value: &Value, format: Format) -> Result<String> {
    Ok(match format.shape {
        Shape::Table | Shape::Wide => table::describe(value, Look::of_stdout(format.shape)),
        Shape::Json => format!("{value:#}\n"),
        Shape::Yaml => yaml(value)?,
        Shape::Name => names::of(value)?,
    })
}

/// `value` as YAML.
pub(super) fn yaml(value: &Value) -> Result<String> {
    serde_yaml::to_string(value)
        .map_err(|error| Error::new(Kind::Internal, format!("no YAML: {error}")))
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

/// `text` in lines of `width`, broken at words; all lines but the first begin with `indent`.
pub(super) fn wrapped(text: &str, width: Option<usize>, indent: &str) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let options = textwrap::Options::new(width.max(indent.len() + 16))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .subsequent_indent(indent);
    textwrap::fill(text, options)
}

/// The same for what is written to stdout.
pub(super) fn wrapped_on_stdout(text: &str, indent: &str) -> String {
    wrapped(text, width(io::stdout()), indent)
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
    let text = wrapped(
        &format!("note: {}", printable(text)),
        width(io::stderr()),
        "  ",
    );
    // Nothing can be done where stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
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

    #[test]
    fn sentences_are_broken_at_words_and_what_is_to_be_copied_is_not() {
        let text = wrapped(
            "see va-driver.example.org/a-long-word-of-a-url here",
            Some(20),
            "  ",
        );
        assert_eq!(
            text,
            "see\n  va-driver.example.org/a-long-word-of-a-url\n  here"
        );
        assert_eq!(wrapped("a b", None, ""), "a b");
    }
}
