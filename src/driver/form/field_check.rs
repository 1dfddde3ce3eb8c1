//! Whether a value is one that a field takes.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, Field};
use crate::salt::ConfigKind;

/// What the text of a field must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// A whole number.
    Number,
    /// A port's number.
    Port,
    /// An IP address.
    Ip,
    /// A host's name or IP address.
    Host,
    /// A file's whole path.
    Path,
    /// `true` or `false`.
    Boolean,
}

impl Format {
    /// `text` with the type that it has; what is wrong where it is none such.
    pub fn read(self, text: &str) -> Result<Value, &'static str> {
        let number = || text.parse::<i64>().ok();
        let plain = |ok: bool| ok.then(|| Value::from(text));
        let (value, must_be) = match self {
            Self::Number => (number().map(Value::from), "a whole number"),
            Self::Port => {
                let port = number().filter(|port| (1..=65535).contains(port));
                (port.map(Value::from), "a port, 1 to 65535")
            }
            Self::Ip => (plain(text.parse::<IpAddr>().is_ok()), "an IP address"),
            Self::Host => (plain(is_host(text)), "a host's name or IP address"),
            Self::Path => (
                plain(text.starts_with('/') && !text.contains(char::is_control)),
                "a whole path, beginning with /",
            ),
            Self::Boolean => (text.parse().ok().map(Value::Bool), "true or false"),
        };
        value.ok_or(must_be)
    }
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.chars().all(inner)
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(label))
}

impl Field {
    /// Checks what was entered, or that nothing was; what is wrong, as a sentence.
    pub fn check(&self, entered: Option<&str>) -> Result<(), String> {
        let name = &self.name;
        let Some(entered) = entered.filter(|text| !text.trim().is_empty()) else {
            return if self.blank || self.default.is_some() {
                Ok(())
            } else {
                Err(format!("{name} must be filled in."))
            };
        };
        if self.id == "provider_name" {
            let checked = ConfigKind::Providers.check_name(entered);
            return checked.map_err(|error| format!("{name}: {error}."));
        }
        let text = entered.trim();
        if !self.open
            && !self.option_choices.is_empty()
            && !self.option_choices.iter().any(|one| one.is_meant(text))
        {
            let known: Vec<_> = self.option_choices.iter().map(Choice::value).collect();
            return Err(format!("{name} must be one of: {}.", known.join(", ")));
        }
        match self.format.map(|format| format.read(text)) {
            Some(Err(must_be)) => Err(format!("{name} must be {must_be}.")),
            _ => Ok(()),
        }
    }

    /// What was entered, else the default, with the type that it has; `None` where there is neither.
    #[must_use]
    pub fn value(&self, entered: Option<&str>) -> Option<Value> {
        let entered = entered.filter(|text| !text.trim().is_empty());
        let text = entered.or(self.default.as_deref())?;
        let typed = self.format.and_then(|format| format.read(text.trim()).ok());
        Some(typed.unwrap_or_else(|| Value::from(text)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::driver::FieldType;

    fn field(format: Option<Format>) -> Field {
        Field {
            format,
            ..Field::new("x", "X", FieldType::Str, false)
        }
    }

    #[test]
    fn a_text_of_a_format_is_taken_with_its_type() {
        for (format, right, wrong) in [
            (Format::Number, json!(-3), "3x"),
            (Format::Port, json!(22), "70000"),
            (Format::Ip, json!("2001:db8::1"), "10.0.0"),
            (Format::Host, json!("web-1.example.org"), "a b"),
            (Format::Path, json!("/etc/key"), "key"),
            (Format::Boolean, json!(true), "yes"),
        ] {
            let field = field(Some(format));
            let text = right
                .as_str()
                .map_or_else(|| right.to_string(), ToOwned::to_owned);
            assert_eq!(field.check(Some(&text)), Ok(()), "{format:?}");
            assert_eq!(field.value(Some(&text)), Some(right));
            let message = field.check(Some(wrong)).unwrap_err();
            assert!(message.starts_with("X must be "), "{message}");
        }
    }

    #[test]
    fn nothing_entered_is_the_default_or_refused() {
        let plain = field(None);
        assert_eq!(plain.check(None), Err("X must be filled in.".to_owned()));
        assert_eq!(plain.value(Some(" ")), None);
        let filled = Field {
            default: Some("22".to_owned()),
            ..field(Some(Format::Port))
        };
        assert_eq!(filled.check(Some("")), Ok(()));
        assert_eq!(filled.value(None), Some(json!(22)));
    }
}
