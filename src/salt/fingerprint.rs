//! A key's fingerprint as `salt-key -f` shows it.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

/// The hash, by the name that Salt's option `hash_type` gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HashType {
    /// SHA-256, Salt's default.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// The fingerprint of a PEM text: the lines between BEGIN and END, each with its newline, hashed and
/// shown as pairs of hexadecimal digits with colons between them.
///
/// Salt's `pem_finger` drops the first and the last line that are not blank and takes CRLF for LF.
pub(super) fn of_pem(pem: &str, hash: HashType) -> String {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.trim().is_empty()).collect();
    let body = lines
        .get(1..lines.len().saturating_sub(1))
        .unwrap_or_default();
    let text: String = body.iter().flat_map(|line| [*line, "\n"]).collect();
    let colon_separated = |digest: &[u8]| {
        let mut out = String::with_capacity(digest.len() * 3);
        for (index, byte) in digest.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            // writing to a String does not fail
            let _ = write!(out, "{colon}{byte:02x}");
        }
        out
    };
    match hash {
        HashType::Sha256 => colon_separated(&Sha256::digest(text)),
        HashType::Sha512 => colon_separated(&Sha512::digest(text)),
    }
}

/// Whether `text` has the form of a fingerprint by either hash.
pub(super) fn is_fingerprint(text: &str) -> bool {
    matches!(pairs(text), Some(32 | 64))
}

/// Whether a minion may find `text` to be its master's fingerprint. It compares texts, by its own
/// `hash_type`: MD5 in old settings, and any other SHA.
pub(crate) fn may_be_master_finger(text: &str) -> bool {
    let small = !text.contains(|c: char| c.is_ascii_uppercase());
    small && matches!(pairs(text), Some(16 | 20 | 28 | 32 | 48 | 64))
}

/// How many pairs of hexadecimal digits `text` is, with colons between them.
fn pairs(text: &str) -> Option<usize> {
    let mut pairs = text.split(':');
    pairs
        .all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| text.split(':').count())
}

#[cfg(test)]
mod tests {
    use super::{HashType, is_fingerprint, may_be_master_finger, of_pem};

    const KEY: &str = include_str!("fixtures/minion.pub");
    /// What Salt 3007's `salt.utils.crypt.pem_finger` gives for the fixture.
    const SHA256: &str = "06:5a:9a:a6:b8:05:38:b7:0d:f0:2b:c7:bf:a1:05:74:29:8d:db:23:2d:92:b8:13:6f:d3:ec:c4:c0:22:53:2d";
    const SHA512: &str = "d3:af:28:da:c7:34:f6:45:06:03:10:05:bc:fb:12:b3:27:1e:4f:91:aa:62:7f:4d:a6:58:c8:41:ff:e2:b7:f2:e4:25:80:e8:1a:59:57:92:d6:a5:03:6c:bf:d7:a4:52:12:0c:ae:80:03:c9:57:0e:d6:b0:a4:93:d5:bb:d4:99";

    #[test]
    fn salt_says_the_same() {
        assert_eq!(of_pem(KEY, HashType::Sha256), SHA256);
        assert_eq!(of_pem(KEY, HashType::Sha512), SHA512);
        assert_eq!(of_pem(&KEY.replace('\n', "\r\n"), HashType::Sha256), SHA256);
        assert_eq!(of_pem(&format!("\n{KEY}\n\n"), HashType::Sha256), SHA256);
    }

    #[test]
    fn the_form_is_checked() {
        assert!(is_fingerprint(SHA256) && is_fingerprint(SHA512));
        for text in [
            "",
            "ab",
            "ab:cd",
            &SHA256[..93],
            &SHA256.replace(':', "-"),
            &format!("{SHA256}:zz"),
        ] {
            assert!(
                !is_fingerprint(text) && !may_be_master_finger(text),
                "{text}"
            );
        }
        let md5 = &SHA256[..47];
        assert!(may_be_master_finger(SHA256) && may_be_master_finger(SHA512));
        assert!(may_be_master_finger(md5) && !is_fingerprint(md5));
        // a minion would never find it to be the same
        assert!(!may_be_master_finger(&SHA256.to_uppercase()));
    }
}
