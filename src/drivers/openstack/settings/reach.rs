//! Where Keystone and the services are, and whom to trust there.

use serde_json::Value;
use url::Url;

use super::members::{
    CACERT, CERT, COMPUTE_ENDPOINT_OVERRIDE, COMPUTE_INTERFACE, COMPUTE_REGION_NAME, ENDPOINT,
    HOST_IP, HOST_PROTOCOL, IDENTITY_URL, IMAGE_ENDPOINT_OVERRIDE, IMAGE_INTERFACE,
    IMAGE_REGION_NAME, INSECURE, KEY, NETWORK_ENDPOINT_OVERRIDE, NETWORK_INTERFACE,
    NETWORK_REGION_NAME, REGION, REGIONS, URI, VERIFY, VOLUME_ENDPOINT_OVERRIDE, VOLUME_INTERFACE,
    VOLUME_REGION_NAME,
};
use crate::driver::{ProviderMember, Record};
use crate::drivers::openstack::http::Tls;
use crate::drivers::openstack::identity::{Address, Given, Interface, Login};
use crate::error::io_error;
use crate::plain_file;
use crate::{Error, Kind, Result, Secret};

/// What is said of where one service is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::drivers::openstack) struct Whereabouts {
    /// Its URL, instead of the catalog's.
    pub(in crate::drivers::openstack) url: Option<String>,
    /// Another region than that of all.
    pub(in crate::drivers::openstack) region: Option<String>,
    /// Other endpoints than those of all, the best first.
    pub(in crate::drivers::openstack) interfaces: Option<Vec<Interface>>,
}

/// The same of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::drivers::openstack) struct Services {
    pub(in crate::drivers::openstack) compute: Whereabouts,
    pub(in crate::drivers::openstack) image: Whereabouts,
    pub(in crate::drivers::openstack) network: Whereabouts,
    pub(in crate::drivers::openstack) volume: Whereabouts,
}

/// Where Keystone is; what stands in its place where nobody logs in.
pub(super) fn address(record: &Record, login: &Login) -> Result<Address> {
    let protocol = record.text(HOST_PROTOCOL)?;
    let read = |member, field, protocol| match record.text(member)? {
        None => Ok(None),
        Some(place) => Address::read(Given {
            place: &place,
            field,
            protocol,
        })
        .map(Some)
        .map_err(|error| record.places().of(error)),
    };
    let protocol = protocol.as_deref();
    if matches!(login, Login::Nowhere(_)) {
        let first = [
            (ENDPOINT, "/provider/endpoint"),
            (
                COMPUTE_ENDPOINT_OVERRIDE,
                "/provider/compute_endpoint_override",
            ),
        ];
        for (member, field) in first {
            if let Some(address) = read(member, field, None)? {
                return Ok(address);
            }
        }
        let message = "the provider does not say where the services are: give endpoint";
        return Err(record.invalid(ENDPOINT, message));
    }
    let url = match (
        read(IDENTITY_URL, "/provider/identity_url", protocol)?,
        read(URI, "/provider/uri", protocol)?,
    ) {
        (Some(url), Some(other)) if url.to_string() != other.to_string() => {
            let message = "this and identity_url name different places: leave one out";
            return Err(record.invalid(URI, message));
        }
        (url, other) => url.or(other),
    };
    let Some(url) = url else {
        return read(HOST_IP, "/provider/host_ip", protocol)?.ok_or_else(|| {
            record.invalid(
                HOST_IP,
                "the provider does not say where Keystone is; give host_ip (host:port) or identity_url",
            )
        });
    };
    match read(HOST_IP, "/provider/host_ip", None)? {
        Some(host) if !host.same_host(&url) => {
            let message = format!("this names another host than {url}: leave one out");
            Err(record.invalid(HOST_IP, message))
        }
        _ => Ok(url),
    }
}

/// The region, which `regions` has where that is there.
pub(super) fn region(record: &Record) -> Result<Option<String>> {
    let asked = record.text(REGION)?;
    let mut known = Vec::new();
    for item in record.setting::<Vec<Value>>(REGIONS)?.unwrap_or_default() {
        known.push(region_name(record, &item)?);
    }
    match asked {
        Some(asked) if !known.is_empty() && !known.contains(&asked) => {
            let message = format!("{asked:?} is none of the regions: {}", known.join(", "));
            Err(record.invalid(REGION, message))
        }
        Some(asked) => Ok(Some(asked)),
        None => Ok(known.into_iter().next()),
    }
}

/// The name of one of `regions`: a text, or a mapping with `name`.
fn region_name(record: &Record, item: &Value) -> Result<String> {
    let name = item.as_str().or_else(|| item["name"].as_str());
    let Some(name) = name else {
        return Err(record.invalid(REGIONS, "regions takes a list of names"));
    };
    let values = item["values"].as_object();
    if values.is_some_and(|values| !values.is_empty()) {
        let message = format!("settings of the region {name:?} alone are not served");
        return Err(Error::new(Kind::Unsupported, message).with_field(record.pointer(REGIONS)));
    }
    Ok(name.to_owned())
}

