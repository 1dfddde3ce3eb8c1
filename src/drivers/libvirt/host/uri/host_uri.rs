//! The URI itself, and what of it this program needs to know.

use std::fmt;

use url::Url;

use super::parameters::parameters;

/// How the bytes reach the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
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
    /// The scheme of a URI that has it.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::Local => "qemu",
            Self::Unix => "qemu+unix",
            Self::Tcp => "qemu+tcp",
            Self::Tls => "qemu+tls",
            Self::Ssh => "qemu+ssh",
        }
    }

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

/// The path of libvirt's own test host.
pub(super) const BUILT_IN: &str = "/default";

/// The URI of a host, checked. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostUri {
    uri: String,
    transport: Transport,
    host: Option<String>,
    port: Option<u16>,
    insecure: bool,
    test_file: Option<String>,
    /// The member that says where the host is.
    field: &'static str,
}

impl HostUri {
    /// The URI for libvirt.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.uri
    }

    /// How the bytes reach the daemon.
    #[must_use]
    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    /// The host's name or address (IPv6 without brackets); none on this machine.
    #[must_use]
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Name or address and port of a remote host, the port being libvirt's own where none was given.
    ///
    /// For ssh it is a guess: `~/.ssh/config` may say something else.
    #[must_use]
    pub(crate) fn endpoint(&self) -> Option<(&str, u16)> {
        let port = self.port.or(self.transport.default_port())?;
        Some((self.host()?, port))
    }

    /// The arguments by which `ssh` gets to a remote host: who, where, and by which key, as far as the URI says so.
    /// There is nothing in them that a shell reads otherwise.
    #[must_use]
    pub(crate) fn ssh(&self) -> Option<Vec<String>> {
        let host = self.host()?;
        let url = Url::parse(&self.uri).ok()?;
        let mut words = Vec::new();
        if self.transport == Transport::Ssh {
            let key = parameters(&url)
                .into_iter()
                .find(|(name, _)| name == "keyfile");
            let port = self.port.map(|port| ("-p", port.to_string()));
            let user = (!url.username().is_empty()).then(|| ("-l", url.username().to_owned()));
            let key = key.map(|(_, file)| ("-i", file));
            for (option, value) in [port, user, key].into_iter().flatten() {
                words.extend([option.to_owned(), value]);
            }
        }
        words.extend(["--".to_owned(), host.to_owned()]);
        Some(words)
    }

    /// Whether it is a user's own daemon, whose guests have no rights on the host's networks.
    #[must_use]
    pub(crate) fn is_session(&self) -> bool {
        Url::parse(&self.uri).is_ok_and(|url| url.path() == "/session")
    }

    /// Whether the host's identity goes unchecked (`no_verify=1`).
    #[must_use]
    pub(crate) fn insecure(&self) -> bool {
        self.insecure
    }

    /// The file on this machine that describes a test host.
    #[must_use]
    pub(crate) fn test_file(&self) -> Option<&str> {
        self.test_file.as_deref()
    }

    /// The member of the provider that says where the host is, as a JSON pointer into it.
    #[must_use]
    pub(crate) fn field(&self) -> &'static str {
        self.field
    }

    /// Takes what a checked URI says. `transport` is the one that its scheme means, `field` the member
    /// that it is made of.
    pub(super) fn from_url(url: &Url, transport: Transport, field: &'static str) -> Self {
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
            // its path has no escapes
            test_file: (url.scheme() == "test" && url.path() != BUILT_IN)
                .then(|| url.path().to_owned()),
            field,
        }
    }
}

impl fmt::Display for HostUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}
