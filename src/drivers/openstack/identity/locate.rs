//! Finds Keystone: the URL and version that answer. Nothing secret is sent before that.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::address::Address;
use crate::drivers::openstack::http::{
    self, Answer, Cause, Http, Request, TimeLimit, TransportError,
};
use crate::{Error, Kind, Result};

/// How long plain HTTP has to answer where TLS has failed.
const PLAIN: Duration = Duration::from_secs(3);

/// Which protocol Keystone speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// v3.
    V3,
    /// v2.0, which was removed in 2018.
    V2,
}

/// A Keystone that has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Located {
    /// Its URL with the version, without a slash at its end.
    pub(super) base: Url,
    pub(super) version: Version,
    /// What it calls its version: `v3.14`.
    pub(super) release: String,
}

/// What a URL turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Keystone's root: the ids of its versions.
    Root(Vec<String>),
    /// One version of Keystone, and its id.
    One(String),
    /// Something else: what was answered, and the status.
    Else(&'static str, u16),
    /// Keystone or what stands before it, unable to answer now.
    Unwell(String),
}

/// What was found at a URL.
enum Found {
    Keystone(Located),
    /// The first URL that something else answered, and what.
    Else(Option<(Url, Seen)>),
}

/// Looks for Keystone at `address`.
pub(super) fn locate(http: &Http, address: &Address, limit: &TimeLimit) -> Result<Located> {
    let about = |error: Error| error.with_field(address.field());
    // plain HTTP first: a server that speaks TLS says so at once, where one that does not may wait
    if let Some(plain) = address.plain_here() {
        match locate_at(http, &plain, limit) {
            Ok(Found::Keystone(located)) => return Ok(located),
            Ok(Found::Else(seen)) if !wants_tls(seen.as_ref()) => {
                return Err(about(not_keystone(seen)));
            }
            Err(error) if error.cause == Cause::Refused => {
                return Err(unreachable(http, address, &error, limit));
            }
            Ok(Found::Else(_)) | Err(_) => {}
        }
    }
    match locate_at(http, address.url(), limit) {
        Ok(Found::Keystone(located)) => Ok(located),
        Ok(Found::Else(seen)) => Err(about(not_keystone(seen))),
        Err(error) => Err(unreachable(http, address, &error, limit)),
    }
}

/// Whether what was seen by plain HTTP may be a server that wants TLS: web servers say so with 400.
fn wants_tls(seen: Option<&(Url, Seen)>) -> bool {
    matches!(seen, Some((_, Seen::Else(_, 400))))
}

fn unreachable(
    http: &Http,
    address: &Address,
    transport: &TransportError,
    limit: &TimeLimit,
) -> Error {
    let error = transport
        .to_error(&format!("Keystone ({address})"))
        .with_field(address.field());
    if address.url().scheme() != "https" {
        return error;
    }
    let plain = match transport.cause {
        Cause::NoTls => true,
        // servers that wait for the end of a line which TLS never sends
        Cause::TimedOut | Cause::Broken | Cause::Other => address.plain().is_some_and(|url| {
            http.send(&Request::get(url), &limit.anew(PLAIN))
                .is_ok_and(|answer| answer.status().as_u16() != 400)
        }),
        _ => false,
    };
    if !plain {
        return error;
    }
    let bare = address.to_string();
    let place = bare.strip_prefix("https://").unwrap_or(&bare);
    error
        .with_kind(Kind::ConnectionFailed)
        .with_message(format!(
            "Keystone ({place}) does not speak TLS. If it speaks plain HTTP, and the password may \
             travel unencrypted, write http://{place}"
        ))
}

/// Looks for Keystone at and below `url`.
fn locate_at(http: &Http, url: &Url, limit: &TimeLimit) -> http::Result<Found> {
    let path = url.path().trim_end_matches('/');
    let (root, named) = match path.rsplit_once('/') {
        Some((root, version @ ("v3" | "v2.0"))) => (root, Some(version)),
        _ => (path, None),
    };
    let at = |path: &str| {
        let mut url = url.clone();
        url.set_path(path);
        url
    };
    // a URL that names v3 is looked at first; one that names v2.0 may have a v3 beside it
    let (v3, v2) = (at(&format!("{root}/v3")), at(&format!("{root}/v2.0")));
    let mut tries = vec![at(root), v3.clone(), v2.clone()];
    if named == Some("v3") {
        tries.swap(0, 1);
    }
    let mut first = None;
    for url in tries {
        let answer = http.send(&Request::get(url.clone()), limit)?;
        let (ids, one) = match seen(&answer) {
            Seen::Root(ids) => (ids, false),
            Seen::One(id) => (vec![id], true),
            // some clouds keep the document from whoever is not logged in: the URL says what it is
            Seen::Else(_, 401 | 403) if named == Some("v3") && url == v3 => {
                (vec!["v3".to_owned()], true)
            }
            other => {
                first.get_or_insert((url, other));
                continue;
            }
        };
        let Some((version, release)) = best(&ids) else {
            continue;
        };
        let base = match version {
            _ if one => url,
            Version::V3 => v3,
            Version::V2 => v2,
        };
        return Ok(Found::Keystone(Located {
            base,
            version,
            release,
        }));
    }
    Ok(Found::Else(first))
}

