//! The version that a service is asked for: the one whose answers this program knows, or the newest
//! that an older cloud has.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::service::Service;
use crate::drivers::openstack::http::Answer;

/// A microversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::drivers::openstack) struct Microversion(
    pub(in crate::drivers::openstack) u32,
    pub(in crate::drivers::openstack) u32,
);

/// Zed (2022): servers hold their flavour, volumes may be deleted with their server, and one that boots
/// from a volume may be rescued and rebuilt.
const COMPUTE: Microversion = Microversion(2, 93);
/// Train (2019).
const VOLUME: Microversion = Microversion(3, 59);

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl Microversion {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }

    /// The headers that ask `service` for it; clouds from before 2016 know the second only.
    pub(super) fn headers(self, service: Service) -> Vec<(&'static str, String)> {
        match service {
            Service::Compute => vec![
                ("OpenStack-API-Version", format!("compute {self}")),
                ("X-OpenStack-Nova-API-Version", self.to_string()),
            ],
            Service::Volume => vec![("OpenStack-API-Version", format!("volume {self}"))],
            _ => Vec::new(),
        }
    }
}

/// The versions in use.
#[derive(Debug, Default)]
pub(super) struct Versions {
    lowered: Mutex<HashMap<Service, Microversion>>,
}

impl Versions {
    /// The version to ask `service` for; none where it has no microversions.
    pub(super) fn of(&self, service: Service) -> Option<Microversion> {
        let wanted = match service {
            Service::Compute => COMPUTE,
            Service::Volume => VOLUME,
            _ => return None,
        };
        let lowered = self.lowered.lock().unwrap_or_else(PoisonError::into_inner);
        Some(lowered.get(&service).copied().unwrap_or(wanted))
    }

    /// Takes the maximum that a 406 to `asked` names; whether that leads further.
    pub(super) fn lower(
        &self,
        service: Service,
        asked: Option<Microversion>,
        not_acceptable: &Answer,
    ) -> bool {
        let Some((asked, most)) = asked.zip(maximum(&not_acceptable.text())) else {
            return false;
        };
        if most >= asked {
            return false;
        }
        tracing::info!("{service} has microversions up to {most}, so {asked} is not asked for");
        let mut lowered = self.lowered.lock().unwrap_or_else(PoisonError::into_inner);
        lowered.insert(service, most);
        true
    }
}

/// The maximum in `Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.`
fn maximum(text: &str) -> Option<Microversion> {
    let (_, after) = text.split_once("maximum is ")?;
    let end = after
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(after.len());
    Microversion::parse(after[..end].trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_ACCEPTABLE: &str = r#"{"computeFault": {"code": 406, "message": "Version 2.79 is not supported by the API. Minimum is 2.1 and maximum is 2.60."}}"#;

    #[test]
    fn an_older_cloud_is_asked_for_what_it_has() {
        let versions = Versions::default();
        let asked = versions.of(Service::Compute);
        assert_eq!(asked, Some(COMPUTE));
        let answer = Answer::of(406, NOT_ACCEPTABLE);
        assert!(versions.lower(Service::Compute, asked, &answer));
        let lowered = versions.of(Service::Compute);
        assert_eq!(lowered, Some(Microversion(2, 60)));
        // the same answer again leads nowhere
        assert!(!versions.lower(Service::Compute, lowered, &answer));
        assert_eq!(versions.of(Service::Volume), Some(VOLUME));
    }

    #[test]
    fn another_406_is_an_error() {
        let versions = Versions::default();
        let asked = versions.of(Service::Compute);
        assert!(!versions.lower(Service::Compute, asked, &Answer::of(406, "no")));
        assert!(!versions.lower(Service::Compute, None, &Answer::of(406, NOT_ACCEPTABLE)));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(Microversion::parse("2.9").unwrap() < Microversion::parse("2.79").unwrap());
        assert_eq!(Microversion::parse("2"), None);
    }
}
