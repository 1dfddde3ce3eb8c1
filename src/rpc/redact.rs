//! A last guard: the secrets that a request holds are in no error that answers it.
//!
//! Nobody puts them there on purpose; but a lower layer may quote what it was given.

use serde_json::{Map, Value};

use crate::{Error, LeftBehind};

/// The members that hold secrets, wherever they stand.
const NAMES: [&str; 7] = [
    "application_credential_secret",
    "password",
    "priv_key",
    "private",
    "private_key",
    "secret",
    "token",
];
/// What stands in a secret's place.
const SHOWN: &str = "[secret]";
/// Shorter ones would take ordinary words out of the message.
const SHORTEST: usize = 6;

/// The secrets of a request.
pub(super) struct Secrets(Vec<zeroize::Zeroizing<String>>);

impl Secrets {
    /// Those in `params`.
    pub(super) fn of(params: &Map<String, Value>) -> Self {
        let mut found = Vec::new();
        collect(params, &mut found);
        Self(found)
    }

    /// `error` without them.
    pub(super) fn redact(&self, error: Error) -> Error {
        let hides = |text: &str| self.0.iter().any(|secret| text.contains(secret.as_str()));
        let shown = |text: &str| {
            self.0.iter().fold(text.to_owned(), |text, secret| {
                text.replace(secret.as_str(), SHOWN)
            })
        };
        let left = error.left_behind().iter();
        let clean = !hides(error.message())
            && !error.sources().iter().any(|text| hides(text))
            && !left
                .clone()
                .any(|left| hides(&left.name) || hides(&left.reason));
        if clean {
            return error;
        }
        let left = left.map(|left| LeftBehind {
            resource: left.resource.clone(),
            name: shown(&left.name),
            reason: shown(&left.reason),
        });
        let mut redacted = Error::new(error.kind(), shown(error.message()))
            .with_retryable(error.is_retryable())
            .with_left_behind(left.collect());
        // A pointer is made of members' names, not of values.
        if let Some(field) = error.field() {
            redacted = redacted.with_field(field);
        }
        for source in error.sources() {
            redacted = redacted.with_source(shown(source));
        }
        redacted
    }
}

fn collect(members: &Map<String, Value>, found: &mut Vec<zeroize::Zeroizing<String>>) {
    for (name, value) in members {
        match value {
            Value::String(text) if NAMES.contains(&name.as_str()) && text.len() >= SHORTEST => {
                found.push(text.clone().into());
            }
            Value::Object(below) => collect(below, found),
            Value::Array(items) => {
                for item in items.iter().filter_map(Value::as_object) {
                    collect(item, found);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use serde_json::json;

    fn secrets() -> Secrets {
        let params = json!({
            "provider": {"password": "hunter2", "username": "admin"},
            "server": {"minion": {"keys": {"private": "PEM of hunter3"}}, "disks": [{"token": "hunter4"}]},
        });
        Secrets::of(params.as_object().unwrap())
    }

    #[test]
    fn every_text_of_an_error_is_cleared() {
        let error = Error::new(Kind::AuthFailed, "no login with hunter2")
            .with_field("/a")
            .with_source("said: PEM of hunter3")
            .with_left_behind(vec![LeftBehind {
                resource: "volume".into(),
                name: "hunter4".into(),
                reason: "hunter2".into(),
            }]);
        let redacted = secrets().redact(error);
        assert!(!format!("{redacted:?}").contains("hunter"));
        assert_eq!(redacted.message(), "no login with [secret]");
        assert_eq!(redacted.kind(), Kind::AuthFailed);
        assert_eq!(redacted.field(), Some("/a"));
    }

    #[test]
    fn every_name_of_a_private_key_is_known() {
        let key = crate::driver::members::member("minion/keys/private").unwrap();
        assert!(key.names().all(|name| NAMES.contains(&name)), "{key:?}");
    }

    #[test]
    fn what_holds_none_stays_as_it_is() {
        let error = Error::new(Kind::Timeout, "no answer for admin").with_source("b");
        assert_eq!(secrets().redact(error.clone()), error);
    }
}
