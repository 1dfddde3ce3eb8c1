//! A minion's public key.

use pkcs8::SubjectPublicKeyInfoRef;
use pkcs8::der::asn1::UintRef;
use pkcs8::der::{Decode, Reader, SliceReader};

use super::fingerprint::{self, HashType};
use super::pem;
use crate::{Error, Result};

/// rsaEncryption (RFC 8017)
const RSA: pkcs8::ObjectIdentifier = pkcs8::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Salt signs with 1024 too, which is no longer safe; OpenSSL goes no further than this.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// An RSA public key of 2048 to 8192 bits as SPKI PEM (`BEGIN PUBLIC KEY`).
///
/// Salt compares keys as text, so the text is kept as it came, but for line endings and blanks
/// around it; it ends in one newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pem: String,
    der: Vec<u8>,
    bits: u16,
}

impl PublicKey {
    /// Takes `text` if it is such a key and nothing else.
    ///
    /// # Errors
    /// [`crate::Kind::InvalidField`] about `/public_key`.
    pub fn from_pem(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            let message =
                format!("the public key {why}: give an RSA key as `-----BEGIN PUBLIC KEY-----`");
            Error::invalid("/public_key", message)
        };
        let block = pem::decode(text).ok_or_else(|| refused("is not one PEM block"))?;
        if block.label != "PUBLIC KEY" {
            return Err(refused("is of another form, which not every Salt reads"));
        }
        let modulus_bits = rsa_bits(&block.der).ok_or_else(|| refused("is not an RSA key"))?;
        let bits = u16::try_from(modulus_bits)
            .ok()
            .filter(|_| BITS.contains(&modulus_bits));
        let bits =
            bits.ok_or_else(|| refused(&format!("has {modulus_bits} bits, not 2048 to 8192")))?;
        Ok(Self {
            pem: pem::normal(text).as_str().to_owned(),
            der: block.der.to_vec(),
            bits,
        })
    }

    /// The PEM text, ending in a newline.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The length of its modulus.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.bits
    }

    /// Its fingerprint, as `salt-key -f` shows it.
    #[must_use]
    pub fn fingerprint(&self, hash: HashType) -> String {
        fingerprint::of_pem(&self.pem, hash)
    }

    /// Whether it is the same key, however its text is broken into lines.
    #[must_use]
    pub fn same_key(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

/// The length of the modulus of an RSA key in a `SubjectPublicKeyInfo`.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    if info.algorithm.oid != RSA {
        return None;
    }
    let mut reader = SliceReader::new(info.subject_public_key.as_bytes()?).ok()?;
    // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
    let (modulus, exponent) = reader
        .sequence(|inner: &mut SliceReader<'_>| {
            Ok::<_, pkcs8::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?))
        })
        .ok()?;
    reader.finish().ok()?;
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    let (modulus, exponent) = (modulus.as_bytes(), exponent.as_bytes());
    if !odd(modulus) || !odd(exponent) || exponent == [1] {
        return None;
    }
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}

#[cfg(test)]
mod tests;
