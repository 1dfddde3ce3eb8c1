//! What the services' errors mean to a caller.
//!
//! Each service writes its errors in a form of its own, and Glance some in HTML; the status says most
//! of what they mean, and where it does not (a quota has four), the words decide.

use serde_json::Value;

use super::http::Answer;
use crate::{Error, Kind};

/// Of what a service says, as much as is shown.
const LONGEST: usize = 600;

/// The error that `answer` is; `service` is who gave it.
pub(super) fn of(service: &str, answer: &Answer) -> Error {
    let said = said(answer);
    let status = answer.status();
    let kind = kind(status.as_u16(), &said);
    let message = match (kind, said.text.as_str()) {
        (_, "") => format!("{service} refuses: {status}"),
        (Kind::NotFound, text) => format!("{service}: {text}"),
        (Kind::ConnectionFailed, text) => {
            format!("{service} cannot answer now ({status}): {text}")
        }
        (Kind::Internal, text) => format!("{service} failed ({status}): {text}"),
        (_, text) => format!("{service} refuses: {text}"),
    };
    Error::new(kind, message).with_source(quoted(answer))
}

/// The request, the status and the service's own words: what lies under an error.
pub(super) fn quoted(answer: &Answer) -> String {
    let said = said(answer);
    let mut text = format!("{}: {}", answer.asked(), answer.status());
    for part in [&said.word, &said.text] {
        if !part.is_empty() {
            text.push_str(": ");
            text.push_str(part);
        }
    }
    text
}

/// What a service said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// Its word for it: `itemNotFound`, `OverQuota`.
    word: String,
    /// Its sentence.
    text: String,
}

fn said(answer: &Answer) -> Said {
    let said = match answer.value() {
        Some(body) => in_json(&body),
        None if answer.other_than_json() == Some("HTML") => {
            let text = one_line(&in_html(&answer.text()));
            // the heading, which is the status
            let status = answer.status().to_string();
            let text = text.strip_prefix(&status).unwrap_or(&text).to_owned();
            Said {
                word: String::new(),
                text,
            }
        }
        // plain text is what small proxies write
        None => Said {
            word: String::new(),
            text: answer.text(),
        },
    };
    Said {
        word: one_line(&said.word),
        text: one_line(&said.text),
    }
}

/// On one line, without control characters, and not without end.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

/// `{"itemNotFound": {"message": …}}`, `{"NeutronError": {"type", "message"}}`, `{"errors": […]}`.
fn in_json(body: &Value) -> Said {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Some(members) = body.as_object() else {
        return Said::default();
    };
    if let Some(first) = body["errors"].get(0) {
        return Said {
            word: text(&first["title"]),
            text: text(&first["detail"]),
        };
    }
    for (name, value) in members {
        if let Some(message) = value["message"].as_str() {
            let word = [&value["type"], &value["title"]]
                .into_iter()
                .find_map(Value::as_str)
                .unwrap_or(name);
            return Said {
                word: word.to_owned(),
                text: message.to_owned(),
            };
        }
        if matches!(name.as_str(), "message" | "NeutronError" | "faultstring") && value.is_string()
        {
            return Said {
                word: String::new(),
                text: text(value),
            };
        }
    }
    Said::default()
}

/// The text of a page's body. Glance escapes the tags in it, so they are taken out twice.
fn in_html(page: &str) -> String {
    // of the same length as `page`, so that places in one are places in the other
    let lower = page.to_ascii_lowercase();
    let body = lower.find("<body").map_or(page, |at| &page[at..]);
    let text = without_tags(body)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    without_tags(&text)
}

