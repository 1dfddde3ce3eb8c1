//! One value as one line of JSON that every YAML reader and Jinja take as it was meant.
//!
//! JSON is YAML, but not to each reader: `PyYAML`, which cloud-init and Salt use, refuses some
//! characters raw, does not join surrogate pairs, reads `1e16` as a string and gives up on a key of
//! more than 1024 characters. Text that also passes through Jinja must hold no opening of its own in a
//! string.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::{Error, Kind, Result};

/// The most characters that `PyYAML` and libyaml allow a key to span, quotes included.
const LONGEST_KEY: usize = 1024;

/// Writes `value` as one line of JSON, which is YAML too.
///
/// Strings are always quoted, so `PyYAML` (YAML 1.1) finds no booleans, dates or base-60 numbers in
/// them. Inside strings `{`, `}`, `%` and `#` become `\u00XX`, so that Jinja finds nothing to render;
/// so does what YAML readers reject or fold when it stands there raw: DEL, the C1 controls, NEL,
/// U+2028, U+2029, the byte order mark, U+FFFE and U+FFFF. Other characters stay as they are, for
/// `PyYAML` does not join the surrogate pairs that JSON would need. Numbers with an exponent are written
/// `1.0e+30`, the one form that YAML 1.1 takes for a number. NaN and the infinities become `null`.
///
/// The line is written into one allocation, so that a caller with secrets in `value` wipes all of it
/// by wiping the string.
///
/// # Errors
/// [`Kind::InvalidField`] if `value` has a key of more than 1024 characters, which YAML readers
/// refuse; [`Kind::Internal`] if it does not serialise at all.
pub(crate) fn to_yaml_flow<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    write(value, Characters::Raw)
}

/// As [`to_yaml_flow`], in ASCII: characters outside it are `\uXXXX`, and `\UXXXXXXXX` beyond
/// U+FFFF. With one of the latter the text is YAML and no longer JSON.
///
/// # Errors
/// As [`to_yaml_flow`].
pub(crate) fn to_yaml_flow_ascii<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    write(value, Characters::Ascii)
}

fn write<T: Serialize + ?Sized>(value: &T, characters: Characters) -> Result<String> {
    let mut length = Length(0);
    serialize(value, characters, &mut length)?;
    let mut out = Vec::with_capacity(length.0);
    serialize(value, characters, &mut out)?;
    String::from_utf8(out).map_err(|error| {
        Error::new(Kind::Internal, "YAML is not UTF-8").with_source(error.utf8_error())
    })
}

fn serialize<T: Serialize + ?Sized>(
    value: &T,
    characters: Characters,
    out: impl Write,
) -> Result<()> {
    let flow = Flow {
        characters,
        key: None,
    };
    value
        .serialize(&mut Serializer::with_formatter(out, flow))
        .map_err(|error| {
            let kind = if error.is_io() {
                Kind::InvalidField
            } else {
                Kind::Internal
            };
            Error::new(kind, format!("cannot write this value as YAML: {error}"))
        })
}

/// What happens to characters outside ASCII that could stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Characters {
    Raw,
    Ascii,
}

/// `serde_json`'s compact form, with a space after `:` and `,`.
struct Flow {
    characters: Characters,
    /// How many characters the key being written has by now.
    key: Option<usize>,
}

impl Flow {
    fn count(&mut self, characters: usize) -> io::Result<()> {
        if let Some(length) = &mut self.key {
            *length += characters;
            if *length > LONGEST_KEY {
                return Err(io::Error::other("a key is longer than 1024 characters"));
            }
        }
        Ok(())
    }

    /// Whether `c` must not stand raw inside a quoted string.
    fn must_escape(&self, c: char) -> bool {
        let special = matches!(
            c,
            '{' | '}' | '%' | '#' // Jinja's
                | '\u{7f}'
                ..='\u{9f}' // not printable to PyYAML, or a line break
                | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        );
        special || (self.characters == Characters::Ascii && !c.is_ascii())
    }
}

impl Formatter for Flow {
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        // the two quotes
        self.key = Some(2);
        separate(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.key = None;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        separate(out, first)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| self.must_escape(c)) {
            self.count(rest[..at].chars().count())?;
            out.write_all(&rest.as_bytes()[..at])?;
            rest = &rest[at + c.len_utf8()..];
            let code = u32::from(c);
            if code > 0xffff {
                self.count(10)?;
                write!(out, "\\U{code:08x}")?;
            } else {
                self.count(6)?;
                write!(out, "\\u{code:04x}")?;
            }
        }
        self.count(rest.chars().count())?;
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let long = matches!(escape, CharEscape::AsciiControl(_));
        self.count(if long { 6 } else { 2 })?;
        CompactFormatter.write_char_escape(out, escape)
    }

    fn write_f32<W: ?Sized + Write>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        write_float(out, &format!("{value:?}"))
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        write_float(out, &format!("{value:?}"))
    }

    fn write_number_str<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        write_float(out, text)
    }
}

fn separate<W: ?Sized + Write>(out: &mut W, first: bool) -> io::Result<()> {
    if first { Ok(()) } else { out.write_all(b", ") }
}

/// YAML 1.1 knows an exponent only after a point and with a sign.
fn write_float<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return out.write_all(text.as_bytes());
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    write!(out, "{mantissa}{point}e{sign}{exponent}")
}

/// Counts what is written.
struct Length(usize);

impl Write for &mut Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
