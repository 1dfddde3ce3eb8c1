//! A session's own secrets, kept out of what a service says: one that quotes what it was sent would
//! have them shown in errors and logs.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Secret;

/// What stands in a secret's place.
const SHOWN: &str = "[secret]";
/// Shorter ones would take ordinary words out of what is said.
const SHORTEST: usize = 6;
/// How many are remembered: a password, and the tokens that may still be on their way.
const MOST: usize = 16;

/// The secrets of a session.
#[derive(Default)]
pub(super) struct Redaction {
    hidden: Mutex<Vec<Hidden>>,
}

/// A secret, in all the forms that it may be quoted in.
struct Hidden {
    forms: Vec<Zeroizing<String>>,
    is_token: bool,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redaction")
    }
}

impl Redaction {
    fn hidden(&self) -> MutexGuard<'_, Vec<Hidden>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hides what the login is made with.
    pub(super) fn hide_login(&self, secret: &Secret) {
        self.hide(secret, false);
    }

    /// Hides a token.
    pub(super) fn hide_token(&self, secret: &Secret) {
        self.hide(secret, true);
    }

    fn hide(&self, secret: &Secret, is_token: bool) {
        let text = secret.expose();
        if text.len() < SHORTEST {
            return;
        }
        let mut hidden = self.hidden();
        if hidden.iter().any(|one| one.forms[0].as_str() == text) {
            return;
        }
        if hidden.len() >= MOST
            && let Some(oldest) = hidden.iter().position(|one| one.is_token)
        {
            hidden.remove(oldest);
        }
        let forms = forms(text);
        hidden.push(Hidden { forms, is_token });
    }

    /// `text` without any.
    pub(super) fn text(&self, text: &str) -> String {
        without(text, self.hidden().iter())
    }

    /// The body of an error, which is words to be shown, without any.
    pub(super) fn error(&self, body: Vec<u8>) -> Vec<u8> {
        if let Ok(mut value) = serde_json::from_slice(&body) {
            self.clear(&mut value);
            return value.to_string().into_bytes();
        }
        self.text(&String::from_utf8_lossy(&body)).into_bytes()
    }

    /// The body of an answer that is data, without a token. A password may be a word like any other.
    pub(super) fn data(&self, body: Vec<u8>) -> Vec<u8> {
        let hidden = self.hidden();
        let tokens = || hidden.iter().filter(|one| one.is_token);
        match std::str::from_utf8(&body) {
            Ok(text) if tokens().any(|one| one.is_in(text)) => without(text, tokens()).into_bytes(),
            _ => body,
        }
    }

    fn clear(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clear(item)),
            Value::Object(members) => {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, mut value)| {
                        self.clear(&mut value);
                        (self.text(&name), value)
                    })
                    .collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl Hidden {
    fn is_in(&self, text: &str) -> bool {
        self.forms.iter().any(|form| text.contains(form.as_str()))
    }
}

fn without<'a>(text: &str, hidden: impl Iterator<Item = &'a Hidden>) -> String {
    let mut text = text.to_owned();
    for form in hidden.flat_map(|one| &one.forms) {
        if text.contains(form.as_str()) {
            text = text.replace(form.as_str(), SHOWN);
        }
    }
    text
}

/// `secret` as it is, as JSON and URLs have it, and in base64, wherever in what is encoded it stands.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    let mut forms = vec![secret.to_owned(), json.to_owned(), ascii(json)];
    for unreserved in ["-._~", "-._~/", "-._*"] {
        let upper = percent(secret, unreserved, |byte| format!("%{byte:02X}"));
        forms.push(upper.replace("%20", "+"));
        forms.push(upper);
        forms.push(percent(secret, unreserved, |byte| format!("%{byte:02x}")));
    }
    for before in 0..3 {
        let bytes = Zeroizing::new([&[0; 2][..before], secret.as_bytes()].concat());
        // the characters that hold something of what stands beside it
        let (first, last) = ((before * 8).div_ceil(6), usize::from(bytes.len() % 3 != 0));
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(bytes.as_slice());
            forms.push(text[first..text.len() - last].to_owned());
        }
    }
    let mut seen = HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms.into_iter().map(Zeroizing::new).collect()
}

/// `json` as those write it who keep it in ASCII.
fn ascii(json: &str) -> String {
    json.encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect()
}

fn percent(text: &str, unreserved: &str, encoded: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || unreserved.as_bytes().contains(&byte) {
                char::from(byte).to_string()
            } else {
                encoded(byte)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "corréct \"horse\"+/=";

    fn redaction() -> Redaction {
        let redaction = Redaction::default();
        redaction.hide_login(&Secret::new(PASSWORD.into()));
        redaction.hide_token(&Secret::new("gAAAAABtoken".into()));
        redaction
    }

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let redaction = redaction();
        let form: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
        let mut all = vec![
            PASSWORD.to_owned(),
            serde_json::json!({"password": PASSWORD}).to_string(),
            r#"corr\u00e9ct \"horse\"+/="#.to_owned(),
            "corr%c3%a9ct%20%22horse%22%2b/%3d".to_owned(),
            form.replace('+', "%20"),
            form,
        ];
        for before in ["", "u", "us", "demo:"] {
            for after in ["", "x", "xy"] {
                let text = format!("{before}{PASSWORD}{after}");
                all.push(STANDARD_NO_PAD.encode(&text));
                all.push(URL_SAFE_NO_PAD.encode(&text));
            }
        }
        for text in all {
            let shown = redaction.text(&format!("it said: {text}."));
            assert!(shown.contains(SHOWN), "{text}: {shown}");
            assert!(shown.len() < 60, "{shown}");
        }
    }

    #[test]
    fn an_error_is_cleared_however_it_is_escaped() {
        let body =
            r#"{"a\u0067AAAAABtoken": {"message": "no \u0067AAAAABtoken here"}, "code": 401}"#;
        let text = String::from_utf8(redaction().error(body.into())).unwrap();
        assert_eq!(
            text,
            r#"{"a[secret]":{"message":"no [secret] here"},"code":401}"#
        );
        let text = redaction().error(b"<p>gAAAAABtoken</p>\xff".to_vec());
        assert!(text.starts_with(b"<p>[secret]</p>"));
    }

    #[test]
    fn data_keeps_a_word_that_is_somebodys_password() {
        let redaction = Redaction::default();
        redaction.hide_login(&Secret::new("production".into()));
        redaction.hide_token(&Secret::new("gAAAAABtoken".into()));
        let body = br#"{"name": "production", "fault": "gAAAAABtoken"}"#;
        assert_eq!(
            redaction.data(body.to_vec()),
            br#"{"name": "production", "fault": "[secret]"}"#
        );
    }

    #[test]
    fn a_password_is_not_forgotten_for_tokens() {
        let redaction = redaction();
        for number in 0..100 {
            redaction.hide_token(&Secret::new(format!("token-{number}")));
        }
        assert_eq!(
            redaction.text(&format!("{PASSWORD} token-99")),
            "[secret] [secret]"
        );
        assert_eq!(redaction.hidden().len(), MOST);
    }
}