fn without_tags(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => {
                inside = true;
                plain.push(' ');
            }
            '>' if inside => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

fn kind(status: u16, said: &Said) -> Kind {
    let words = format!("{} {}", said.word, said.text).to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    // a quota is a 403 to Nova, a 409 to Neutron, a 413 to Cinder and to older ones
    if matches!(status, 400 | 403 | 409 | 413) && says(FULL) {
        return Kind::QuotaExceeded;
    }
    match status {
        400 | 422 => Kind::InvalidField,
        401 => Kind::AuthFailed,
        403 => Kind::PermissionDenied,
        404 | 410 => Kind::NotFound,
        405 | 406 | 415 | 501 => Kind::Unsupported,
        408 | 429 | 502 | 503 => Kind::ConnectionFailed,
        409 if says(TAKEN) => Kind::AlreadyExists,
        409 | 412 | 423 => Kind::Conflict,
        413 => Kind::QuotaExceeded,
        504 => Kind::Timeout,
        _ => Kind::Internal,
    }
}

/// What says that there is no room.
const FULL: &[&str] = &[
    "quota",
    "overlimit",
    "no more ip addresses",
    "ipaddressgenerationfailure",
    "addressexhausted",
    "exceeds allowed size",
];

/// What says that a name is taken.
const TAKEN: &[&str] = &["already exists", "alreadyexists"];

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        of("Nova", &Answer::of(status, body))
    }

    #[test]
    fn each_service_is_understood() {
        for (status, body, kind, text) in [
            (
                404,
                r#"{"itemNotFound": {"code": 404, "message": "Instance nope could not be found."}}"#,
                Kind::NotFound,
                "Instance nope could not be found.",
            ),
            (
                404,
                "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID 0&lt;br /&gt;&lt;br /&gt;\n\n </body>\n</html>",
                Kind::NotFound,
                "Nova: No image found with ID 0",
            ),
            (
                403,
                r#"{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 8, but already used 20 of 20 cores"}}"#,
                Kind::QuotaExceeded,
                "Quota exceeded for cores",
            ),
            (
                403,
                r#"{"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed."}}"#,
                Kind::PermissionDenied,
                "Policy doesn't allow",
            ),
            (
                409,
                r#"{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}}"#,
                Kind::QuotaExceeded,
                "Quota exceeded for resources",
            ),
            (
                409,
                r#"{"NeutronError": {"type": "IpAddressGenerationFailure", "message": "No more IP addresses available on network x.", "detail": ""}}"#,
                Kind::QuotaExceeded,
                "No more IP addresses",
            ),
            (
                413,
                r#"{"overLimit": {"code": 413, "message": "VolumeSizeExceedsAvailableQuota: too much", "retryAfter": "0"}}"#,
                Kind::QuotaExceeded,
                "VolumeSizeExceeds",
            ),
            (
                409,
                r#"{"conflictingRequest": {"code": 409, "message": "Cannot 'start' instance x while it is in vm_state active"}}"#,
                Kind::Conflict,
                "Cannot 'start'",
            ),
            (
                400,
                r#"{"badRequest": {"code": 400, "message": "Invalid input"}}"#,
                Kind::InvalidField,
                "Invalid input",
            ),
            (
                500,
                r#"{"computeFault": {"code": 500, "message": "Unexpected API Error."}}"#,
                Kind::Internal,
                "Unexpected API Error.",
            ),
            (503, "busy", Kind::ConnectionFailed, "busy"),
            (
                503,
                r#"{"errors": [{"title": "Service Unavailable", "detail": "no host"}]}"#,
                Kind::ConnectionFailed,
                "no host",
            ),
            (500, "", Kind::Internal, "500"),
        ] {
            let error = error(status, body);
            assert_eq!(error.kind(), kind, "{body}");
            assert!(error.message().contains(text), "{error}");
            assert!(
                error.sources()[0].starts_with("GET http://127.0.0.1/x"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn what_is_said_is_one_line_and_not_without_end() {
        let body = format!(
            r#"{{"badRequest": {{"message": "a\n\u001b[31m{}"}}}}"#,
            "x".repeat(9000)
        );
        let error = error(400, &body);
        assert!(error.message().len() < 800);
        assert!(!error.message().contains(char::is_control));
    }
}
