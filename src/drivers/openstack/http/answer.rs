//! What came back.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Kind, Result};

/// The answer to a request. Its body may hold secrets and is not shown.
pub(in crate::drivers::openstack) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The request, as people read it.
    pub(super) asked: String,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.asked, self.status)
    }
}

impl Answer {
    /// Its status.
    pub(in crate::drivers::openstack) fn status(&self) -> StatusCode {
        self.status
    }

    /// The request, as people read it: `GET http://…`.
    pub(in crate::drivers::openstack) fn asked(&self) -> &str {
        &self.asked
    }

    /// The header `name`, where it is text.
    pub(in crate::drivers::openstack) fn header(&self, name: &str) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    pub(in crate::drivers::openstack) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, where it is any.
    pub(in crate::drivers::openstack) fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as a `T`.
    pub(in crate::drivers::openstack) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let read = &mut serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(read).map_err(|error| {
            let place = error.path().to_string();
            self.other(&place, error.inner().line(), error.inner().column())
        })
    }

    /// The error that its body is something else than was wanted, as is seen at `place`. Not by serde's
    /// words: they quote values, which may be secrets.
    pub(super) fn other(&self, place: &str, line: usize, column: usize) -> Error {
        let message = match self.other_than_json() {
            Some(what) => format!("{} is answered with {what} instead of JSON", self.asked),
            None => format!("{} is answered with JSON that does not fit", self.asked),
        };
        let place = format!("at {place}, line {line} column {column}");
        Error::new(Kind::Internal, message).with_source(place)
    }

    /// What the body is, where it is not JSON: `HTML`, `nothing` …
    pub(in crate::drivers::openstack) fn other_than_json(&self) -> Option<&'static str> {
        let start = self.body.trim_ascii_start();
        let html = |word: &[u8]| {
            start
                .get(..word.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        };
        if start.is_empty() {
            Some("nothing")
        } else if html(b"<!doctype html") || html(b"<html") {
            Some("HTML")
        } else if start.starts_with(b"<") {
            Some("XML")
        } else if start.starts_with(b"{") || self.value().is_some() {
            // of an object its begin tells, which is all that is kept of a page
            None
        } else {
            Some("something else")
        }
    }
}

#[cfg(test)]
impl Answer {
    /// An answer of `status` with `body`.
    pub(in crate::drivers::openstack) fn of(status: u16, body: &str) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            asked: "GET http://127.0.0.1/x".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_named() {
        for (body, what) in [
            (" <HTML><body>", Some("HTML")),
            ("<!DOCTYPE html>", Some("HTML")),
            ("<?xml version='1.0'?>", Some("XML")),
            ("", Some("nothing")),
            ("it works", Some("something else")),
            ("{\"a\": 1}", None),
            ("{\"a\": [1,", None),
            ("[1]", None),
            ("null", None),
        ] {
            assert_eq!(Answer::of(200, body).other_than_json(), what, "{body}");
        }
        let error = Answer::of(200, "<html>").json::<Value>().unwrap_err();
        assert!(error.message().contains("HTML instead of JSON"));
    }

    #[test]
    fn an_error_about_json_names_the_place_and_no_value() {
        #[derive(Debug, serde::Deserialize)]
        struct Server {
            #[expect(dead_code)]
            id: u8,
        }
        let answer = Answer::of(200, r#"{"id": "hunter2"}"#);
        let error = answer.json::<Server>().unwrap_err();
        assert!(error.sources()[0].starts_with("at id"), "{error:?}");
        assert!(!format!("{error:?}{answer:?}").contains("hunter2"));
    }
}
