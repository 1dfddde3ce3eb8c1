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

/// A volume: a root disk or an extra one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VolumeSpec {
    /// Its size, in GiB, or text with its unit: `1TiB`. A root disk may go without, which takes the size's disk then.
    #[serde(
        default,
        deserialize_with = "numeric::optional_gib",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "GiB"))]
    pub size: Option<u64>,
    /// The pool that it comes from; else the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "storage_pool")]
    #[schemars(extend("x-synonyms" = ["storage_pool"]))]
    pub pool: Option<String>,
    /// The volume type; the host's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<String>,
    /// Its availability zone; the server's where volumes have one of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// A volume that is there already, by name or id; it stays when the server goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// A snapshot of a volume that it begins with, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Whether it goes with the server; as if true when absent, unless it was there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
}
