//! Where in the catalog the services are, and the URLs below them.

use std::collections::HashMap;

use url::Url;

use super::service::Service;
use super::session::Session;
use crate::drivers::openstack::identity::{Catalog, CatalogError, Interface, Token};
use crate::drivers::openstack::settings::{Settings, Whereabouts};
use crate::{Error, Kind, Result};

/// The regions that servers can be in.
pub(super) fn regions(catalog: &Catalog, settings: &Settings) -> Vec<String> {
    let interfaces = interfaces(settings, Service::Compute);
    catalog.regions(Service::Compute.types(), interfaces)
}

/// Which endpoints of `service` are used, the best first.
fn interfaces(settings: &Settings, service: Service) -> &[Interface] {
    let own = of(settings, service).0.interfaces.as_ref();
    own.unwrap_or(&settings.interfaces)
}

/// Where services are.
pub(super) struct Located {
    /// The one that servers are in.
    pub(super) region: String,
    pub(super) endpoints: HashMap<Service, Url>,
    /// The interfaces of services that have none of those that are asked for.
    pub(super) elsewhere: HashMap<Service, String>,
}

/// The region that `settings` mean, and where its services are.
pub(super) fn locate(session: &Session, token: &Token, settings: &Settings) -> Result<Located> {
    let of_servers = interfaces(settings, Service::Compute);
    let catalog = &token.catalog;
    for service in Service::OTHERS {
        check_region(settings, catalog, service)?;
    }
    let (own, _) = of(settings, Service::Compute);
    let asked = own.region.as_deref().or(settings.region.as_deref());
    let region = match catalog.region(Service::Compute.types(), of_servers, asked) {
        // where Nova's place is said, the catalog need not have it
        Err(CatalogError::NoService | CatalogError::NoInterface(_)) if own.url.is_some() => {
            asked.unwrap_or_default().to_owned()
        }
        found => found.map_err(|error| {
            settings.at_its_place(region_error(&error, asked, of_servers, catalog.is_empty()))
        })?,
    };
    let project = token.project.as_ref().map(|project| project.id.as_str());
    let mut endpoints = HashMap::new();
    let mut elsewhere = HashMap::new();
    for service in Service::OTHERS {
        let (said, _) = of(settings, service);
        // whoever says only where servers are does not say it of their volumes
        let own = said.region.as_ref().or(settings.region.as_ref());
        let here = own.unwrap_or(&region);
        let text = match &said.url {
            Some(text) => Some(with_project(text, project)),
            None => catalog
                .find(service.types(), interfaces(settings, service), here)
                .map(ToOwned::to_owned),
        };
        let Some(text) = text else {
            let others = catalog.interfaces(service.types(), here);
            if !others.is_empty() {
                elsewhere.insert(service, others.join(", "));
            }
            continue;
        };
        if let Some(url) = base(service, &text, project) {
            endpoints.insert(service, url);
        } else {
            tracing::warn!("the endpoint of the {service} is no URL: {text:?}");
        }
    }
    endpoints.insert(Service::Identity, session.keystone.base().clone());
    Ok(Located {
        region,
        endpoints,
        elsewhere,
    })
}

fn region_error(
    error: &CatalogError,
    asked: Option<&str>,
    interfaces: &[Interface],
    empty: bool,
) -> Error {
    let interfaces: Vec<_> = interfaces.iter().map(|one| one.as_str()).collect();
    match error {
        CatalogError::UnknownRegion(there) => Error::invalid(
            "/provider/region",
            format!(
                "the cloud has no region {:?}; there are: {}",
                asked.unwrap_or_default(),
                there.join(", ")
            ),
        ),
        CatalogError::SeveralRegions(there) => Error::invalid(
            "/provider/region",
            format!(
                "the cloud has several regions; choose one of: {}",
                there.join(", ")
            ),
        ),
        CatalogError::NoInterface(there) => Error::invalid(
            "/provider/interface",
            format!(
                "the cloud's compute service (Nova) has no {} endpoint; it has: {}",
                interfaces.join(" or "),
                there.join(", ")
            ),
        ),
        CatalogError::NoService if empty => Error::new(
            Kind::PermissionDenied,
            "the cloud's catalog is empty: the login has no project, or Keystone shows it none",
        )
        .with_field("/provider/tenant"),
        CatalogError::NoService => Error::new(
            Kind::Unsupported,
            "the cloud has no compute service (Nova) in its catalog",
        ),
    }
}

/// What `settings` say of where `service` is, one of those of the catalog; and the member that has its region.
fn of(settings: &Settings, service: Service) -> (&Whereabouts, &'static str) {
    let services = &settings.services;
    match service {
        Service::Identity | Service::Compute => (&services.compute, "compute_region_name"),
        Service::Image => (&services.image, "image_region_name"),
        Service::Network => (&services.network, "network_region_name"),
        Service::Volume => (&services.volume, "volume_region_name"),
    }
}

/// That there is a region that is said of `service` alone.
fn check_region(settings: &Settings, catalog: &Catalog, service: Service) -> Result<()> {
    let (said, member) = of(settings, service);
    let Some(region) = said.region.as_ref().filter(|_| said.url.is_none()) else {
        return Ok(());
    };
    let there = catalog.regions(service.types(), &Interface::ALL);
    if there.contains(region) {
        return Ok(());
    }
    let message = format!(
        "the cloud's {service} is in no region {region:?}; it is in: {}",
        there.join(", ")
    );
    let error = Error::invalid(format!("/provider/{member}"), message);
    Err(settings.at_its_place(error))
}

