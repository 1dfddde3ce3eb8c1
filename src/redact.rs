//! A last guard: the secrets that a request holds are in no error that answers it, and in no line of
//! the log that another program has written.
//!
//! Nobody puts them there on purpose; but a lower layer may quote what it was given.

use serde_json::{Map, Value};

use crate::error::CUT;
use crate::{Error, LeftBehind};

/// The members that hold secrets, wherever they stand; and those that have one of `PARTS` in their name.
const NAMES: [&str; 3] = ["priv_key", "private", "private_key"];
const PARTS: [&str; 5] = ["password", "passphrase", "passcode", "secret", "token"];
/// What stands in a secret's place.
const SHOWN: &str = "[secret]";
/// Shorter ones would take ordinary words out of the message.
const SHORTEST: usize = 6;

/// The secrets of a request.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<zeroize::Zeroizing<String>>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(SHOWN)
    }
}

impl Secrets {
    /// Those in `params`.
    pub(crate) fn of(params: &Map<String, Value>) -> Self {
        let mut found = Vec::new();
        collect(params, &mut found);
        Self(found)
    }

    /// With one more.
    pub(crate) fn add(&mut self, text: &str) {
        add(text, &mut self.0);
    }

    /// `text` without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) {
                text.replace(secret.as_str(), SHOWN)
            } else {
                text
            }
        });
        match text.strip_suffix(CUT) {
            Some(kept) => format!("{}{CUT}", &kept[..self.begun(kept)]),
            None => text,
        }
    }

    /// Where, at the end of `text`, a secret begins that was cut off there.
    fn begun(&self, text: &str) -> usize {
        let begins = |secret: &zeroize::Zeroizing<String>| {
            let mut ends = text.len().saturating_sub(secret.len())..text.len();
            ends.find(|at| text.get(*at..).is_some_and(|end| secret.starts_with(end)))
        };
        self.0.iter().filter_map(begins).min().unwrap_or(text.len())
    }

    /// `error` without them.
    pub(crate) fn redact(&self, error: Error) -> Error {
        let hides = |text: &str| {
            text.ends_with(CUT) || self.0.iter().any(|secret| text.contains(secret.as_str()))
        };
        let shown = |text: &str| self.hide(text);
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
            Value::String(text) if is_secret(name) => add(text, found),
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

fn add(text: &str, found: &mut Vec<zeroize::Zeroizing<String>>) {
    if text.len() < SHORTEST {
        return;
    }
    found.push(text.to_owned().into());
    // a log has the lines of a private key one by one
    if text.contains('\n') {
        let telling = |line: &&str| line.len() >= SHORTEST && !line.starts_with("---");
        found.extend(
            text.lines()
                .filter(telling)
                .map(|line| line.to_owned().into()),
        );
    }
}

/// Whether the member `name` holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    // a template's variable is called like the member that it holds, in capitals
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use serde_json::json;

    fn secrets() -> Secrets {
        let params = json!({
            "provider": {"password": "hunter2", "username": "admin"},
            "server": {"minion": {"keys": {"private": "PEM of hunter3"}}, "disks": [{"VAR_TOKEN": "hunter4"}]},
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
    fn of_a_secret_that_was_cut_off_nothing_is_left() {
        for kept in ["hunter2", "hunter", "hun", "PEM of"] {
            let error = Error::new(Kind::Internal, format!("it said: {kept}{CUT}"));
            assert_eq!(
                secrets().redact(error).message(),
                format!(
                    "it said: {}{CUT}",
                    if kept == "hunter2" { SHOWN } else { "" }
                )
            );
        }
    }

    #[test]
    fn many_secrets_and_a_long_text_take_no_time() {
        let many: Vec<_> = (0..10_000)
            .map(|n| json!({"password": format!("hunter{n:06}")}))
            .collect();
        let secrets = Secrets::of(json!({"all": many}).as_object().unwrap());
        let started = std::time::Instant::now();
        let error = Error::new(
            Kind::Internal,
            format!("hunter000007{}", "x".repeat(4_000_000)),
        );
        assert!(secrets.redact(error).message().starts_with(SHOWN));
        assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    }

    #[test]
    fn every_name_of_a_private_key_is_known() {
        let key = crate::driver::members::member("minion/keys/private").unwrap();
        assert!(key.names().all(is_secret), "{key:?}");
    }

    #[test]
    fn what_holds_none_stays_as_it_is() {
        let error = Error::new(Kind::Timeout, "no answer for admin").with_source("b");
        assert_eq!(secrets().redact(error.clone()), error);
    }
}
