//! Finds Keystone: the URL and version that answer. Nothing secret is sent before that.

use serde_json::Value;
use url::Url;

use super::address::Address;
use crate::drivers::openstack::http::{Answer, Cause, Fault, Http, Request, TimeLimit, Tried};
use crate::{Error, Kind, Result};

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
    /// Something else: what was answered.
    Else(String),
    /// Keystone or what stands before it, unable to answer now.
    Unwell(String),
}

/// Looks for Keystone at `address`.
pub(super) fn locate(http: &Http, address: &Address, limit: &TimeLimit) -> Result<Located> {
    let candidates = address.candidates();
    let last = candidates.len() - 1;
    for (index, url) in candidates.iter().enumerate() {
        match locate_at(http, url, limit) {
            Ok(found) => return found.map_err(|error| error.with_field(address.field())),
            Err(fault) if index < last && maybe_plain(fault.cause) => {
                tracing::debug!("{url} speaks no TLS: plain HTTP is tried on this machine");
            }
            Err(fault) => return Err(unreachable(address, &fault)),
        }
    }
    Err(Error::new(Kind::Internal, "no URL of Keystone to try"))
}

/// Whether `cause` is what a server that speaks plain HTTP does to TLS.
fn maybe_plain(cause: Cause) -> bool {
    matches!(cause, Cause::NoTls | Cause::Broken | Cause::Other)
}

fn unreachable(address: &Address, fault: &Fault) -> Error {
    let error = fault
        .error(&format!("Keystone ({address})"))
        .with_field(address.field());
    if fault.cause == Cause::NoTls && address.bare() {
        let message = format!(
            "Keystone ({address}) does not speak TLS. If it speaks plain HTTP, and the password may \
             travel unencrypted, write http://{address}"
        );
        return error.with_message(message);
    }
    error
}

/// Looks for Keystone at and below `url`.
fn locate_at(http: &Http, url: &Url, limit: &TimeLimit) -> Tried<Result<Located>> {
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
    let look = |url: &Url| -> Tried<Seen> {
        let answer = http.send(&Request::get(url.clone()), limit)?;
        Ok(seen(&answer))
    };
    // a URL that names v3 is looked at first; one that names v2.0 may have a v3 beside it
    let (v3, v2) = (at(&format!("{root}/v3")), at(&format!("{root}/v2.0")));
    let mut tries = vec![at(root), v3.clone(), v2.clone()];
    if named == Some("v3") {
        tries.swap(0, 1);
    }
    let mut first = None;
    for url in tries {
        let (version, release) = match look(&url)? {
            Seen::Root(ids) => match best(&ids) {
                Some(found) => found,
                None => continue,
            },
            Seen::One(id) => match best(&[id]) {
                Some(found) => {
                    let (version, release) = found;
                    return Ok(Ok(Located {
                        base: url,
                        version,
                        release,
                    }));
                }
                None => continue,
            },
            other => {
                first.get_or_insert((url, other));
                continue;
            }
        };
        let base = match version {
            Version::V3 => v3,
            Version::V2 => v2,
        };
        return Ok(Ok(Located {
            base,
            version,
            release,
        }));
    }
    Ok(Err(not_keystone(first)))
}

fn not_keystone(first: Option<(Url, Seen)>) -> Error {
    match first {
        Some((url, Seen::Unwell(status))) => Error::new(
            Kind::ConnectionFailed,
            format!("Keystone does not answer at {url}: {status}"),
        )
        .with_retryable(true),
        Some((url, Seen::Else(what))) => Error::new(
            Kind::ConnectionFailed,
            format!(
                "{url} is not Keystone: it answers {what}. Name Keystone's address, which clouds \
                 show as auth_url or OS_AUTH_URL"
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
        Seen::Else(format!("{what} ({status})"))
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
            assert!(matches!(look(status, body), Seen::Else(_)), "{body}");
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