/// A URL in which the project's id may be left open, as `OpenStack`'s programs write it.
fn with_project(text: &str, project: Option<&str>) -> String {
    let mut text = text.to_owned();
    for open in [
        "%(project_id)s",
        "%(tenant_id)s",
        "$(project_id)s",
        "$(tenant_id)s",
    ] {
        text = text.replace(open, project.unwrap_or_default());
    }
    text
}

/// The URL that a service's paths are put behind, from what the catalog says. Some clouds write the
/// version behind it and some do not.
fn base(service: Service, text: &str, project: Option<&str>) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    let versioned = path.split('/').any(is_version);
    let path = match service {
        // their paths bring the version
        Service::Image | Service::Network => match path.rsplit_once('/') {
            Some((before, last)) if is_version(last) => before.to_owned(),
            _ => path,
        },
        Service::Compute if !versioned => format!("{path}/v2.1"),
        Service::Volume => match (versioned, project) {
            (false, Some(project)) => format!("{path}/v3/{project}"),
            // which Cinder wants there until Yoga
            (true, Some(project)) if path.rsplit('/').next().is_some_and(is_version) => {
                format!("{path}/{project}")
            }
            _ => path,
        },
        Service::Compute | Service::Identity => path,
    };
    url.set_path(&path);
    Some(url)
}

/// `v2`, `v2.1`.
fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix('v') else {
        return false;
    };
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The document of the version that `base` leads to, without the project that may stand behind it.
pub(super) fn version_root(base: &Url) -> Option<Url> {
    let mut segments: Vec<&str> = base.path_segments()?.collect();
    let version = segments.iter().rposition(|segment| is_version(segment))?;
    segments.truncate(version + 1);
    let mut root = base.clone();
    root.set_path(&format!("/{}/", segments.join("/")));
    Some(root)
}

/// `path` and its query below `base`.
pub(super) fn below(base: &Url, path: &str) -> Result<Url> {
    let broken = || {
        Error::new(
            Kind::Internal,
            format!("{path:?} is no path below an endpoint"),
        )
    };
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    // a name that got in here must not lead elsewhere
    let dots = |segment: &str| {
        matches!(
            segment.to_ascii_lowercase().as_str(),
            "." | ".." | "%2e" | "%2e%2e" | ".%2e" | "%2e."
        )
    };
    if !path.starts_with('/') || path.split('/').any(dots) {
        return Err(broken());
    }
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    Ok(url)
}

/// Where `url` leads, without the path.
pub(super) fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(service: Service, text: &str) -> String {
        let url = base(service, text, Some("p")).unwrap();
        url.as_str().trim_end_matches('/').to_owned()
    }

    #[test]
    fn versions_stand_where_paths_expect_them() {
        for text in ["http://x:9292", "http://x:9292/", "http://x:9292/v2/"] {
            assert_eq!(at(Service::Image, text), "http://x:9292");
        }
        assert_eq!(at(Service::Image, "http://x/image/v2"), "http://x/image");
        for text in ["http://x:9696", "http://x:9696/v2.0", "http://x:9696/v2.0/"] {
            assert_eq!(at(Service::Network, text), "http://x:9696");
        }
        assert_eq!(
            at(Service::Compute, "http://x:8774/v2.1/"),
            "http://x:8774/v2.1"
        );
        assert_eq!(
            at(Service::Compute, "http://x:8774/v2.1/p"),
            "http://x:8774/v2.1/p"
        );
        assert_eq!(
            at(Service::Compute, "http://x/compute"),
            "http://x/compute/v2.1"
        );
        for text in ["http://x:8776", "http://x:8776/v3", "http://x:8776/v3/p"] {
            assert_eq!(at(Service::Volume, text), "http://x:8776/v3/p");
        }
        assert_eq!(base(Service::Volume, "ftp://x/", None), None);
        assert_eq!(base(Service::Volume, "none", None), None);
    }

    #[test]
    fn the_document_of_a_version_stands_above_the_project() {
        for (base, root) in [
            ("http://x:8774/v2.1", "http://x:8774/v2.1/"),
            ("http://x/compute/v2.1/p", "http://x/compute/v2.1/"),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(version_root(&base).unwrap().as_str(), root);
        }
    }

    #[test]
    fn paths_stay_below_their_endpoint() {
        let base = Url::parse("http://x:8774/v2.1/").unwrap();
        assert_eq!(
            below(&base, "/servers/a?b=c").unwrap().as_str(),
            "http://x:8774/v2.1/servers/a?b=c"
        );
        for path in [
            "servers",
            "/servers/../flavors",
            "/servers/%2E%2e/x",
            "//y/../z",
        ] {
            assert!(below(&base, path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leads_away(path in ".*") {
            let base = Url::parse("https://x:8774/v2.1").unwrap();
            if let Ok(url) = below(&base, &path) {
                prop_assert!(url.as_str().starts_with("https://x:8774/v2.1/"), "{}", url);
            }
        }
    }
}
