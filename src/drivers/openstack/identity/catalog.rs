//! Which services a cloud has, and where.

use serde::Deserialize;

/// For whom an endpoint is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum Interface {
    /// Everybody.
    #[default]
    Public,
    /// Those inside the cloud's network.
    Internal,
    /// Its administrators.
    Admin,
}

impl Interface {
    /// All there are.
    pub(in crate::drivers::openstack) const ALL: [Self; 3] =
        [Self::Public, Self::Internal, Self::Admin];

    /// Reads `text`, with or without the `URL` that older catalogs have behind it.
    pub(in crate::drivers::openstack) fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix("URL").unwrap_or(text) {
            "public" => Some(Self::Public),
            "internal" => Some(Self::Internal),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// Its name in catalogs.
    pub(in crate::drivers::openstack) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

/// Where a service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) service_type: String,
    pub(super) interface: Interface,
    pub(super) region: String,
    pub(super) url: String,
}

/// Every endpoint of a cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::drivers::openstack) struct Catalog(Vec<Endpoint>);

/// Why a service is not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers::openstack) enum CatalogError {
    /// No region was named, and these have the service.
    SeveralRegions(Vec<String>),
    /// The region has no such service; these have.
    UnknownRegion(Vec<String>),
    /// No region has it at this interface; it is at others.
    NoInterface(Vec<&'static str>),
    /// No region has it.
    NoService,
}

/// The catalog as v3 writes it.
#[derive(Debug, Deserialize)]
pub(super) struct EntryV3 {
    #[serde(rename = "type", default)]
    service_type: String,
    #[serde(default)]
    endpoints: Vec<EndpointV3>,
}

#[derive(Debug, Deserialize)]
struct EndpointV3 {
    #[serde(default)]
    interface: String,
    #[serde(default)]
    region_id: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

/// The catalog as v2.0 writes it.
#[derive(Debug, Deserialize)]
pub(super) struct EntryV2 {
    #[serde(rename = "type", default)]
    service_type: String,
    #[serde(default)]
    endpoints: Vec<EndpointV2>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndpointV2 {
    #[serde(default)]
    region: Option<String>,
    #[serde(rename = "publicURL")]
    public: Option<String>,
    #[serde(rename = "internalURL")]
    internal: Option<String>,
    #[serde(rename = "adminURL")]
    admin: Option<String>,
}

impl Catalog {
    /// Reads what v3 writes.
    pub(super) fn from_v3(entries: Vec<EntryV3>) -> Self {
        let mut found = Vec::new();
        for entry in entries {
            for endpoint in entry.endpoints {
                // another interface than the three there are is for nobody
                if let (Some(interface), Some(url)) =
                    (Interface::parse(&endpoint.interface), endpoint.url)
                {
                    found.push(Endpoint {
                        service_type: entry.service_type.clone(),
                        interface,
                        region: endpoint.region_id.or(endpoint.region).unwrap_or_default(),
                        url,
                    });
                }
            }
        }
        Self(found)
    }

    /// Reads what v2.0 writes.
    pub(super) fn from_v2(entries: Vec<EntryV2>) -> Self {
        let mut found = Vec::new();
        for entry in entries {
            for endpoint in entry.endpoints {
                for (interface, url) in [
                    (Interface::Public, endpoint.public),
                    (Interface::Internal, endpoint.internal),
                    (Interface::Admin, endpoint.admin),
                ] {
                    let Some(url) = url else { continue };
                    found.push(Endpoint {
                        service_type: entry.service_type.clone(),
                        interface,
                        region: endpoint.region.clone().unwrap_or_default(),
                        url,
                    });
                }
            }
        }
        Self(found)
    }

    /// Whether there is nothing in it.
    pub(in crate::drivers::openstack) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The regions that have a service of one of `types` at one of `interfaces`.
    pub(in crate::drivers::openstack) fn regions(
        &self,
        types: &[&str],
        interfaces: &[Interface],
    ) -> Vec<String> {
        let mut regions: Vec<String> = self
            .of(types)
            .filter(|endpoint| interfaces.contains(&endpoint.interface))
            .map(|endpoint| endpoint.region.clone())
            .collect();
        regions.sort();
        regions.dedup();
        regions
    }

