//! The protocol's `tls.init`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::authority::Authority;
use super::layout::{self, Placed};
use super::leaf::{self, Role};
use super::names::{HostName, client_name};
use crate::confined_dir::ConfinedDir;
use crate::{Error, Kind, Result};

/// Two years, for hosts and clients.
const DAYS: u32 = 730;
/// Beyond this, clocks and certificates of 32 bits end.
const LONGEST_DAYS: u32 = 7300;
/// Whose certificate is made where no client is named.
pub(crate) const DEFAULT_CLIENT: &str = "va-driver";

/// `tls.init`: certificates for libvirt's TLS transport.
///
/// An authority in `directory` is used again, so that later calls add hosts and clients; so are
/// certificates that serve as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsInit {
    /// Where everything is written; made if it is not there.
    pub directory: PathBuf,
    /// One host's names and IP addresses, as they stand in connection URIs. May be empty, to add
    /// clients only.
    pub hosts: Vec<String>,
    /// Clients' names, one certificate each; `["va-driver"]` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<String>>,
    /// How long the certificates of hosts and clients last: 1 to 7300, by default 730. A new
    /// authority lasts 3650 days or as long as they.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 7300))]
    pub days: Option<u32>,
    /// What may be written over; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<Replace>,
}

/// What [`TlsInit`] may write over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Replace {
    /// The certificates and keys that the request names, but not the authority.
    Certificates,
    /// The authority too: every certificate that it signed is worthless afterwards.
    All,
}

/// The answer to `tls.init`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TlsInitialised {
    /// The authority.
    pub ca: TlsCertificate,
    /// The host's certificate, if `hosts` had names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<TlsCertificate>,
    /// The clients' certificates, in the order of the request.
    pub clients: Vec<TlsCertificate>,
}

/// A certificate and the files that go with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TlsCertificate {
    /// False if it was there already.
    pub created: bool,
    /// Its name, as `tls_allowed_dn_list` in libvirtd.conf wants it: `CN=…`.
    pub subject: String,
    /// SHA-256 of the certificate: pairs of hexadecimal digits with colons between them.
    pub fingerprint: String,
    /// When it ends (RFC 3339).
    pub expires: String,
    /// The folder of its files; a client's can be given as `?pkipath=` in a connection URI.
    pub folder: PathBuf,
    /// Its files.
    pub files: Vec<Placed>,
}

/// Makes the certificates that are not there yet. Keys are RSA of 3072 bits.
///
/// # Errors
/// [`Kind::InvalidField`] for a name or a number of days that is not allowed; [`Kind::Conflict`] for
/// an authority that cannot be used; [`Kind::AlreadyExists`] for a certificate that is in the way.
pub fn tls_init(request: &TlsInit) -> Result<TlsInitialised> {
    let days = request.days.unwrap_or(DAYS);
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Error::invalid(
            "/days",
            format!("{days} days are not allowed: 1 to {LONGEST_DAYS}"),
        ));
    }
    // everything is checked before anything is written
    let hosts = numbered("/hosts", &request.hosts, HostName::parse)?;
    let default = [DEFAULT_CLIENT.to_owned()];
    let clients = numbered(
        "/clients",
        request.clients.as_deref().unwrap_or(&default),
        client_name,
    )?;

    let root = ConfinedDir::open_or_create(&request.directory, 0o755)
        .map_err(|error| error.with_field("/directory"))?;
    let folder = root.child_or_create(layout::AUTHORITY, 0o700)?;
    let authority = Authority::open(&folder, days, request.replace == Some(Replace::All))?;
    let mint = |role: &Role, field: &str| {
        let (kind, name) = role.folders();
        let folder = root
            .child_or_create(kind, 0o755)?
            .child_or_create(&name, 0o755)?;
        let found = leaf::ensure(
            &folder,
            &authority,
            role,
            days,
            request.replace.is_some(),
            field,
        )?;
        let subject = format!("CN={}", role.common_name());
        describe(
            &folder,
            &found.der,
            found.not_after,
            found.created,
            subject,
            layout::of(&request.directory, role),
        )
    };
    let server = (!hosts.is_empty())
        .then(|| mint(&Role::Server(hosts), "/hosts"))
        .transpose()?;
    let clients = clients
        .into_iter()
        .enumerate()
        .map(|(index, name)| mint(&Role::Client(name), &format!("/clients/{index}")));
    let clients = clients.collect::<Result<_>>()?;
    let files = layout::of_authority(&request.directory);
    let Authority {
        der,
        not_after,
        created,
        subject,
        ..
    } = authority;
    let ca = describe(&folder, &der, not_after, created, subject, files)?;
    Ok(TlsInitialised {
        ca,
        server,
        clients,
    })
}

fn numbered<T>(
    pointer: &str,
    texts: &[String],
    parse: impl Fn(&str, &str) -> Result<T>,
) -> Result<Vec<T>> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| parse(&format!("{pointer}/{index}"), text))
        .collect()
}

fn describe(
    folder: &ConfinedDir,
    der: &[u8],
    not_after: OffsetDateTime,
    created: bool,
    subject: String,
    files: Vec<Placed>,
) -> Result<TlsCertificate> {
    let pairs: Vec<_> = Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let expires = not_after.format(&Rfc3339).map_err(|error| {
        Error::new(Kind::Internal, "a date cannot be written").with_source(error)
    })?;
    let folder = folder.path().to_owned();
    Ok(TlsCertificate {
        created,
        subject,
        fingerprint: pairs.join(":"),
        expires,
        folder,
        files,
    })
}
