//! Glance's answers.

use serde::Deserialize;

use super::lenient;

/// An image, by `/v2/images`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Image {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: Option<String>,
    /// `active`, `queued`, `saving`, `deactivated` …
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) status: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) disk_format: Option<String>,
    /// Bytes that Glance stores.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) size: Option<u64>,
    /// Bytes that a guest sees; not every cloud tells.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) virtual_size: Option<u64>,
    /// GiB that its root disk must have.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) min_disk: u64,
    /// MiB of memory that its servers must have.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) min_ram: u64,
    /// The project that it belongs to.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) owner: Option<String>,
    /// What `os_hash_value` is made with: `sha512` unless the cloud says otherwise.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) os_hash_algo: Option<String>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) os_hash_value: Option<String>,
    /// Whether its owner has kept it from being deleted.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) protected: bool,
    #[serde(default, deserialize_with = "lenient::items")]
    pub(crate) tags: Vec<String>,
    /// The SHA-256 that this program was given for an image that it brought, and has found.
    #[serde(
        rename = "va_driver_sha256",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) sha256: Option<String>,
}
