//! Server and client certificates: minted, or found good.

use std::net::IpAddr;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType};
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::pem::parse_x509_pem;

use super::authority::{self, Authority, common_name, new_key, not_made, validity, write};
use super::names::{HostName, LONGEST_COMMON_NAME};
use crate::confined_dir::ConfinedDir;
use crate::{Error, Kind, Result, Secret};

/// Whom a certificate is for.
#[derive(Debug)]
pub(super) enum Role {
    /// A host, by all its names.
    Server(Vec<HostName>),
    /// A client, by its common name.
    Client(String),
}

impl Role {
    /// The certificate's and the key's file, as libvirt calls them.
    pub(super) fn files(&self) -> (&'static str, &'static str) {
        match self {
            Self::Server(_) => ("servercert.pem", "serverkey.pem"),
            Self::Client(_) => ("clientcert.pem", "clientkey.pem"),
        }
    }

    /// The folder of all of its kind, and its own in that; none of a host without a name.
    pub(super) fn folders(&self) -> (&'static str, String) {
        match self {
            Self::Server(names) => {
                let first = names.first().map(HostName::folder);
                ("server", first.unwrap_or_default())
            }
            Self::Client(name) => ("client", name.clone()),
        }
    }

    pub(super) fn common_name(&self) -> String {
        match self {
            Self::Client(name) => name.clone(),
            // only the alternative names count for a host
            Self::Server(names) => names
                .iter()
                .map(HostName::text)
                .find(|name| name.len() <= LONGEST_COMMON_NAME)
                .unwrap_or_else(|| "libvirt host".into()),
        }
    }

    fn names(&self) -> &[HostName] {
        match self {
            Self::Server(names) => names,
            Self::Client(_) => &[],
        }
    }
}

/// A certificate that lies in its folder with its key.
pub(super) struct Leaf {
    pub(super) der: Vec<u8>,
    pub(super) not_after: OffsetDateTime,
    pub(super) created: bool,
}

/// The certificate of `role` in `folder`: the one that is there if it serves, else a new one of `days`
/// (but no longer than the authority's). `field` points at the role in the request.
///
/// # Errors
/// [`Kind::AlreadyExists`] if one is there that does not serve, unless with `replace`.
pub(super) fn ensure(
    folder: &ConfinedDir,
    authority: &Authority,
    role: &Role,
    days: u32,
    replace: bool,
    field: &str,
) -> Result<Leaf> {
    let (certificate, key) = role.files();
    if !replace {
        let found = folder.read(certificate, authority::LONGEST)?;
        if let Some(pem) = found {
            return check(&pem, authority, role)
                .and_then(|leaf| match folder.contains(key) {
                    Ok(true) => Ok(leaf),
                    _ => Err(format!("{key} is missing")),
                })
                .map_err(|why| in_the_way(folder, certificate, &why, field));
        }
        if folder.contains(key)? {
            return Err(in_the_way(
                folder,
                key,
                &format!("{certificate} is missing"),
                field,
            ));
        }
    }
    mint(folder, authority, role, days, replace)
}

fn mint(
    folder: &ConfinedDir,
    authority: &Authority,
    role: &Role,
    days: u32,
    replace: bool,
) -> Result<Leaf> {
    let (certificate_file, key_file) = role.files();
    let key = new_key()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&role.common_name());
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![match role {
        Role::Server(_) => ExtendedKeyUsagePurpose::ServerAuth,
        Role::Client(_) => ExtendedKeyUsagePurpose::ClientAuth,
    }];
    for name in role.names() {
        params.subject_alt_names.push(match name {
            HostName::Ip(address) => SanType::IpAddress(*address),
            HostName::Dns(name) => {
                SanType::DnsName(name.as_str().try_into().map_err(|error| not_made(&error))?)
            }
        });
    }
    (params.not_before, params.not_after) = validity(days);
    params.not_after = params.not_after.min(authority.not_after);
    let certificate = params
        .signed_by(&key, &authority.issuer)
        .map_err(|error| not_made(&error))?;
    // an authority that another program made may have a name that is not written the same again
    check(certificate.pem().as_bytes(), authority, role).map_err(|why| {
        let message = format!(
            "the authority {} cannot sign with this program: {why}",
            authority.subject
        );
        Error::new(Kind::Unsupported, message).with_field("/directory")
    })?;
    let key_pem = Secret::new(key.serialize_pem());
    let files = [
        (key_file, key_pem.expose(), 0o600),
        (authority::CERTIFICATE, authority.pem.as_str(), 0o644),
        (certificate_file, &certificate.pem(), 0o644),
    ];
    for (index, (name, text, mode)) in files.into_iter().enumerate() {
        // the authority's certificate is always the current one
        let over = replace || name == authority::CERTIFICATE;
        if let Err(error) = write(folder, name, text, mode, over) {
            if !replace {
                for (made, ..) in &files[..index] {
                    folder.remove(made)?;
                }
            }
            return Err(error);
        }
    }
    Ok(Leaf {
        der: certificate.der().to_vec(),
        not_after: params.not_after,
        created: true,
    })
}

/// Whether a certificate is of this authority, in time, and for these names.
fn check(pem: &[u8], authority: &Authority, role: &Role) -> std::result::Result<Leaf, String> {
    let (_, block) = parse_x509_pem(pem).map_err(|_| "it is not PEM")?;
    let (_, found) = parse_x509_certificate(&block.contents).map_err(|_| "it cannot be read")?;
    let (_, issuer) =
        parse_x509_certificate(&authority.der).map_err(|_| "the authority cannot be read")?;
    let signed = found.issuer().as_raw() == issuer.subject().as_raw()
        && found.verify_signature(Some(issuer.public_key())).is_ok();
    if !signed {
        return Err("it is of another authority".into());
    }
    let not_after = found.validity().not_after.to_datetime();
    if not_after <= OffsetDateTime::now_utc() {
        return Err(format!("it expired on {}", not_after.date()));
    }
    let usage = found.extended_key_usage().ok().flatten();
    let usable = usage.is_some_and(|usage| match role {
        Role::Server(_) => usage.value.server_auth,
        Role::Client(_) => usage.value.client_auth,
    });
    if !usable {
        return Err("it is for another use".into());
    }
    let names = found.subject_alternative_name().ok().flatten();
    let names = names
        .map(|names| names.value.general_names.as_slice())
        .unwrap_or_default();
    for name in role.names() {
        let covered = names.iter().any(|found| match (found, name) {
            (GeneralName::DNSName(found), HostName::Dns(name)) => found.eq_ignore_ascii_case(name),
            (GeneralName::IPAddress(found), HostName::Ip(IpAddr::V4(address))) => {
                *found == address.octets()
            }
            (GeneralName::IPAddress(found), HostName::Ip(IpAddr::V6(address))) => {
                *found == address.octets()
            }
            _ => false,
        });
        if !covered {
            return Err(format!("it is not for {}", name.text()));
        }
    }
    Ok(Leaf {
        der: block.contents.clone(),
        not_after,
        created: false,
    })
}

fn in_the_way(folder: &ConfinedDir, file: &str, why: &str, field: &str) -> Error {
    let message = format!(
        "{} is there, but {why}: give `replace: certificates` to have a new one in its place",
        folder.path_of(file).display()
    );
    Error::new(Kind::AlreadyExists, message).with_field(field)
}