/// Which endpoints of the catalog are used, the best first, as far as `member` says.
pub(super) fn interfaces(
    record: &Record,
    member: &ProviderMember,
) -> Result<Option<Vec<Interface>>> {
    let names = match record.setting::<Value>(member)? {
        None => return Ok(None),
        Some(Value::Array(_)) => record.setting::<Vec<String>>(member)?.unwrap_or_default(),
        Some(_) => record.text(member)?.into_iter().collect(),
    };
    let read = |name: &String| {
        Interface::parse(name).ok_or_else(|| {
            let message = format!("{name:?} is none of: public, internal, admin");
            record.invalid(member, message)
        })
    };
    names.iter().map(read).collect::<Result<_>>().map(Some)
}

/// Where services are that are not to be looked for in the catalog, or not in the region of all.
pub(super) fn services(record: &Record, login: &Login) -> Result<Services> {
    // without Keystone there is one place for all, as in keystoneauth
    let of_all = match login {
        Login::Nowhere(_) => record.text(ENDPOINT)?,
        _ => None,
    };
    let url = |member: &ProviderMember| {
        let Some(text) = record.text(member)?.or_else(|| of_all.clone()) else {
            return Ok(None);
        };
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.username().is_empty() => {
                Ok(Some(text))
            }
            _ => Err(record.invalid(
                member,
                format!("{} takes a URL, http:// or https://", member.name),
            )),
        }
    };
    let of = |[place, region, endpoints]: [&ProviderMember; 3]| -> Result<_> {
        Ok(Whereabouts {
            url: url(place)?,
            region: record.text(region)?,
            interfaces: interfaces(record, endpoints)?,
        })
    };
    Ok(Services {
        compute: of([
            COMPUTE_ENDPOINT_OVERRIDE,
            COMPUTE_REGION_NAME,
            COMPUTE_INTERFACE,
        ])?,
        image: of([IMAGE_ENDPOINT_OVERRIDE, IMAGE_REGION_NAME, IMAGE_INTERFACE])?,
        network: of([
            NETWORK_ENDPOINT_OVERRIDE,
            NETWORK_REGION_NAME,
            NETWORK_INTERFACE,
        ])?,
        volume: of([
            VOLUME_ENDPOINT_OVERRIDE,
            VOLUME_REGION_NAME,
            VOLUME_INTERFACE,
        ])?,
    })
}

/// Whom to trust, and what this side shows.
pub(super) fn tls(record: &Record) -> Result<Tls> {
    let (authorities, verify) = match record.setting::<Value>(VERIFY)? {
        Some(Value::String(path)) if record.flag(VERIFY).is_err() => (Some(path), Some(true)),
        _ => (None, record.flag(VERIFY)?),
    };
    let cacert = record.text(CACERT)?;
    if let (Some(one), Some(other)) = (&authorities, &cacert)
        && one != other
    {
        return Err(record.invalid(
            VERIFY,
            "verify and cacert name different files: leave one out",
        ));
    }
    let insecure = record.flag(INSECURE)?;
    if insecure.is_some() && insecure == verify {
        let message = "insecure and verify say different things of the same: leave one out";
        return Err(record.invalid(INSECURE, message));
    }
    let member = if cacert.is_some() { CACERT } else { VERIFY };
    let authorities = cacert.or(authorities);
    Ok(Tls {
        authorities: authorities
            .map(|path| file(record, member, &path))
            .transpose()?,
        insecure: insecure == Some(true) || verify == Some(false),
        identity: identity(record)?,
    })
}

/// The client's certificate and its key, one behind the other.
fn identity(record: &Record) -> Result<Option<Secret>> {
    let (cert, key) = (record.text(CERT)?, record.text(KEY)?);
    let Some(cert) = cert else {
        return match key {
            None => Ok(None),
            Some(_) => {
                Err(record.invalid(KEY, "this is the key of a certificate; name that in cert"))
            }
        };
    };
    let mut pem = file(record, CERT, &cert)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(zeroize::Zeroizing::new(file(record, KEY, &key)?).iter());
    }
    let text = String::from_utf8(pem);
    let text = text.map_err(|_| record.invalid(CERT, "the files are not in PEM form"))?;
    Ok(Some(Secret::new(text)))
}

/// What the file `path` holds, which `member` names.
fn file(record: &Record, member: &ProviderMember, path: &str) -> Result<Vec<u8>> {
    plain_file::read(path.as_ref(), plain_file::LONGEST).map_err(|error| {
        io_error("read", path.as_ref(), &error)
            .with_kind(Kind::InvalidField)
            .with_field(record.pointer(member))
    })
}
