//! JSON that every reader of YAML takes for what it is.
//!
//! JSON is YAML, but not to each reader: `PyYAML`, which cloud-init and Salt use, refuses some
//! characters raw, does not join surrogate pairs, reads `1e16` as a string and gives up on a
//! member's name of more than 1024 characters. Text that also passes through Jinja must hold no
//! opening of its own in a string. So this writes JSON, in one line, where
//!
//! - control characters, `{`, `}`, `%`, `#`, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF in strings
//!   are written `\uXXXX`, and everything else stays as it is;
//! - floating-point numbers have a point, and a sign before the exponent.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::{Error, Kind, Result};

/// The longest name of a member, as it is written, in bytes. `PyYAML` allows 1024 characters from
/// the opening quote to the colon.
const NAME_MAX: usize = 1000;

/// `value` as JSON, in one line, to be read as YAML or JSON.
///
/// The string is written into one allocation, so that a caller with secrets in `value` wipes all of
/// it by wiping the string.
///
/// # Errors
/// `invalid_field` where `value` has no form in JSON or a member's name is too long for YAML.
pub fn to_yaml_flow<T: Serialize + ?Sized>(value: &T) -> Result<String> {
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
    String::from_utf8(out).map_err(|_| Error::new(Kind::Internal, "JSON that is not UTF-8"))
}

fn serialize<T: Serialize + ?Sized>(
    value: &T,
    characters: Characters,
    out: impl Write,
) -> Result<()> {
    let flow = Flow {
        characters,
        name: None,
    };
    value
        .serialize(&mut Serializer::with_formatter(out, flow))
        .map_err(|error| {
            Error::new(
                Kind::InvalidField,
                format!("this cannot be written as YAML: {error}"),
            )
        })
}

/// What happens to characters outside ASCII that could stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Characters {
    Raw,
    Ascii,
}

struct Flow {
    characters: Characters,
    /// Bytes written of the name that is being written.
    name: Option<usize>,
}

impl Flow {
    fn wrote(&mut self, bytes: usize) -> io::Result<()> {
        let Some(length) = &mut self.name else {
            return Ok(());
        };
        *length += bytes;
        if *length > NAME_MAX {
            return Err(io::Error::other(
                "a member's name is too long (at most 1000 bytes as written)",
            ));
        }
        Ok(())
    }

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
        self.name = Some(0);
        if first { Ok(()) } else { out.write_all(b",") }
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.name = None;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| self.must_escape(c)) {
            let (plain, tail) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            self.wrote(plain.len())?;
            let mut tail = tail.chars();
            let code = tail.next().map_or(0, u32::from);
            rest = tail.as_str();
            if code > 0xffff {
                write!(out, "\\U{code:08X}")?;
                self.wrote(10)?;
            } else {
                write!(out, "\\u{code:04X}")?;
                self.wrote(6)?;
            }
        }
        out.write_all(rest.as_bytes())?;
        self.wrote(rest.len())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.wrote(6)?; // or less
        CompactFormatter.write_char_escape(out, escape)
    }

    fn write_f32<W: ?Sized + Write>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        write_number(out, &format!("{value:?}"))
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        write_number(out, &format!("{value:?}"))
    }

    fn write_number_str<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        write_number(out, text)
    }
}

/// YAML 1.1 knows an exponent only after a point and with a sign.
fn write_number<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
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
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{to_yaml_flow, to_yaml_flow_ascii};
    use crate::Kind;

    #[test]
    fn what_yaml_or_jinja_would_take_for_its_own_is_escaped() {
        let text = to_yaml_flow("{{ a }} {% b %} # \u{7f}\u{85}\u{9f}\u{2028}\u{feff}\u{ffff}\n");
        assert_eq!(
            text.unwrap(),
            "\"\\u007B\\u007B a \\u007D\\u007D \\u007B\\u0025 b \\u0025\\u007D \\u0023 \
             \\u007F\\u0085\\u009F\\u2028\\uFEFF\\uFFFF\\n\""
        );
    }

    #[test]
    fn other_characters_stay_unless_ascii_is_asked_for() {
        assert_eq!(to_yaml_flow("é中😀\u{a0}").unwrap(), "\"é中😀\u{a0}\"");
        assert_eq!(
            to_yaml_flow_ascii("é中😀").unwrap(),
            "\"\\u00E9\\u4E2D\\U0001F600\""
        );
    }

    #[test]
    fn numbers_are_numbers_in_yaml_1_1_too() {
        let numbers = json!([1e16, 1.5e300, 1e-7, 0.1, 100.0, -0.0, 7, u64::MAX, i64::MIN]);
        assert_eq!(
            to_yaml_flow(&numbers).unwrap(),
            "[1.0e+16,1.5e+300,1.0e-7,0.1,100.0,-0.0,7,18446744073709551615,-9223372036854775808]"
        );
    }

    #[test]
    fn a_name_that_yaml_could_not_read_is_refused() {
        assert!(to_yaml_flow(&json!({ "n".repeat(1000): 1 })).is_ok());
        let error = to_yaml_flow(&json!({ "n".repeat(1001): 1 })).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField);
        assert!(to_yaml_flow(&json!({ "é".repeat(501): 1 })).is_err());
        assert!(to_yaml_flow_ascii(&json!({ "é".repeat(167): 1 })).is_err());
        assert!(to_yaml_flow(&json!({ "n": "v".repeat(5000) })).is_ok());
    }

    fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|n| Value::from(f64::from(n) / 256.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_and_yaml_readers_read_what_was_written(value in json_values()) {
            let text = to_yaml_flow(&value).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
            prop_assert_eq!(&serde_yaml::from_str::<Value>(&text).unwrap(), &value);
            prop_assert!(!text.contains('\n'));
            for opening in ["{{", "{%", "{#"] {
                prop_assert!(!text.contains(opening));
            }
        }

        #[test]
        fn ascii_is_ascii_and_yaml(value in json_values()) {
            let text = to_yaml_flow_ascii(&value).unwrap();
            prop_assert!(text.is_ascii());
            prop_assert_eq!(&serde_yaml::from_str::<Value>(&text).unwrap(), &value);
        }
    }
}
