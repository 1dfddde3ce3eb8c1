//! Cinder's answers.

use serde::Deserialize;

/// A kind of volume, by `/types`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct VolumeType {
    pub(in crate::drivers::openstack) id: String,
    pub(in crate::drivers::openstack) name: String,
}

/// A volume, by `/volumes/detail`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Volume {
    pub(in crate::drivers::openstack) id: String,
    /// GiB.
    #[serde(default)]
    pub(in crate::drivers::openstack) size: u64,
    /// The image that it was made from.
    #[serde(rename = "volume_image_metadata", default)]
    pub(in crate::drivers::openstack) image: Option<ImageOfVolume>,
}

#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct ImageOfVolume {
    #[serde(rename = "image_name", default)]
    pub(in crate::drivers::openstack) name: Option<String>,
}

/// `/limits`.
#[derive(Debug, Deserialize)]
pub(in crate::drivers::openstack) struct LimitsAnswer {
    pub(in crate::drivers::openstack) limits: Limits,
}

#[derive(Debug, Deserialize)]
pub(in crate::drivers::openstack) struct Limits {
    pub(in crate::drivers::openstack) absolute: AbsoluteLimits,
}

/// What the project may use and does, in GiB; −1 is without limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::drivers::openstack) struct AbsoluteLimits {
    pub(in crate::drivers::openstack) max_total_volume_gigabytes: Option<i64>,
    pub(in crate::drivers::openstack) total_gigabytes_used: i64,
}