    /// At which interfaces `region` has a service of one of `types`.
    pub(in crate::drivers::openstack) fn interfaces(
        &self,
        types: &[&str],
        region: &str,
    ) -> Vec<&'static str> {
        let here = self.of(types).filter(|endpoint| endpoint.region == region);
        let mut names: Vec<_> = here.map(|endpoint| endpoint.interface.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where in `region` the service is that has one of `types`, the first of them that there is, at the
    /// first of `interfaces` that it has.
    pub(in crate::drivers::openstack) fn find(
        &self,
        types: &[&str],
        interfaces: &[Interface],
        region: &str,
    ) -> Option<&str> {
        let at = |service_type: &str, interface: Interface| {
            self.0.iter().find(|endpoint| {
                endpoint.service_type == service_type
                    && endpoint.interface == interface
                    && endpoint.region == region
            })
        };
        let of_type = |service_type: &str| {
            let mut interfaces = interfaces.iter();
            interfaces.find_map(|interface| at(service_type, *interface))
        };
        types
            .iter()
            .find_map(|service_type| of_type(service_type))
            .map(|endpoint| endpoint.url.as_str())
    }

    /// The region to use: `asked`, or the only one there is. It has a service of one of `types`.
    pub(in crate::drivers::openstack) fn region(
        &self,
        types: &[&str],
        interfaces: &[Interface],
        asked: Option<&str>,
    ) -> Result<String, CatalogError> {
        let mut regions = self.regions(types, interfaces);
        if regions.is_empty() {
            let mut others: Vec<_> = self
                .of(types)
                .map(|endpoint| endpoint.interface.as_str())
                .collect();
            others.sort_unstable();
            others.dedup();
            return Err(if others.is_empty() {
                CatalogError::NoService
            } else {
                CatalogError::NoInterface(others)
            });
        }
        match asked {
            Some(asked) if regions.iter().any(|region| region == asked) => Ok(asked.to_owned()),
            Some(_) => Err(CatalogError::UnknownRegion(regions)),
            None if regions.len() == 1 => Ok(regions.remove(0)),
            None => Err(CatalogError::SeveralRegions(regions)),
        }
    }

    /// The endpoints of services of `types`.
    fn of<'a>(&'a self, types: &'a [&'a str]) -> impl Iterator<Item = &'a Endpoint> {
        self.0
            .iter()
            .filter(|endpoint| types.contains(&endpoint.service_type.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COMPUTE: &[&str] = &["compute"];
    const VOLUME: &[&str] = &["block-storage", "volumev3"];

    fn catalog() -> Catalog {
        let endpoint = |interface: &str, region: &str, url: &str| json!({"id": "x", "interface": interface, "region_id": region, "region": region, "url": url});
        let entries = json!([
            {"type": "compute", "name": "nova", "endpoints": [
                endpoint("public", "RegionTwo", "http://two:8774/v2.1"),
                endpoint("public", "RegionOne", "http://one:8774/v2.1"),
                endpoint("internal", "RegionOne", "http://10.0.0.1:8774/v2.1"),
                endpoint("strange", "RegionOne", "http://10.0.0.1:8774/v2.1"),
            ]},
            {"type": "volumev3", "endpoints": [endpoint("public", "RegionOne", "http://one:8776/v3/p")]},
            {"type": "dns", "endpoints": [endpoint("admin", "RegionOne", "http://one:9001")]},
        ]);
        Catalog::from_v3(serde_json::from_value(entries).unwrap())
    }

    #[test]
    fn a_service_is_found_by_type_interface_and_region() {
        let catalog = catalog();
        let find = |types, interface, region| catalog.find(types, &[interface], region);
        assert_eq!(
            find(COMPUTE, Interface::Public, "RegionOne"),
            Some("http://one:8774/v2.1")
        );
        assert_eq!(
            find(COMPUTE, Interface::Internal, "RegionOne"),
            Some("http://10.0.0.1:8774/v2.1")
        );
        assert_eq!(
            find(VOLUME, Interface::Public, "RegionOne"),
            Some("http://one:8776/v3/p")
        );
        assert_eq!(find(VOLUME, Interface::Public, "RegionTwo"), None);
        let inside_first = [Interface::Internal, Interface::Public];
        let found = |types, region| catalog.find(types, &inside_first, region);
        assert_eq!(
            found(COMPUTE, "RegionOne"),
            Some("http://10.0.0.1:8774/v2.1")
        );
        assert_eq!(found(COMPUTE, "RegionTwo"), Some("http://two:8774/v2.1"));
        assert_eq!(found(VOLUME, "RegionOne"), Some("http://one:8776/v3/p"));
    }

    #[test]
    fn a_region_is_the_one_asked_for_or_the_only_one() {
        let catalog = catalog();
        let both = || vec!["RegionOne".to_owned(), "RegionTwo".to_owned()];
        let region = |interface, asked| catalog.region(COMPUTE, &[interface], asked);
        assert_eq!(
            region(Interface::Public, Some("RegionTwo")),
            Ok("RegionTwo".into())
        );
        assert_eq!(region(Interface::Internal, None), Ok("RegionOne".into()));
        assert_eq!(
            region(Interface::Public, None),
            Err(CatalogError::SeveralRegions(both()))
        );
        assert_eq!(
            region(Interface::Public, Some("regionone")),
            Err(CatalogError::UnknownRegion(both()))
        );
        assert_eq!(
            region(Interface::Admin, None),
            Err(CatalogError::NoInterface(vec!["internal", "public"]))
        );
        assert_eq!(
            catalog.region(&["baremetal"], &[Interface::Public], None),
            Err(CatalogError::NoService)
        );
    }

    #[test]
    fn a_catalog_of_v2_is_read() {
        let entries = json!([{"type": "compute", "name": "nova", "endpoints_links": [], "endpoints": [
            {"region": "RegionOne", "publicURL": "http://one/v2/p", "internalURL": "http://in/v2/p",
             "adminURL": "http://admin/v2/p", "id": "x"},
        ]}]);
        let catalog = Catalog::from_v2(serde_json::from_value(entries).unwrap());
        assert_eq!(
            catalog.find(COMPUTE, &[Interface::Internal], "RegionOne"),
            Some("http://in/v2/p")
        );
        assert_eq!(
            catalog.regions(COMPUTE, &[Interface::Public]),
            ["RegionOne"]
        );
    }
}
