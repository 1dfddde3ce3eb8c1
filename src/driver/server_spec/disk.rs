//! A server's disks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::numeric;

/// How the root disk is made from the image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CloneMode {
    /// An overlay that keeps only what differs from the image.
    #[default]
    Linked,
    /// A copy of the image.
    Full,
}

impl CloneMode {
    // serde hands over a reference
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn is_linked(&self) -> bool {
        *self == Self::Linked
    }
}

/// An extra disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DiskSpec {
    /// Its size, in GiB, or text with its unit: `1TiB`.
    #[serde(deserialize_with = "numeric::gib")]
    #[schemars(extend("x-unit" = "GiB"))]
    pub size: u64,
    /// The pool that it comes from; else the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "storage_pool")]
    #[schemars(extend("x-synonyms" = ["storage_pool"]))]
    pub pool: Option<String>,
}

/// A root disk that is a volume of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BootVolumeSpec {
    /// Its size, in GiB; the size's disk when absent.
    #[serde(
        default,
        deserialize_with = "numeric::optional_gib",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "GiB", "x-option" = "--boot-volume"))]
    pub size: Option<u64>,
    /// The volume type; the host's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--volume-type"))]
    pub volume_type: Option<String>,
}
