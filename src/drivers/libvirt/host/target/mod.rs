//! What to connect to, as a URI that libvirt understands and that runs no program of a caller's
//! choosing.
//!
//! The URIs are described at <https://libvirt.org/uri.html>.

mod address;
mod fields;
#[cfg(test)]
mod tests;
mod uri;

use std::fmt;

use url::Url;

use crate::Result;

pub use fields::Fields;

/// How the bytes reach the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Whatever libvirt finds on this machine; for `test` nothing at all.
    Local,
    /// A Unix socket on this machine.
    Unix,
    /// Plain TCP.
    Tcp,
    /// TLS with certificates on both sides, libvirt's own choice for a remote host.
    Tls,
    /// The program `ssh`, with keys: nobody is there to type a password.
    Ssh,
}

impl Transport {
    /// The port libvirt uses where none is given.
    fn default_port(self) -> Option<u16> {
        match self {
            Self::Local | Self::Unix => None,
            Self::Tcp => Some(16509),
            Self::Tls => Some(16514),
            Self::Ssh => Some(22),
        }
    }
}

/// What to connect to. It holds no secret: its [`Display`](fmt::Display) is the URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: String,
    transport: Transport,
    host: Option<String>,
    port: Option<u16>,
    insecure: bool,
}

impl Target {
    /// Makes the target out of a provider's members.
    ///
    /// Every error is an `invalid_field` or `unsupported` whose field is the member's pointer, such
    /// as `/host_ip`.
    pub fn new(fields: &Fields<'_>) -> Result<Self> {
        fields.target()
    }

    /// The URI for libvirt.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// How the bytes reach the daemon.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The host's name or address (IPv6 without brackets); none on this machine.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Name or address and port of a remote host, the port being libvirt's own where none was given.
    ///
    /// For ssh it is a guess: `~/.ssh/config` may say something else.
    #[must_use]
    pub fn endpoint(&self) -> Option<(&str, u16)> {
        let port = self.port.or(self.transport.default_port())?;
        Some((self.host()?, port))
    }

    /// Whether it is a user's own daemon, whose guests have no rights on the host's networks.
    #[must_use]
    pub fn is_session(&self) -> bool {
        Url::parse(&self.uri).is_ok_and(|url| url.path() == "/session")
    }

    /// Whether the host's identity goes unchecked (`no_verify=1`).
    #[must_use]
    pub fn insecure(&self) -> bool {
        self.insecure
    }

    /// Takes what a checked URI says. `transport` is the one that its scheme means.
    fn from_url(url: &Url, transport: Transport) -> Self {
        let remote = matches!(transport, Transport::Tcp | Transport::Tls | Transport::Ssh);
        let host = url.host_str().filter(|host| !host.is_empty());
        Self {
            uri: url.as_str().to_owned(),
            transport,
            host: remote.then(|| {
                let host = host.unwrap_or("localhost");
                host.trim_matches(['[', ']']).to_owned()
            }),
            port: url.port(),
            insecure: parameters(url)
                .iter()
                .any(|(name, value)| name == "no_verify" && value != "0"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

/// The query's parameters as libvirt reads them: names regardless of case, `+` for itself.
fn parameters(url: &Url) -> Vec<(String, String)> {
    let query = url.query().unwrap_or_default().replace('+', "%2B");
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect()
}

/// Adds a query parameter as libvirt reads it: it does not know `+` for a space.
fn add_parameter(url: &mut Url, name: &str, value: &str) {
    let pair = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
        .replace('+', "%20");
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{pair}"),
        _ => pair,
    };
    url.set_query(Some(&query));
}
