//! The members of a provider that say where its host is.

use url::Url;

use super::address::{Address, check_user};
use super::allowed;
use super::host_uri::{HostUri, Transport};
use super::parameters::{add_parameter, parameters};
use super::parse::parse;
use crate::{Error, Result};

/// The members of a provider that say where its host is, as they were entered. Blank is absent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    /// `qemu`, `qemu+tls`, `qemu+tcp`, `qemu+ssh`, `qemu+unix` or `test`; `qemu` when absent.
    ///
    /// `qemu` is this machine's hypervisor without a `host_ip` and TLS with one, as libvirt has it.
    pub host_protocol: Option<&'a str>,
    /// `[user@]host[:port]`; for `qemu+unix` a socket's path, for `test` a file that describes the
    /// host, both absolute.
    pub host_ip: Option<&'a str>,
    /// Who ssh logs in as. The other transports have it in their [`Credentials`](crate::drivers::libvirt::host::Credentials).
    pub username: Option<&'a str>,
    /// The directory on this machine with `cacert.pem`, `clientcert.pem` and `clientkey.pem` for TLS.
    pub pkipath: Option<&'a str>,
    /// A whole libvirt URI in place of `host_protocol` and `host_ip`.
    pub uri: Option<&'a str>,
}

impl HostUri {
    /// Makes the URI out of a provider's members.
    ///
    /// Every error is an `invalid_field` or `unsupported` whose field is the member's pointer, such
    /// as `/host_ip`.
    pub(crate) fn new(fields: &Fields<'_>) -> Result<Self> {
        fields.host_uri()
    }
}

impl Fields<'_> {
    fn host_uri(&self) -> Result<HostUri> {
        let fields = Fields {
            host_protocol: present(self.host_protocol),
            host_ip: present(self.host_ip),
            username: present(self.username),
            pkipath: present(self.pkipath),
            uri: present(self.uri),
        };
        let (mut url, transport, field) = match fields.uri {
            Some(uri) => fields.whole(uri).map(|(url, by)| (url, by, "/uri"))?,
            None => fields.composed().map(|(url, by)| (url, by, "/host_ip"))?,
        };
        fields.add_pkipath(&mut url, transport)?;
        if transport == Transport::Ssh {
            fields.add_ssh(&mut url)?;
        }
        Ok(HostUri::from_url(&url, transport, field))
    }

    fn whole(&self, uri: &str) -> Result<(Url, Transport)> {
        if self.host_ip.is_some() {
            return Err(Error::invalid(
                "/uri",
                "give either uri or host_ip, not both",
            ));
        }
        let (url, transport) = parse(uri)?;
        match self.host_protocol {
            Some(protocol) if protocol != url.scheme() => Err(Error::invalid(
                "/host_protocol",
                format!(
                    "host_protocol is {protocol:?} but uri begins with {:?}: leave host_protocol out",
                    url.scheme()
                ),
            )),
            _ => Ok((url, transport)),
        }
    }

    fn composed(&self) -> Result<(Url, Transport)> {
        let transport = match self.host_protocol.unwrap_or("qemu") {
            "test" => return self.test().map(|url| (url, Transport::Local)),
            "qemu+unix" => return self.unix().map(|url| (url, Transport::Unix)),
            "qemu" if self.host_ip.is_none_or(|host| host == "localhost") => {
                return Ok((base("qemu:///system"), Transport::Local));
            }
            "qemu" | "qemu+tls" => Transport::Tls,
            "qemu+tcp" => Transport::Tcp,
            "qemu+ssh" => Transport::Ssh,
            other => {
                return Err(Error::invalid(
                    "/host_protocol",
                    format!(
                        "{other:?} is not a protocol of the libvirt driver: use qemu (this machine, or TLS), \
                         qemu+tls, qemu+tcp, qemu+ssh, qemu+unix or test"
                    ),
                ));
            }
        };
        self.remote(transport).map(|url| (url, transport))
    }

    fn remote(&self, transport: Transport) -> Result<Url> {
        let Some(host_ip) = self.host_ip else {
            return Err(Error::invalid(
                "/host_ip",
                "the host's name or address is missing",
            ));
        };
        let address = Address::parse(host_ip, "/host_ip")?;
        let scheme = transport.scheme();
        let mut url = base(&format!("{scheme}://host/system"));
        let invalid = || Error::invalid("/host_ip", format!("{host_ip:?} does not fit into a URI"));
        url.set_host(Some(&address.host)).map_err(|_| invalid())?;
        url.set_port(address.port).map_err(|()| invalid())?;
        if let Some(user) = address.user {
            if transport != Transport::Ssh {
                return Err(Error::invalid(
                    "/host_ip",
                    "a user before the host is for qemu+ssh: give username instead",
                ));
            }
            url.set_username(&user).map_err(|()| invalid())?;
        }
        Ok(url)
    }

    fn unix(&self) -> Result<Url> {
        let mut url = base("qemu+unix:///system");
        if let Some(path) = self.host_ip {
            let plain = allowed::socket(path, Transport::Unix);
            let path = checked(plain, path, "/host_ip", "the socket of libvirtd")?;
            add_parameter(&mut url, "socket", path);
        }
        Ok(url)
    }

    fn test(&self) -> Result<Url> {
        let mut url = base("test:///default");
        if let Some(path) = self
            .host_ip
            .filter(|path| !matches!(*path, "localhost" | "default"))
        {
            let what = "the file that describes a test host";
            url.set_path(checked(allowed::test_file(path), path, "/host_ip", what)?);
        }
        Ok(url)
    }

    fn add_pkipath(&self, url: &mut Url, transport: Transport) -> Result<()> {
        let Some(path) = self.pkipath else {
            return Ok(());
        };
        if transport != Transport::Tls {
            return Err(Error::invalid(
                "/pkipath",
                format!(
                    "pkipath is for TLS, and {url} does not use it: leave it out or use qemu+tls"
                ),
            ));
        }
        if parameters(url).iter().any(|(name, _)| name == "pkipath") {
            return Err(Error::invalid(
                "/pkipath",
                "uri has a pkipath of its own: give one of them",
            ));
        }
        let what = "the directory with the TLS certificates";
        let path = checked(allowed::path(path), path, "/pkipath", what)?;
        add_parameter(url, "pkipath", path);
        Ok(())
    }

    fn add_ssh(&self, url: &mut Url) -> Result<()> {
        if let Some(user) = self.username
            && url.username().is_empty()
        {
            let user = check_user(user, "/username")?;
            url.set_username(&user).map_err(|()| {
                Error::invalid("/username", format!("{user:?} does not fit into a URI"))
            })?;
        }
        // without it ssh asks on the terminal and waits for ever
        if !parameters(url).iter().any(|(name, _)| name == "no_tty") {
            add_parameter(url, "no_tty", "1");
        }
        Ok(())
    }
}

fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn base(uri: &str) -> Url {
    Url::parse(uri).expect("a URI of this program's own making")
}

fn checked<'a>(plain: bool, path: &'a str, field: &str, what: &str) -> Result<&'a str> {
    if plain {
        return Ok(path);
    }
    let message = format!(
        "{path:?} is not {what}: give an absolute path of {}",
        allowed::PATH
    );
    Err(Error::invalid(field, message))
}
