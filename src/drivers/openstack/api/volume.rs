//! Cinder's answers.

use serde::Deserialize;

use super::lenient;

/// A kind of volume, by `/types`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct VolumeType {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A volume, by `/volumes/detail`; a snapshot of one, by `/snapshots`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Volume {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
    /// `available`, `in-use` …
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) status: String,
    /// `true` or `false`, as text.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) bootable: String,
    /// GiB.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) size: u64,
    /// The image that it was made from.
    #[serde(
        rename = "volume_image_metadata",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) image: Option<ImageOfVolume>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ImageOfVolume {
    #[serde(rename = "image_name", default, deserialize_with = "lenient::value")]
    pub(crate) name: Option<String>,
}

/// `/limits`.
#[derive(Debug, Deserialize)]
pub(crate) struct LimitsAnswer {
    pub(crate) limits: Limits,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Limits {
    pub(crate) absolute: AbsoluteLimits,
}

/// What the project may use and does, in GiB; −1 is without limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AbsoluteLimits {
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) max_total_volume_gigabytes: Option<i64>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) total_gigabytes_used: i64,
}
