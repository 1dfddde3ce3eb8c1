//! The protocol's `key.*` methods.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ExpectedKey, HashType, KeyPair, MinionId, PublicKey, RsaBits, accept, revoke, write_key_files,
};
use crate::confined_dir::ConfinedDir;
use crate::error::io_error;
use crate::plain_file;
use crate::units::KIB;
use crate::{Error, Result, Secret};

/// Far more than a public key takes.
const LONGEST_FILE: u64 = 64 * KIB;

/// `key.generate`: make a minion's key pair.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyGenerate {
    /// 2048, 3072 or 4096 (the default).
    #[serde(default)]
    pub bits: RsaBits,
    /// A folder to write `<id>.pem` and `<id>.pub` to; the answer then holds no private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_dir: Option<PathBuf>,
    /// The names of the files; goes with `output_dir`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MinionId>,
}

/// The answer to `key.generate`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KeyGenerated {
    /// PKCS#1 PEM; left out when it was written to a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Secret>,
    /// SPKI PEM.
    pub public_key: String,
    /// SHA-256, as `salt-key -f` shows it.
    pub fingerprint: String,
    /// The key's length.
    pub bits: RsaBits,
    /// The private key's file (0400), if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_key_path: Option<PathBuf>,
    /// The public key's file (0644), if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key_path: Option<PathBuf>,
}

/// Makes a key pair, and its files if asked to.
///
/// # Errors
/// [`crate::Kind::InvalidField`] if only one of `output_dir` and `id` is given; those of writing the files.
pub fn key_generate(request: &KeyGenerate) -> Result<KeyGenerated> {
    let target = match (&request.output_dir, &request.id) {
        (None, None) => None,
        (Some(directory), Some(id)) => Some((directory, id)),
        (Some(_), None) => {
            return Err(Error::invalid(
                "/id",
                "`output_dir` needs `id`, which names the files",
            ));
        }
        (None, Some(_)) => {
            return Err(Error::invalid(
                "/output_dir",
                "`id` names files: say where, in `output_dir`",
            ));
        }
    };
    if let Some((directory, _)) = target {
        // before the second that the key takes
        ConfinedDir::open(directory).map_err(|error| error.with_field("/output_dir"))?;
    }
    let pair = KeyPair::generate(request.bits)?;
    let files = match target {
        Some((directory, id)) => Some(
            write_key_files(directory, id, &pair)
                .map_err(|error| error.with_field("/output_dir"))?,
        ),
        None => None,
    };
    Ok(KeyGenerated {
        private_key: files.is_none().then(|| pair.private().clone()),
        public_key: pair.public().pem().to_owned(),
        fingerprint: pair.public().fingerprint(HashType::Sha256),
        bits: request.bits,
        private_key_path: files.as_ref().map(|files| files.private.clone()),
        public_key_path: files.map(|files| files.public),
    })
}

/// `key.accept`: accept a minion's key on this master.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAccept {
    /// The master's pki directory, `/etc/salt/pki/master` as shipped.
    pub pki_dir: PathBuf,
    /// The minion.
    pub id: MinionId,
    /// Its public key, SPKI PEM.
    pub public_key: String,
}

/// The answer to `key.accept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyAccepted {
    /// False if this very key was accepted already.
    pub accepted: bool,
    /// The key's file on the master.
    pub path: PathBuf,
    /// SHA-256, as `salt-key -f` shows it.
    pub fingerprint: String,
}

/// Accepts a key; see [`accept`].
pub(crate) fn key_accept(request: &KeyAccept) -> Result<KeyAccepted> {
    let key = PublicKey::from_pem(&request.public_key)?;
    let done = accept(&request.pki_dir, &request.id, &key)?;
    Ok(KeyAccepted {
        accepted: done.is_new,
        path: done.path,
        fingerprint: done.fingerprint,
    })
}

/// `key.revoke`: take a minion's key off this master, if it is the one that is meant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRevoke {
    /// The master's pki directory.
    pub pki_dir: PathBuf,
    /// The minion.
    pub id: MinionId,
    /// The key that is meant, SPKI PEM; either this or `fingerprint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The fingerprint of the key that is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// The answer to `key.revoke`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyRevoked {
    /// False if there was no key of that id.
    pub revoked: bool,
    /// Where the key was, or would have been.
    pub path: PathBuf,
}

/// Revokes a key; see [`revoke`].
///
/// # Errors
/// Those of [`revoke`]; [`crate::Kind::InvalidField`] unless just one of `public_key` and `fingerprint` is given.
pub(crate) fn key_revoke(request: &KeyRevoke) -> Result<KeyRevoked> {
    let expected = match (&request.public_key, &request.fingerprint) {
        (Some(key), None) => ExpectedKey::Key(PublicKey::from_pem(key)?),
        (None, Some(fingerprint)) => ExpectedKey::from_fingerprint(fingerprint)?,
        _ => {
            let message = "say which key is meant, by either `public_key` or `fingerprint`";
            return Err(Error::invalid("/fingerprint", message));
        }
    };
    let done = revoke(&request.pki_dir, &request.id, &expected)?;
    Ok(KeyRevoked {
        revoked: done.revoked,
        path: done.path,
    })
}

/// `key.fingerprint`: the fingerprint of a public key.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFingerprint {
    /// The key, SPKI PEM; either this or `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// A file that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// `sha256` (the default) or `sha512`.
    #[serde(default)]
    pub hash_type: HashType,
}

/// The answer to `key.fingerprint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyFingerprinted {
    /// Pairs of hexadecimal digits with colons between them, as `salt-key -f` shows it.
    pub fingerprint: String,
}

/// Works out a fingerprint.
///
/// # Errors
/// [`crate::Kind::InvalidField`] unless just one of `public_key` and `path` is given, and it is a public key.
pub(crate) fn key_fingerprint(request: &KeyFingerprint) -> Result<KeyFingerprinted> {
    let key = match (&request.public_key, &request.path) {
        (Some(text), None) => PublicKey::from_pem(text)?,
        (None, Some(path)) => {
            let text = plain_file::text(path, LONGEST_FILE)
                .map_err(|error| io_error("read", path, &error).with_field("/path"))?;
            PublicKey::from_pem(&text).map_err(|error| error.with_field("/path"))?
        }
        _ => {
            return Err(Error::invalid(
                "/public_key",
                "give either `public_key` or `path`",
            ));
        }
    };
    Ok(KeyFingerprinted {
        fingerprint: key.fingerprint(request.hash_type),
    })
}

#[cfg(test)]
mod tests;
