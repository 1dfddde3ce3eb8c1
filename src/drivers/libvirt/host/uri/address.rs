//! `host_ip`: a host name or address, with a port and a user if need be.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::allowed;
use crate::{Error, Result};

/// The parts of `[user@]host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    /// As it stands in a URI: an IPv6 address in brackets, an international name in ASCII.
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Address {
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address, each with an optional
    /// `user@`. `field` is the member to blame.
    pub(super) fn parse(text: &str, field: &str) -> Result<Self> {
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(check_user(user, field)?), rest),
            None => (None, text),
        };
        let (host, port) = split_port(rest);
        Ok(Self {
            user,
            host: check_host(host, field)?,
            port: port.map(|port| check_port(port, field)).transpose()?,
        })
    }
}

fn split_port(text: &str) -> (&str, Option<&str>) {
    if text.parse::<Ipv6Addr>().is_ok() {
        return (text, None);
    }
    match text.rsplit_once(':') {
        // the last colon of "[::1]" belongs to the address
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn check_port(text: &str, field: &str) -> Result<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(Error::invalid(
            field,
            format!("{text:?} is not a port: give a number from 1 to 65535 after the host's colon"),
        )),
    }
}

/// Accepts a name or an address and nothing that a URI, a shell or an option list reads otherwise.
pub(super) fn check_host(text: &str, field: &str) -> Result<String> {
    let invalid = || {
        Error::invalid(
            field,
            format!(
                "{text:?} is not a host name or IP address, such as kvm1.example.org, 192.0.2.7 or [2001:db8::7]"
            ),
        )
    };
    let bare = text
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(text).parse::<Ipv6Addr>() {
        return Ok(format!("[{address}]"));
    }
    // beyond ASCII, what may stand in a name is for the IDNA rules of `Host::parse`
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || !c.is_ascii();
    if text.is_empty()
        || text.starts_with(['-', '.'])
        || text.contains("..")
        || !text.chars().all(plain)
    {
        return Err(invalid());
    }
    match url::Host::parse(text).map_err(|_| invalid())? {
        // shorthands such as 127.1 or 0x7f000001 are refused: libvirt's resolver may differ
        url::Host::Ipv4(address) if text.parse::<Ipv4Addr>() == Ok(address) => Ok(text.to_owned()),
        // the mapping of a foreign letter must not bring what was refused above
        url::Host::Domain(name) if name.len() <= 253 && allowed::host(&name) => Ok(name),
        _ => Err(invalid()),
    }
}

/// Accepts a user name that no program takes for an option.
pub(super) fn check_user(text: &str, field: &str) -> Result<String> {
    if allowed::user(text) {
        return Ok(text.to_owned());
    }
    let message = format!(
        "{text:?} is not a user name for ssh: take letters, digits and ._+-, no dash first"
    );
    Err(Error::invalid(field, message))
}
