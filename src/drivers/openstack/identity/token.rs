//! A token, and when it is to be renewed.

use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use super::catalog::Catalog;
use super::login::Scope;
use crate::Secret;

/// How long before its end a token is renewed, so that it does not end on its way to a service.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a token is taken to live whose end cannot be read. A 401 renews it before that.
const UNKNOWN: Duration = Duration::from_secs(300);
/// An end further off is nothing that any clock counts.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

/// Something with a name and an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub(in crate::drivers::openstack) struct Named {
    #[serde(default)]
    pub(in crate::drivers::openstack) id: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) name: String,
}

/// A token and what came with it.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct Token {
    pub(in crate::drivers::openstack) secret: Secret,
    pub(in crate::drivers::openstack) user: Named,
    /// None where its scope is another, or where it has none.
    pub(in crate::drivers::openstack) project: Option<Named>,
    /// The domain that is its scope.
    pub(in crate::drivers::openstack) domain: Option<Named>,
    /// Whether its scope is the whole cloud.
    pub(in crate::drivers::openstack) system: bool,
    pub(in crate::drivers::openstack) catalog: Catalog,
    pub(in crate::drivers::openstack) renewal: Instant,
}

impl Token {
    /// `secret` that is used as it is, for the project that is named beside it.
    pub(super) fn given(secret: Option<Secret>, scope: &Scope) -> Self {
        let named = |id: &str| Named {
            id: id.to_owned(),
            name: id.to_owned(),
        };
        Self {
            secret: secret.unwrap_or_default(),
            user: named("nobody"),
            project: match scope {
                Scope::ProjectId(id) => Some(named(id)),
                _ => None,
            },
            domain: None,
            system: false,
            catalog: Catalog::default(),
            renewal: Instant::now() + LONGEST,
        }
    }

    /// Whose it is and what it is good for: `demo, project web`.
    pub(in crate::drivers::openstack) fn account(&self) -> String {
        let user = &self.user.name;
        match (&self.project, &self.domain) {
            (Some(project), _) => format!("{user}, project {}", project.name),
            (None, Some(domain)) => format!("{user}, domain {}", domain.name),
            (None, None) if self.system => format!("{user}, the whole system"),
            (None, None) => user.clone(),
        }
    }

    /// Whether it is to be renewed.
    pub(in crate::drivers::openstack) fn ends(&self) -> bool {
        Instant::now() >= self.renewal
    }
}

/// When a token is to be renewed that was asked for at `asked`. Only the difference of Keystone's
/// times counts, because its clock may not be ours.
pub(super) fn renewal(
    asked: Instant,
    issued_at: Option<&str>,
    expires_at: Option<&str>,
) -> Instant {
    let issued = issued_at
        .and_then(parse)
        .unwrap_or_else(OffsetDateTime::now_utc);
    let life = expires_at
        .and_then(parse)
        .and_then(|end| Duration::try_from(end - issued).ok())
        .unwrap_or(UNKNOWN)
        .min(LONGEST);
    asked + life.saturating_sub(MARGIN.min(life / 4))
}

/// A time as Keystone writes it. v2.0 leaves the zone out where it means UTC.
fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Iso8601::DEFAULT))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(issued: &str, expires: &str) -> Duration {
        let asked = Instant::now();
        renewal(asked, Some(issued), Some(expires)) - asked
    }

    #[test]
    fn a_token_is_renewed_before_its_end() {
        assert_eq!(
            after("2026-11-22T07:45:37.000000Z", "2026-11-22T08:45:37.000000Z"),
            Duration::from_secs(3540)
        );
        let never = after("2026-11-22T07:45:37Z", "9999-12-31T23:59:59Z");
        assert_eq!(never, LONGEST.saturating_sub(MARGIN));
        // one that lives shorter than the margin lives on for most of its life
        assert_eq!(
            after("2026-11-22T07:45:37.000000Z", "2026-11-22T07:45:45.000000Z"),
            Duration::from_secs(6)
        );
        // v2.0
        assert_eq!(
            after("2014-01-31T15:30:58.819584", "2014-01-31T16:30:58.819584Z"),
            Duration::from_secs(3540)
        );
    }

    #[test]
    fn times_that_make_no_sense_do_no_harm() {
        assert_eq!(after("a", "b"), Duration::from_secs(240));
        assert_eq!(
            after("2026-11-22T07:45:37Z", "2025-11-22T07:45:37Z"),
            Duration::from_secs(240)
        );
        assert!(after("2026-11-22T07:45:37Z", "9999-11-22T07:45:37Z").as_secs() < 700_000);
    }
}
