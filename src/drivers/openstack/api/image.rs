//! Glance's answers.

use serde::Deserialize;

/// An image, by `/v2/images`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Image {
    pub(in crate::drivers::openstack) id: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) name: Option<String>,
    /// `active`, `queued`, `saving`, `deactivated` …
    #[serde(default)]
    pub(in crate::drivers::openstack) status: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) disk_format: Option<String>,
    /// Bytes that Glance stores.
    #[serde(default)]
    pub(in crate::drivers::openstack) size: Option<u64>,
    /// Bytes that a guest sees; not every cloud tells.
    #[serde(default)]
    pub(in crate::drivers::openstack) virtual_size: Option<u64>,
    /// GiB that its root disk must have.
    #[serde(default)]
    pub(in crate::drivers::openstack) min_disk: u64,
    /// MiB of memory that its servers must have.
    #[serde(default)]
    pub(in crate::drivers::openstack) min_ram: u64,
    /// The project that it belongs to.
    #[serde(default)]
    pub(in crate::drivers::openstack) owner: Option<String>,
    /// What `os_hash_value` is made with: `sha512` unless the cloud says otherwise.
    #[serde(default)]
    pub(in crate::drivers::openstack) os_hash_algo: Option<String>,
    #[serde(default)]
    pub(in crate::drivers::openstack) os_hash_value: Option<String>,
    /// What this program has written down of an image that it brought.
    #[serde(rename = "va_driver_sha256", default)]
    pub(in crate::drivers::openstack) sha256: Option<String>,
}
