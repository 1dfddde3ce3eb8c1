//! Images from web servers: where a server may lead, and what it may answer.
//!
//! A redirect is followed by hand, a client for each hop: so nothing of the URL before goes along (no
//! `Referer`, no password), and the address that was judged is the one that is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::{Error, Kind, Result};

/// How long a web server has to accept a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// How long it may then send nothing.
const STALL: Duration = Duration::from_secs(120);

/// How many redirects are followed.
const REDIRECTS: usize = 10;

/// Asks for `url`; answers the response that has the file.
pub(super) fn get(url: &Url) -> Result<Response> {
    let given = Place::of(url);
    let mut place = given.clone();
    for _ in 0..=REDIRECTS {
        let response = place.ask()?;
        match redirect(&place.url, &response)? {
            Some(to) => place = given.lead(&place.url, to)?,
            None => return whole(&place.url, response),
        }
    }
    Err(refuse(url, "redirects without end"))
}

/// Where `response` of `from` leads, if it is a redirect.
fn redirect(from: &Url, response: &Response) -> Result<Option<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION);
    let mut to = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| from.join(location).ok())
        .filter(|to| matches!(to.scheme(), "http" | "https"))
        .ok_or_else(|| refuse(from, "redirects to something that is no web address"))?;
    if to.origin() == from.origin() && to.username().is_empty() && to.password().is_none() {
        let _ = to.set_username(from.username());
        let _ = to.set_password(from.password());
    }
    Ok(Some(to))
}

/// The response, if it has all of the file.
fn whole(url: &Url, response: Response) -> Result<Response> {
    let status = response.status();
    let kind = match status.as_u16() {
        200 => return Ok(response),
        404 | 410 => Kind::NotFound,
        401 => Kind::AuthFailed,
        403 => Kind::PermissionDenied,
        _ if status.is_success() => {
            let why = format!("answers {status}, which is not the whole of a file");
            return Err(refuse(url, &why));
        }
        _ => Kind::ConnectionFailed,
    };
    let message = format!("{} answers {status}", shown(url));
    Err(Error::new(kind, message).with_field("/image/source"))
}

/// A URL, and the addresses that its host has.
#[derive(Clone)]
struct Place {
    url: Url,
    /// None where only a proxy may know them.
    addresses: Option<Vec<SocketAddr>>,
}

impl Place {
    fn of(url: &Url) -> Self {
        Self {
            url: url.clone(),
            addresses: url.socket_addrs(|| None).ok(),
        }
    }

    /// The place `to`, where `from`, which this one has led to, redirects. A web server cannot look
    /// into the networks of this machine through it: it leads no further inwards than the caller has
    /// gone himself, and not out of an encrypted connection.
    fn lead(&self, from: &Url, to: Url) -> Result<Self> {
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(refuse(
                from,
                &format!("redirects to {}, which is not encrypted", shown(&to)),
            ));
        }
        if to.host() == self.url.host()
            && to.port_or_known_default() == self.url.port_or_known_default()
        {
            let addresses = self.addresses.clone();
            return Ok(Self { url: to, addresses });
        }
        let there = to.socket_addrs(|| None).unwrap_or_default();
        let depths = |addresses: &[SocketAddr]| -> Vec<Depth> {
            addresses.iter().map(|one| depth(one.ip())).collect()
        };
        let given = depths(self.addresses.as_deref().unwrap_or_default());
        let given = given.into_iter().min().unwrap_or(Depth::Public);
        if depths(&there).into_iter().any(|depth| depth > given) {
            let why = format!(
                "redirects to {}, an address of this machine or its networks; if that is meant, give \
                 it as the source",
                shown(&to)
            );
            return Err(refuse(from, &why));
        }
        // Where there is none it is for a proxy to find one: it must not be looked up again, for the
        // answer may be another.
        Ok(Self {
            url: to,
            addresses: Some(there),
        })
    }

    fn ask(&self) -> Result<Response> {
        let failed = |error: reqwest::Error| {
            let kind = if error.is_timeout() {
                Kind::Timeout
            } else {
                Kind::ConnectionFailed
            };
            Error::new(kind, format!("cannot fetch {}", shown(&self.url)))
                .with_field("/image/source")
                .with_source(error.without_url())
        };
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(STALL) // of each wait, not of the whole
            .redirect(Policy::none())
            .referer(false)
            .user_agent(concat!("va-driver/", env!("CARGO_PKG_VERSION")));
        if let (Some(Host::Domain(name)), Some(addresses)) = (self.url.host(), &self.addresses) {
            client = client.resolve_to_addrs(name, addresses);
        }
        let client = client.build().map_err(failed)?;
        client.get(self.url.clone()).send().map_err(failed)
    }
}

/// How far inside an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Public,
    Private,
    LinkLocal,
    Loopback,
}

fn depth(address: IpAddr) -> Depth {
    match address.to_canonical() {
        IpAddr::V4(address) => depth_v4(address),
        IpAddr::V6(address) => depth_v6(address),
    }
}

fn depth_v4(address: Ipv4Addr) -> Depth {
    match address.octets() {
        [0 | 127, ..] => Depth::Loopback,
        [169, 254, ..] | [224..=255, ..] => Depth::LinkLocal,
        // those of companies, of providers' NAT, of the protocols' own and of benchmarks
        [10, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [100, 64..=127, ..]
        | [192, 0, 0, _]
        | [198, 18..=19, ..] => Depth::Private,
        _ => Depth::Public,
    }
}

fn depth_v6(address: Ipv6Addr) -> Depth {
    let embedded =
        |high: u16, low: u16| depth_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Depth::Loopback,
        [0xfe80..=0xfebf | 0xff00..=0xffff, ..] => Depth::LinkLocal,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Depth::Private,
        [0x64, 0xff9b, .., high, low] | [0x2002, high, low, ..] => embedded(high, low),
        _ => Depth::Public,
    }
}

fn refuse(url: &Url, why: &str) -> Error {
    Error::invalid("/image/source", format!("{} {why}", shown(url)))
}

/// The URL without a password, or the signature in its query, that it may hold.
pub(super) fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    let _ = plain.set_password(None);
    let _ = plain.set_username("");
    plain.set_query(None);
    plain.to_string()
}

#[cfg(test)]
mod tests;
