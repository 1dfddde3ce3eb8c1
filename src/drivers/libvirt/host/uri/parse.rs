//! A whole libvirt URI from outside.

use std::collections::HashSet;

use url::Url;

use super::address::{check_host, check_user};
use super::allowed;
use super::host_uri::{BUILT_IN, Transport};
use super::parameters::parameters;
use crate::{Error, Kind, Result};

const FIELD: &str = "/uri";

/// The parameters that may stand in a URI, what their values must look like, and what reads them: another
/// transport would pass them over. libvirt's others name programs (`command`, `netcat`), another driver
/// (`name`) or belong to transports refused here.
const PARAMETERS: [(&str, Value, &[Transport]); 10] = [
    ("authfile", Value::Path, ALL),
    ("keyfile", Value::Path, &[Transport::Ssh]),
    ("mode", Value::OneOf(&["auto", "direct", "legacy"]), ALL),
    ("no_sanity", Value::Switch, &[Transport::Tls]),
    ("no_tty", Value::Switch, &[Transport::Ssh]),
    (
        "no_verify",
        Value::Switch,
        &[Transport::Ssh, Transport::Tls],
    ),
    ("pkipath", Value::Path, &[Transport::Tls]),
    (
        "proxy",
        Value::OneOf(&["auto", "native", "netcat"]),
        &[Transport::Ssh],
    ),
    ("socket", Value::Socket, &[Transport::Unix, Transport::Ssh]),
    ("tls_priority", Value::Priorities, &[Transport::Tls]),
];

const ALL: &[Transport] = &[
    Transport::Local,
    Transport::Unix,
    Transport::Tcp,
    Transport::Tls,
    Transport::Ssh,
];

#[derive(Debug, Clone, Copy)]
enum Value {
    Path,
    Socket,
    Switch,
    OneOf(&'static [&'static str]),
    Priorities,
}

impl Value {
    fn fits(self, value: &str, transport: Transport) -> bool {
        match self {
            Self::Path => allowed::path(value),
            Self::Socket => allowed::socket(value, transport),
            Self::Switch => matches!(value, "0" | "1"),
            Self::OneOf(words) => words.contains(&value),
            Self::Priorities => allowed::priorities(value),
        }
    }

    /// What it must be, for people.
    fn must_be(self) -> String {
        match self {
            Self::Path | Self::Socket => format!("an absolute path of {}", allowed::PATH),
            Self::Switch => "0 or 1".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Priorities => "letters, digits and +-._:!%@,=".to_owned(),
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
    check_path(&url, transport)?;
    check_parameters(&url, transport)?;
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

fn check_path(url: &Url, transport: Transport) -> Result<()> {
    let path = url.path();
    if !url.scheme().starts_with("test") {
        return match path {
            "/system" | "/session" => Ok(()),
            _ => Err(invalid(format!(
                "{path:?} is not a hypervisor's path: use /system or /session"
            ))),
        };
    }
    match path {
        BUILT_IN => Ok(()),
        "" | "/" => Err(invalid("uri lacks the test host: test:///default")),
        // a daemon would read it with its own rights
        _ if transport != Transport::Local => Err(invalid(
            "a file that describes a test host is read on this machine: test:///path",
        )),
        _ if allowed::test_file(path) => Ok(()),
        _ => Err(invalid(format!(
            "{path:?} is not the path of a test host's file: take {}, without escapes",
            allowed::PATH
        ))),
    }
}

fn check_parameters(url: &Url, transport: Transport) -> Result<()> {
    let mut seen = HashSet::new();
    for (name, value) in parameters(url) {
        if matches!(name.as_str(), "command" | "netcat") {
            return Err(invalid(format!(
                "uri must not have {name}: it names a program to run"
            )));
        }
        let Some((_, kind, read_by)) = PARAMETERS.iter().find(|(known, ..)| *known == name) else {
            let known: Vec<_> = PARAMETERS.iter().map(|(known, ..)| *known).collect();
            return Err(invalid(format!(
                "uri has the parameter {name:?}; allowed are {}",
                known.join(", ")
            )));
        };
        if !read_by.contains(&transport) {
            let schemes: Vec<_> = read_by.iter().map(|by| by.scheme()).collect();
            return Err(invalid(format!(
                "uri has {name}, which is for {} only",
                schemes.join(" and ")
            )));
        }
        if !kind.fits(&value, transport) {
            return Err(invalid(format!("{name} in uri must be {}", kind.must_be())));
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
