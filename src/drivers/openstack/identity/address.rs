//! What a provider says of where Keystone is: a URL, or a host and port.

use std::fmt;

use url::{Host, Url};

use crate::{Error, Result};

/// The port of a Keystone that is named without one.
const PORT: u16 = 5000;

/// The members of a provider that say where Keystone is.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::drivers::openstack) struct Given<'a> {
    /// `host:port` or a URL, and the member's name.
    pub(in crate::drivers::openstack) place: &'a str,
    /// Where it was given: `/provider/host_ip`.
    pub(in crate::drivers::openstack) field: &'static str,
    /// `http` or `https`, for a bare host.
    pub(in crate::drivers::openstack) protocol: Option<&'a str>,
}

/// Where Keystone is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drivers::openstack) struct Address {
    url: Url,
    /// Nobody said `https`, so `http` may be tried on this machine.
    bare: bool,
    field: &'static str,
}

impl Address {
    /// Reads `given`; errors are about its field.
    pub(in crate::drivers::openstack) fn read(given: Given<'_>) -> Result<Self> {
        let place = given.place.trim();
        let refuse = |why: String| Error::invalid(given.field, why);
        let protocol = match given
            .protocol
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            None => None,
            Some(text) if text.eq_ignore_ascii_case("http") => Some("http"),
            Some(text) if text.eq_ignore_ascii_case("https") => Some("https"),
            Some(text) => {
                return Err(Error::invalid(
                    "/provider/host_protocol",
                    format!("{text:?} is none of: http, https"),
                ));
            }
        };
        let whole = place.contains("://");
        let text = match (whole, protocol) {
            (true, _) => place.to_owned(),
            (false, protocol) => format!("{}://{place}", protocol.unwrap_or("https")),
        };
        let mut url = Url::parse(&text).map_err(|error| {
            refuse(format!(
                "this is neither host:port nor a URL ({error}); write for example \
                 192.0.2.7:5000 or https://cloud.example:5000/v3"
            ))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse(format!(
                "Keystone is reached by http or https, not by {}",
                url.scheme()
            )));
        }
        if let (true, Some(protocol)) = (whole, protocol)
            && protocol != url.scheme()
        {
            return Err(Error::invalid(
                "/provider/host_protocol",
                format!("the URL says {}, so leave host_protocol out", url.scheme()),
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "who logs in stands in username and password, not in the URL".to_owned(),
            ));
        }
        if !whole && url.port().is_none() && !states_port(place) {
            // cannot fail: the URL has a host
            let _ = url.set_port(Some(PORT));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self {
            url,
            bare: !whole && protocol.is_none(),
            field: given.field,
        })
    }

    /// The URL that is meant: `https` where no protocol was said.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The URL, where there is no other to try.
    pub(in crate::drivers::openstack) fn only_url(&self) -> Option<&str> {
        let other = self.plain_here().is_some();
        (!other).then(|| self.url.as_str().trim_end_matches('/'))
    }

    /// The URL by plain HTTP, where nobody said `https` and nobody can read along: on this machine.
    pub(super) fn plain_here(&self) -> Option<Url> {
        (self.bare && self.loopback()).then(|| self.plain())?
    }

    /// The URL by plain HTTP.
    pub(super) fn plain(&self) -> Option<Url> {
        let mut plain = self.url.clone();
        // the port of https is not to become that of http
        let port = plain.port_or_known_default();
        plain.set_scheme("http").ok()?;
        plain.set_port(port).ok()?;
        Some(plain)
    }

    /// The member that says it: `/provider/host_ip`.
    pub(in crate::drivers::openstack) fn field(&self) -> &'static str {
        self.field
    }

    /// Whether passwords and tokens go out where others can read them.
    pub(in crate::drivers::openstack) fn readable_by_others(&self) -> bool {
        self.url.scheme() == "http" && !self.loopback()
    }

    /// Whether both are on one host.
    pub(in crate::drivers::openstack) fn same_host(&self, other: &Self) -> bool {
        self.url.host() == other.url.host()
    }

    fn loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
            None => false,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.url.as_str();
        let text = match (self.bare, text.split_once("://")) {
            (true, Some((_, place))) => place,
            _ => text,
        };
        f.write_str(text.trim_end_matches('/'))
    }
}

/// Whether `host:port` has a port, were it that of the protocol, which a URL leaves out.
fn states_port(place: &str) -> bool {
    let authority = place.split('/').next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(place: &str, protocol: Option<&str>) -> Result<Address> {
        Address::read(Given {
            place,
            field: "/provider/host_ip",
            protocol,
        })
    }

    fn tried(place: &str) -> (String, Option<String>) {
        let address = read(place, None).unwrap();
        let plain = address.plain_here().map(|url| url.to_string());
        (address.url().to_string(), plain)
    }

    #[test]
    fn a_bare_host_means_https() {
        for (place, url) in [
            ("cloud.example", "https://cloud.example:5000/"),
            ("192.0.2.7:35357", "https://192.0.2.7:35357/"),
            ("cloud.example:443", "https://cloud.example/"),
            (
                "cloud.example:443/identity/",
                "https://cloud.example/identity",
            ),
            ("localhost.example:5000", "https://localhost.example:5000/"),
        ] {
            assert_eq!(tried(place), (url.to_owned(), None));
        }
    }

    #[test]
    fn plain_http_is_tried_on_this_machine_only() {
        for place in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000"] {
            let plain = format!("http://{place}/");
            assert_eq!(tried(place), (format!("https://{place}/"), Some(plain)));
        }
        assert_eq!(tried("https://127.0.0.1:5000").1, None);
        assert_eq!(
            tried("127.0.0.1:443").1.as_deref(),
            Some("http://127.0.0.1:443/")
        );
    }

    #[test]
    fn the_protocol_may_be_said() {
        let address = read("192.0.2.7:5000", Some("http")).unwrap();
        assert_eq!(address.url().as_str(), "http://192.0.2.7:5000/");
        assert!(address.readable_by_others());
        assert_eq!(
            read("192.0.2.7:5000", Some("qemu")).unwrap_err().field(),
            Some("/provider/host_protocol")
        );
        let both = read("https://192.0.2.7:5000", Some("http"));
        assert_eq!(both.unwrap_err().field(), Some("/provider/host_protocol"));
    }

    #[test]
    fn what_is_no_place_is_refused_in_its_field() {
        for place in [
            "",
            "::1",
            "a b",
            "ftp://x/",
            "http://",
            "https://u:pw@cloud/",
        ] {
            let error = read(place, None).unwrap_err();
            assert_eq!(error.field(), Some("/provider/host_ip"), "{place}");
            assert!(!error.message().contains("pw"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(place in ".*", protocol in proptest::option::of(".*")) {
            let _ = read(&place, protocol.as_deref()).map(|address| address.plain());
        }
    }
}
