//! A minion's key pair as files.

use std::path::{Path, PathBuf};

use super::{KeyPair, MinionId};
use crate::Result;
use crate::confined_dir::ConfinedDir;

/// Where [`write_key_files`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFiles {
    /// The private key, mode 0400.
    pub private: PathBuf,
    /// The public key, mode 0644.
    pub public: PathBuf,
}

/// What the private and the public key of `id` are called, as `salt-key --gen-keys` names them.
pub(crate) fn key_names(id: &str) -> [String; 2] {
    ["pem", "pub"].map(|end| format!("{id}.{end}"))
}

/// Writes `<id>.pem` and `<id>.pub` into `directory`; both or neither.
///
/// # Errors
/// [`crate::Kind::AlreadyExists`] if either is there: keys are never overwritten.
pub(crate) fn write_key_files(directory: &Path, id: &MinionId, pair: &KeyPair) -> Result<KeyFiles> {
    let folder = ConfinedDir::open(directory)?;
    let [private, public] = key_names(id.as_str());
    folder.create_new(&private, pair.private().expose().as_bytes(), 0o400)?;
    if let Err(error) = folder.create_new(&public, pair.public().pem().as_bytes(), 0o644) {
        folder.remove(&private)?;
        return Err(error);
    }
    Ok(KeyFiles {
        private: folder.path_of(&private),
        public: folder.path_of(&public),
    })
}