fn not_keystone(first: Option<(Url, Seen)>) -> Error {
    match first {
        Some((url, Seen::Unwell(status))) => Error::new(
            Kind::ConnectionFailed,
            format!("Keystone does not answer at {url}: {status}"),
        )
        .with_retryable(true),
        Some((url, Seen::Else(what, status))) => Error::new(
            Kind::ConnectionFailed,
            format!(
                "{url} is not Keystone: it answers {what} ({status}). Name Keystone's address, \
                 which clouds show as auth_url or OS_AUTH_URL"
            ),
        )
        .with_retryable(false),
        _ => Error::new(
            Kind::Unsupported,
            "this Keystone has neither v3 nor v2.0 of its API",
        ),
    }
}

/// The best of the versions `ids`.
fn best(ids: &[String]) -> Option<(Version, String)> {
    let of = |begin: &str, version| {
        ids.iter()
            .find(|id| id.starts_with(begin))
            .map(|id| (version, id.clone()))
    };
    of("v3", Version::V3).or_else(|| of("v2.0", Version::V2))
}

/// What `answer` says of who gave it.
fn seen(answer: &Answer) -> Seen {
    let status = answer.status();
    let otherwise = || {
        let what = answer.other_than_json().unwrap_or("JSON of another kind");
        Seen::Else(what, status.as_u16())
    };
    if status.is_server_error() || status.as_u16() == 429 {
        return Seen::Unwell(status.to_string());
    }
    // its root is answered with 300, the choice between versions
    if !status.is_success() && status.as_u16() != 300 {
        return otherwise();
    }
    let Some(body) = answer.value() else {
        return otherwise();
    };
    let id = |version: &Value| version["id"].as_str().map(ToOwned::to_owned);
    // the other services have an array there
    if let Some(values) = body["versions"]["values"].as_array() {
        return Seen::Root(values.iter().filter_map(id).collect());
    }
    match id(&body["version"]) {
        Some(id) if of_identity(&body["version"]) => Seen::One(id),
        _ => otherwise(),
    }
}

/// Whether a version is one of Keystone, by its media types where it has any.
fn of_identity(version: &Value) -> bool {
    match version["media-types"].as_array() {
        Some(types) if !types.is_empty() => types.iter().any(|media| {
            media["type"]
                .as_str()
                .is_some_and(|name| name.contains("identity"))
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keystone_is_told_from_other_services() {
        let look = |status, body| seen(&Answer::of(status, body));
        assert_eq!(
            look(
                300,
                r#"{"versions": {"values": [{"id": "v3.14", "status": "stable"}]}}"#
            ),
            Seen::Root(vec!["v3.14".into()])
        );
        assert_eq!(
            look(
                200,
                r#"{"version": {"id": "v3.14", "media-types": [{"type": "application/vnd.openstack.identity-v3+json"}]}}"#
            ),
            Seen::One("v3.14".into())
        );
        for (status, body) in [
            // Nova's root, Nova's version, Glance's root
            (200, r#"{"versions": [{"id": "v2.0"}, {"id": "v2.1"}]}"#),
            (
                200,
                r#"{"version": {"id": "v2.1", "media-types": [{"type": "application/vnd.openstack.compute+json"}]}}"#,
            ),
            (300, r#"{"versions": [{"id": "v2.15"}]}"#),
            (404, "<html></html>"),
            (200, "it works"),
            (200, ""),
        ] {
            assert!(matches!(look(status, body), Seen::Else(..)), "{body}");
        }
        assert!(matches!(look(502, "<html>"), Seen::Unwell(_)));
    }

    #[test]
    fn v3_is_taken_before_v2() {
        let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            best(&ids(&["v2.0", "v3.8"])),
            Some((Version::V3, "v3.8".into()))
        );
        assert_eq!(best(&ids(&["v2.0"])), Some((Version::V2, "v2.0".into())));
        assert_eq!(best(&ids(&["v4.0"])), None);
    }
}
