//! A minion's key pair.

use pkcs8::PrivateKeyInfoRef;
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{PublicKey, pem};
use crate::{Error, Kind, Result, Secret};

/// The length of a new RSA key: 2048, 3072 or 4096 bits (as salt-cloud, 4096 by default).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum RsaBits {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    #[default]
    Bits4096,
}

impl TryFrom<u16> for RsaBits {
    type Error = Error;

    fn try_from(bits: u16) -> Result<Self> {
        match bits {
            2048 => Ok(Self::Bits2048),
            3072 => Ok(Self::Bits3072),
            4096 => Ok(Self::Bits4096),
            other => Err(Error::invalid(
                "/bits",
                format!("{other} bits are not offered: 2048, 3072 or 4096"),
            )),
        }
    }
}

impl From<RsaBits> for u16 {
    fn from(bits: RsaBits) -> Self {
        match bits {
            RsaBits::Bits2048 => 2048,
            RsaBits::Bits3072 => 3072,
            RsaBits::Bits4096 => 4096,
        }
    }
}

impl JsonSchema for RsaBits {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RsaBits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "description": "The length of an RSA key in bits", "enum": [2048, 3072, 4096]})
    }
}

/// An RSA key pair in the forms that every Salt reads: the private key as PKCS#1 PEM
/// (`BEGIN RSA PRIVATE KEY`), the public key as SPKI PEM (`BEGIN PUBLIC KEY`).
#[derive(Debug, Clone)]
pub struct KeyPair {
    private: Secret,
    public: PublicKey,
}

impl KeyPair {
    /// Makes a new pair. 4096 bits take about a second.
    pub fn generate(bits: RsaBits) -> Result<Self> {
        let size = match bits {
            RsaBits::Bits2048 => RsaKeySize::_2048,
            RsaBits::Bits3072 => RsaKeySize::_3072,
            RsaBits::Bits4096 => RsaKeySize::_4096,
        };
        let failed = |why: &dyn std::fmt::Display| {
            Error::new(Kind::Internal, "no RSA key could be made").with_source(why)
        };
        let pair = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size)
            .map_err(|error| failed(&error))?;
        let info =
            PrivateKeyInfoRef::try_from(pair.serialized_der()).map_err(|error| failed(&error))?;
        let private = Secret::new(pem::encode("RSA PRIVATE KEY", info.private_key.as_bytes()));
        let public = PublicKey::from_pem(&public_pem(&pair))?;
        Ok(Self { private, public })
    }

    /// Takes a pair that the caller has. The private key may be PKCS#1 or PKCS#8 (it is kept as
    /// PKCS#1) and must not be encrypted; without `public`, the public key is worked out.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] about `/private` or `/public`: not a key of 2048 to 8192 bits that Salt
    /// reads, or not two halves of one pair. The messages show nothing of the key.
    pub fn from_pem(private: &Secret, public: Option<&str>) -> Result<Self> {
        let refused = |why: &str| {
            let message = format!(
                "the private key {why}: give an unencrypted RSA key of 2048 to 8192 bits as `-----BEGIN RSA PRIVATE KEY-----`"
            );
            Error::invalid("/private", message)
        };
        let block = pem::decode(private.expose())
            .ok_or_else(|| refused("is encrypted, or not one PEM block"))?;
        let pkcs1 = match block.label {
            "RSA PRIVATE KEY" => pem::encode("RSA PRIVATE KEY", &block.der),
            "PRIVATE KEY" => {
                let info = PrivateKeyInfoRef::try_from(block.der.as_slice());
                let info = info.map_err(|_| refused("is not valid PKCS#8"))?;
                pem::encode("RSA PRIVATE KEY", info.private_key.as_bytes())
            }
            _ => return Err(refused("is of another form")),
        };
        let pkcs1 = Secret::new(pkcs1);
        // the check of the numbers is the cryptographic library's
        let pair = rcgen::KeyPair::from_pem_and_sign_algo(pkcs1.expose(), &PKCS_RSA_SHA256)
            .map_err(|_| refused("is not such a key"))?;
        let own = PublicKey::from_pem(&public_pem(&pair))
            .map_err(|_| refused("is too short or too long"))?;
        let public = match public {
            None => own,
            Some(text) => {
                let given =
                    PublicKey::from_pem(text).map_err(|error| error.with_field("/public"))?;
                if !given.same_key(&own) {
                    return Err(Error::invalid(
                        "/public",
                        "the public key does not belong to the private key",
                    ));
                }
                given
            }
        };
        Ok(Self {
            private: pkcs1,
            public,
        })
    }

    /// The private key, PKCS#1 PEM, ending in a newline.
    #[must_use]
    pub fn private(&self) -> &Secret {
        &self.private
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

fn public_pem(pair: &rcgen::KeyPair) -> String {
    pem::encode("PUBLIC KEY", &pair.subject_public_key_info())
}

#[cfg(test)]
mod tests {
    use super::{KeyPair, RsaBits};
    use crate::{Kind, Secret};

    #[test]
    fn a_new_pair_is_read_back() {
        let pair = KeyPair::generate(RsaBits::Bits2048).unwrap();
        assert_eq!(pair.public().bits(), 2048);
        assert!(
            pair.private()
                .expose()
                .starts_with("-----BEGIN RSA PRIVATE KEY-----\n")
        );
        assert!(
            pair.private()
                .expose()
                .ends_with("-----END RSA PRIVATE KEY-----\n")
        );
        assert!(!format!("{pair:?}").contains("RSA PRIVATE"));
        for public in [None, Some(pair.public().pem())] {
            let again = KeyPair::from_pem(pair.private(), public).unwrap();
            assert_eq!(
                (again.private(), again.public()),
                (pair.private(), pair.public())
            );
        }
        let other = include_str!("fixtures/other.pub");
        let error = KeyPair::from_pem(pair.private(), Some(other)).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::InvalidField, Some("/public"))
        );
    }

    #[test]
    fn what_is_no_private_key_is_refused_without_showing_it() {
        let public = include_str!("fixtures/minion.pub");
        let body = "-----BEGIN RSA PRIVATE KEY-----\naHVudGVyMg==\n-----END RSA PRIVATE KEY-----\n";
        for text in [
            "",
            "hunter2",
            public,
            body,
            &body.replace("RSA ", ""),
            &body.replace("RSA", "EC"),
        ] {
            let error = KeyPair::from_pem(&Secret::new(text.to_owned()), None).unwrap_err();
            assert_eq!(error.field(), Some("/private"), "{text}");
            assert!(!error.message().contains("unter2") && !error.message().contains("aHVudGVyMg"));
        }
    }

    #[test]
    fn only_the_offered_lengths_are_taken() {
        assert_eq!(
            serde_json::from_str::<RsaBits>("3072").unwrap(),
            RsaBits::Bits3072
        );
        assert!(serde_json::from_str::<RsaBits>("1024").is_err());
        assert_eq!(u16::from(RsaBits::default()), 4096);
    }
}
