//! One value as one line of JSON that every YAML reader and Jinja take as it was meant.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

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
/// # Errors
/// [`Kind::InvalidField`] if `value` has a key of more than 1024 characters, which YAML readers
/// refuse; [`Kind::Internal`] if it does not serialise at all.
pub fn to_yaml_flow(value: &impl Serialize) -> Result<String> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, YamlFormatter::default());
    value.serialize(&mut serializer).map_err(|error| {
        let kind = if error.is_io() {
            Kind::InvalidField
        } else {
            Kind::Internal
        };
        Error::new(kind, format!("cannot write this value as YAML: {error}"))
    })?;
    String::from_utf8(out)
        .map_err(|error| Error::new(Kind::Internal, "YAML is not UTF-8").with_source(error))
}

/// Whether `c` must not stand raw inside a quoted string.
fn needs_escape(c: char) -> bool {
    matches!(
        c,
        '{' | '}' | '%' | '#' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
    ) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// `serde_json`'s compact form, with a space after `:` and `,`.
#[derive(Default)]
struct YamlFormatter {
    /// How long the key being written is by now.
    key: Option<usize>,
}

impl YamlFormatter {
    fn count(&mut self, characters: usize) -> io::Result<()> {
        if let Some(length) = &mut self.key {
            *length += characters;
            if *length > LONGEST_KEY {
                return Err(io::Error::other("a key is longer than 1024 characters"));
            }
        }
        Ok(())
    }
}

impl Formatter for YamlFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| needs_escape(c)) {
            self.count(rest[..at].chars().count() + 6)?;
            write!(writer, "{}\\u{:04x}", &rest[..at], u32::from(c))?;
            rest = &rest[at + c.len_utf8()..];
        }
        self.count(rest.chars().count())?;
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        char_escape: CharEscape,
    ) -> io::Result<()> {
        let long = matches!(char_escape, CharEscape::AsciiControl(_));
        self.count(if long { 6 } else { 2 })?;
        serde_json::ser::CompactFormatter.write_char_escape(writer, char_escape)
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let mut plain = Vec::new();
        serde_json::ser::CompactFormatter.write_f64(&mut plain, value)?;
        writer.write_all(yaml_float(&String::from_utf8_lossy(&plain)).as_bytes())
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        let mut plain = Vec::new();
        serde_json::ser::CompactFormatter.write_f32(&mut plain, value)?;
        writer.write_all(yaml_float(&String::from_utf8_lossy(&plain)).as_bytes())
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        // the two quotes
        self.key = Some(2);
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.key = None;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }
}

/// JSON's `1e30` and `1.5e-7` in the form that YAML 1.1 reads as a number.
fn yaml_float(json: &str) -> String {
    let Some((mantissa, exponent)) = json.split_once('e') else {
        return json.to_owned();
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{point}e{sign}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::to_yaml_flow;
    use crate::Kind;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn words_and_numbers_of_yaml_1_1_stay_strings() {
        for word in [
            "yes",
            "NO",
            "on",
            "1:30",
            "1_000",
            "2026-01-02",
            "~",
            "",
            "0755",
            "=",
        ] {
            assert_eq!(to_yaml_flow(&word).unwrap(), format!("\"{word}\""));
        }
    }

    #[test]
    fn jinja_finds_nothing() {
        let text = to_yaml_flow(&"{{ a }} {% b %} {# c #}").unwrap();
        assert_eq!(
            text,
            r#""\u007b\u007b a \u007d\u007d \u007b\u0025 b \u0025\u007d \u007b\u0023 c \u0023\u007d""#
        );
    }

    #[test]
    fn what_readers_reject_is_escaped_and_the_rest_is_not() {
        assert_eq!(
            to_yaml_flow(&"\u{7f}\u{85}\u{9f}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}é😀").unwrap(),
            r#""\u007f\u0085\u009f\u2028\u2029\ufeff\ufffe\uffffé😀""#
        );
        assert_eq!(to_yaml_flow(&"a\nb\t\u{0}").unwrap(), r#""a\nb\t\u0000""#);
    }

    #[test]
    fn floats_keep_a_point_and_a_signed_exponent() {
        assert_eq!(to_yaml_flow(&1e30).unwrap(), "1.0e+30");
        assert_eq!(to_yaml_flow(&-1.5e-9).unwrap(), "-1.5e-9");
        assert_eq!(to_yaml_flow(&0.25).unwrap(), "0.25");
        assert_eq!(to_yaml_flow(&1e30f32).unwrap(), "1.0e+30");
    }

    #[test]
    fn structures_are_one_line() {
        assert_eq!(
            to_yaml_flow(&json!({"a": [1, null, {"b": {}}], "c%": true})).unwrap(),
            r#"{"a": [1, null, {"b": {}}], "c\u0025": true}"#
        );
    }

    #[test]
    fn a_key_is_at_most_1024_characters_as_written() {
        let fits = "é".repeat(1022);
        assert!(to_yaml_flow(&json!({ fits: 1 })).is_ok());
        for long in ["é".repeat(1023), "%".repeat(171), "\n".repeat(512)] {
            let error = to_yaml_flow(&json!({ long: 1 })).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidField);
        }
        assert!(to_yaml_flow(&json!({"k": "v".repeat(5000)})).is_ok());
    }

    proptest! {
        #[test]
        fn every_string_survives_json_and_yaml(text in any::<String>()) {
            let line = to_yaml_flow(&text).unwrap();
            let raw = line.contains(['{', '}', '%', '#', '\n', '\u{85}', '\u{2028}']);
            prop_assert!(!raw);
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text.clone());
            prop_assert_eq!(serde_yaml::from_str::<String>(&line).unwrap(), text);
        }

        #[test]
        fn every_float_survives(number in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            let line = to_yaml_flow(&number).unwrap();
            prop_assert!(line.contains('.'));
            let back: Value = serde_json::from_str(&line).unwrap();
            // serde_json's default parser may be off by the last bit
            prop_assert!((back.as_f64().unwrap() - number).abs() <= number.abs() * 1e-15);
        }
    }
}
