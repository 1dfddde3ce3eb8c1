//! The certificate authority: made, or read again.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize,
};
use time::{Duration, OffsetDateTime};
use x509_parser::parse_x509_certificate;
use x509_parser::pem::parse_x509_pem;

use crate::confined_dir::ConfinedDir;
use crate::units::KIB;
use crate::{Error, Kind, Result, Secret};

pub(super) const CERTIFICATE: &str = "cacert.pem";
pub(super) const KEY: &str = "cakey.pem";
/// How long a new authority lives at least; renewing one means a visit to every host.
const DAYS: u32 = 3650;
/// A certificate is some kilobytes.
pub(super) const LONGEST: u64 = 256 * KIB;

/// A certificate authority with its key.
pub(super) struct Authority {
    pub(super) pem: String,
    pub(super) der: Vec<u8>,
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) not_after: OffsetDateTime,
    /// As in `CN=…`.
    pub(super) subject: String,
    /// Whether it was made just now.
    pub(super) created: bool,
}

impl Authority {
    /// The authority in `folder`; made if there is none, or with `replace`.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if what is there is half an authority, or none that can sign.
    pub(super) fn open(folder: &ConfinedDir, days: u32, replace: bool) -> Result<Self> {
        if replace {
            return Self::make(folder, days, true);
        }
        match (
            folder.read(CERTIFICATE, LONGEST)?,
            folder.read(KEY, LONGEST)?,
        ) {
            (None, None) => Self::make(folder, days, false),
            (Some(certificate), Some(key)) => {
                let key = String::from_utf8(key).map(Secret::new);
                Self::read(certificate, key.ok()).map_err(|why| unusable(folder, &why))
            }
            (Some(_), None) => Err(unusable(folder, &format!("{KEY} is missing"))),
            (None, Some(_)) => Err(unusable(folder, &format!("{CERTIFICATE} is missing"))),
        }
    }

    fn make(folder: &ConfinedDir, days: u32, replace: bool) -> Result<Self> {
        let key = new_key()?;
        // two authorities of one name in a client's trust would be taken for each other
        let id = sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(
            key.subject_public_key_info(),
        ));
        let subject = format!("va-driver libvirt CA {}", hex::encode(&id[..4]));
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&subject);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = validity(days.max(DAYS));
        let not_after = params.not_after;
        let certificate = params.self_signed(&key).map_err(|error| not_made(&error))?;
        let key_pem = Secret::new(key.serialize_pem());
        // the key first: a certificate without one looks like an authority, a key alone does not
        write(folder, KEY, key_pem.expose(), 0o600, replace)?;
        if let Err(error) = write(folder, CERTIFICATE, &certificate.pem(), 0o644, replace) {
            if !replace {
                folder.remove(KEY)?;
            }
            return Err(error);
        }
        Ok(Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
            not_after,
            subject: format!("CN={subject}"),
            created: true,
        })
    }

    fn read(certificate: Vec<u8>, key: Option<Secret>) -> std::result::Result<Self, String> {
        let key = key.and_then(|key| KeyPair::from_pem(key.expose()).ok());
        let key = key.ok_or("its key is encrypted, or of a form that cannot be read")?;
        let (_, block) = parse_x509_pem(&certificate).map_err(|_| "its certificate is not PEM")?;
        let (_, parsed) = parse_x509_certificate(&block.contents)
            .map_err(|_| "its certificate cannot be read")?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err("its key does not belong to its certificate".into());
        }
        let signs = parsed
            .key_usage()
            .ok()
            .flatten()
            .is_none_or(|usage| usage.value.key_cert_sign());
        if !parsed.is_ca() || !signs {
            return Err("its certificate may not sign others".into());
        }
        let not_after = parsed.validity().not_after.to_datetime();
        if not_after <= OffsetDateTime::now_utc() {
            return Err(format!("it expired on {}", not_after.date()));
        }
        let subject = parsed.subject().to_string();
        let pem =
            String::from_utf8(certificate.clone()).map_err(|_| "its certificate is not PEM")?;
        let issuer = Issuer::from_ca_cert_der(&block.contents.as_slice().into(), key)
            .map_err(|_| "its name has a form that cannot be written again")?;
        Ok(Self {
            pem,
            der: block.contents.clone(),
            issuer,
            not_after,
            subject,
            created: false,
        })
    }
}

/// A new RSA key: libvirt 9 refuses certificates without key encipherment, which EC keys cannot have.
pub(super) fn new_key() -> Result<KeyPair> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_3072).map_err(|error| not_made(&error))
}

pub(super) fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// From an hour ago, for hosts whose clock is late, to `days` from now.
pub(super) fn validity(days: u32) -> (OffsetDateTime, OffsetDateTime) {
    // a certificate has whole seconds
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(0).unwrap_or(now);
    (
        now - Duration::hours(1),
        now + Duration::days(i64::from(days)),
    )
}

pub(super) fn write(
    folder: &ConfinedDir,
    name: &str,
    text: &str,
    mode: u32,
    replace: bool,
) -> Result<()> {
    if replace {
        folder.replace(name, text.as_bytes(), mode)
    } else {
        folder.create_new(name, text.as_bytes(), mode)
    }
}

pub(super) fn not_made(error: &rcgen::Error) -> Error {
    Error::new(Kind::Internal, "a certificate could not be made").with_source(error)
}

fn unusable(folder: &ConfinedDir, why: &str) -> Error {
    let message = format!(
        "the authority at {} cannot be used: {why}; put it right, choose another directory, or make a new one with \
         `replace: all`",
        folder.path_of(CERTIFICATE).display()
    );
    Error::new(Kind::Conflict, message).with_field("/directory")
}
