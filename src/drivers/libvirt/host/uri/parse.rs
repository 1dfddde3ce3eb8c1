//! A whole libvirt URI from outside.

use std::collections::HashSet;

use url::Url;

use super::address::{check_host, check_user};
use super::host_uri::Transport;
use super::parameters::parameters;
use crate::{Error, Kind, Result};

const FIELD: &str = "/uri";

/// The parameters that may stand in a URI, and what their values must look like. libvirt's others
/// name programs (`command`, `netcat`), another driver (`name`) or belong to transports refused here.
const PARAMETERS: [(&str, Value); 10] = [
    ("authfile", Value::Path),
    ("keyfile", Value::Path),
    ("mode", Value::OneOf(&["auto", "direct", "legacy"])),
    ("no_sanity", Value::Switch),
    ("no_tty", Value::Switch),
    ("no_verify", Value::Switch),
    ("pkipath", Value::Path),
    ("proxy", Value::OneOf(&["auto", "native", "netcat"])),
    ("socket", Value::Path),
    ("tls_priority", Value::Text),
];

#[derive(Debug, Clone, Copy)]
enum Value {
    Path,
    Switch,
    OneOf(&'static [&'static str]),
    Text,
}

impl Value {
    fn fits(self, value: &str) -> bool {
        match self {
            Self::Path => value.starts_with('/') && !value.chars().any(char::is_control),
            Self::Switch => matches!(value, "0" | "1"),
            Self::OneOf(words) => words.contains(&value),
            Self::Text => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()),
        }
    }
}

/// Checks a URI and says which transport it means.
pub(super) fn parse(text: &str) -> Result<(Url, Transport)> {
    // libvirt's parser and this one agree on these characters; it also parts parameters at ';'
    let agreed = |c: char| c.is_ascii_graphic() && !"\\^`{|}\"<>#;".contains(c);
    if let Some(c) = text.chars().find(|c| !agreed(*c)) {
        return Err(invalid(format!(
            "uri must not contain {c:?}: write it percent-encoded"
        )));
    }
    let url = Url::parse(text).map_err(|error| {
        invalid(format!(
            "uri is not a URI ({error}): it looks like qemu+tls://kvm1.example.org/system"
        ))
    })?;
    let transport = transport(&url)?;
    check_authority(&url, transport)?;
    check_path(&url)?;
    check_parameters(&url)?;
    Ok((url, transport))
}

fn transport(url: &Url) -> Result<Transport> {
    let (driver, transport) = url.scheme().split_once('+').unwrap_or((url.scheme(), ""));
    if !matches!(driver, "qemu" | "test") {
        return Err(unsupported(format!(
            "libvirt's {driver} driver is not supported: use a qemu or test URI"
        )));
    }
    if url.cannot_be_a_base() || !url.has_authority() {
        return Err(invalid(format!(
            "uri lacks its slashes: {driver}:///… or {driver}://host/…"
        )));
    }
    let remote = url.host_str().is_some_and(|host| !host.is_empty());
    match transport {
        "" if remote => Ok(Transport::Tls),
        "" => Ok(Transport::Local),
        "unix" => Ok(Transport::Unix),
        "tcp" => Ok(Transport::Tcp),
        "tls" => Ok(Transport::Tls),
        "ssh" => Ok(Transport::Ssh),
        "ext" => Err(unsupported(
            "+ext runs a program of the caller's choosing: use +ssh, +tls or +tcp",
        )),
        "libssh" | "libssh2" => Err(unsupported(format!(
            "+{transport} is not supported: use +ssh"
        ))),
        other => Err(invalid(format!(
            "{other:?} is not a transport of libvirt: use ssh, tls, tcp or unix"
        ))),
    }
}

fn check_authority(url: &Url, transport: Transport) -> Result<()> {
    if url.password().is_some() {
        // not named: it is a secret
        return Err(invalid(
            "uri must not carry a password: give username and password by themselves",
        ));
    }
    match url.host_str().filter(|host| !host.is_empty()) {
        Some(_) if transport == Transport::Unix => {
            return Err(invalid("a +unix URI has no host: qemu+unix:///system"));
        }
        Some(host) => drop(check_host(host, FIELD)?),
        None => {}
    }
    if url.port() == Some(0) {
        return Err(invalid("port 0 is none"));
    }
    if !url.username().is_empty() {
        // a name that needs escapes is refused with its percent signs, which no login name has
        if url.username().contains('%') {
            return Err(invalid(
                "the user in uri needs no percent-encoding: give a plain login name",
            ));
        }
        check_user(url.username(), FIELD)?;
    }
    Ok(())
}

fn check_path(url: &Url) -> Result<()> {
    let test = url.scheme().starts_with("test");
    match url.path() {
        "/system" | "/session" if !test => Ok(()),
        path if test && path.len() > 1 => Ok(()),
        _ if test => Err(invalid("uri lacks the test host: test:///default")),
        path => Err(invalid(format!(
            "{path:?} is not a hypervisor's path: use /system or /session"
        ))),
    }
}

fn check_parameters(url: &Url) -> Result<()> {
    let mut seen = HashSet::new();
    for (name, value) in parameters(url) {
        if matches!(name.as_str(), "command" | "netcat") {
            return Err(invalid(format!(
                "uri must not have {name}: it names a program to run"
            )));
        }
        let Some((_, kind)) = PARAMETERS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = PARAMETERS.iter().map(|(known, _)| *known).collect();
            return Err(invalid(format!(
                "uri has the parameter {name:?}; allowed are {}",
                known.join(", ")
            )));
        };
        if !kind.fits(&value) {
            return Err(invalid(match kind {
                Value::Path => format!("{name} in uri must be an absolute path"),
                Value::Switch => format!("{name} in uri must be 0 or 1"),
                Value::OneOf(words) => format!("{name} in uri must be one of {}", words.join(", ")),
                Value::Text => format!("{name} in uri must be printable text"),
            }));
        }
        if !seen.insert(name.clone()) {
            return Err(invalid(format!("uri has {name} twice")));
        }
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::invalid(FIELD, message)
}

fn unsupported(message: impl Into<String>) -> Error {
    Error::new(Kind::Unsupported, message).with_field(FIELD)
}
