//! What drivers answer about servers, and how they are asked to go about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::server::Server;
use crate::LeftBehind;

/// How far to wait once a server is started.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WaitFor {
    /// Defined, and not started at all.
    Defined,
    /// Started.
    Running,
    /// It has an address: a lease, or one that the guest agent reports.
    Address,
    /// Its minion has told the master on this machine that it has started.
    Minion,
}

/// How `server.create` goes about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateOptions {
    /// How far to wait; `running` when absent.
    pub wait: Option<WaitFor>,
    /// How long to wait, in seconds; 300 when absent. Passing it means "not ready", not "failed".
    pub timeout: Option<u64>,
    /// Whether to take the private key off the seed once the minion has started; needs `wait` to go as
    /// far as that.
    pub seal: bool,
}

/// What `server.create` answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Created {
    /// Whether it was made now; false when it stood already, with the same specification.
    #[serde(default = "crate::decode::yes")]
    pub created: bool,
    /// Whether it got as far as `wait` asked.
    #[serde(default = "crate::decode::yes")]
    pub ready: bool,
    /// Whether the private key was taken off the seed.
    #[serde(default)]
    pub sealed: bool,
    /// The server.
    pub server: Server,
    /// The minion's key, where there is a minion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minion: Option<CreatedMinion>,
    /// What the caller should know although nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Created {
    /// A server that was made, and is as far as was asked.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self {
            created: true,
            ready: true,
            sealed: false,
            server,
            minion: None,
            warnings: Vec::new(),
        }
    }
}

/// The minion of a created server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CreatedMinion {
    /// Its id.
    pub id: String,
    /// The fingerprint of its public key, as `salt-key -f` shows it.
    pub fingerprint: String,
    /// Its public key (PEM), so that a master elsewhere can accept it.
    pub public_key: String,
    /// Whether it was accepted in a `pki_dir` here.
    pub accepted: bool,
}

/// What `server.plan` answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlanAnswer {
    /// Whether `server.create` would make it; false when it exists already.
    pub create: bool,
    /// The steps, in the order in which they would be taken, for people.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The plan: names, volumes, XML, the seed's files. Secrets are left out.
    #[serde(default)]
    pub plan: Value,
    /// What the caller should know although nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl PlanAnswer {
    /// A server that would be made by `steps`, or, without `create`, that exists.
    #[must_use]
    pub fn new(create: bool, steps: Vec<String>, plan: Value) -> Self {
        Self {
            create,
            steps,
            plan,
            warnings: Vec::new(),
        }
    }
}

/// How `server.delete` goes about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteOptions {
    /// The master's `pki_dir`, when it is not where the key was accepted.
    pub pki_dir: Option<String>,
    /// Delete a server that this program did not make, or whose pools are gone; its volumes stay.
    pub force: bool,
}

/// What `server.delete` answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Deleted {
    /// True; a failure is an error.
    #[serde(default = "crate::decode::yes")]
    pub success: bool,
    /// What happened, for people.
    #[serde(default)]
    pub message: String,
    /// Whether there was anything to delete.
    #[serde(default = "crate::decode::yes")]
    pub deleted: bool,
    /// What was removed.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// What stays on purpose, such as somebody else's key under the minion's id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftBehind>,
    /// The id of the minion whose key was revoked, or would have to be where no `pki_dir` is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minion_id: Option<String>,
}

impl Deleted {
    /// A server that is gone, or, without `deleted`, was not there; `message` says so.
    #[must_use]
    pub fn new(message: impl Into<String>, deleted: bool) -> Self {
        Self {
            success: true,
            message: message.into(),
            deleted,
            removed: Vec::new(),
            left: Vec::new(),
            minion_id: None,
        }
    }
}

/// Something that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Removed {
    /// What it was: `domain`, `volume`, `nvram`, `minion_key` …
    pub resource: String,
    /// Where it was.
    pub name: String,
}

impl Removed {
    /// The `resource` (`volume`, `domain` …) that was at `name`.
    #[must_use]
    pub fn new(resource: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            name: name.into(),
        }
    }
}

/// How `server.recover` goes about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoverOptions {
    /// Whether to remove the orphans too, which are only named otherwise.
    pub remove_orphans: bool,
}

/// What `server.recover` answers: creations and deletions that were cut off, and what became of their
/// parts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Recovered {
    /// What was removed.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// What is still there and must still be removed.
    #[serde(default)]
    pub left_behind: Vec<LeftBehind>,
    /// What stays on purpose, such as somebody else's key under a minion's id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftBehind>,
    /// What this program made for servers that are no more, and that is still there.
    #[serde(default)]
    pub orphans: Vec<LeftBehind>,
}

/// An image to bring to the host.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ImageImport {
    /// A file on this machine, or an `http://` or `https://` URL; it may be packed by gzip, xz, bzip2 or zstd.
    pub source: String,
    /// What the image is called on the host; the source's file name when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The pool that takes it; else the provider's.
    #[serde(default)]
    pub pool: Option<String>,
    /// `qcow2` or `raw`. Stated, not guessed; when absent the name's ending says it.
    #[serde(default)]
    pub format: Option<String>,
    /// The SHA-256 that it must have, in hex, or the URL of a list of such (`SHA256SUMS`). Of what is packed it may be
    /// that of the packed file.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// What `image.import` answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ImageImported {
    /// Whether it was brought now; false when the host had it already.
    pub imported: bool,
    /// The image.
    pub image: super::inventory::Image,
    /// The SHA-256 of what was sent, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl ImageImported {
    /// An image that was brought, or, without `imported`, that the host had.
    #[must_use]
    pub fn new(imported: bool, image: super::inventory::Image) -> Self {
        Self {
            imported,
            image,
            sha256: None,
        }
    }
}
