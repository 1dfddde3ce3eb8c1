//! The base driver: what a driver does that overrides nothing, which serves every cloud that Salt
//! supports by itself.

pub(super) mod salt_cloud;

use super::form::{FieldType, Step};
use crate::{Error, Kind};

/// The base steps: *Provider info*, *Network & security group*, *Image & size*.
#[must_use]
pub fn steps() -> Vec<Step> {
    vec![
        Step::new("Provider info")
            .field("provider_name", "Provider name", FieldType::Str)
            .field("username", "Username", FieldType::Str)
            .field("password", "Password", FieldType::Str)
            .field("location", "Location", FieldType::Str),
        Step::new("Network & security group")
            .field(
                "netsec_desc",
                "Choose the network, and where the host has them the security group, that servers \
                 get unless they say otherwise.",
                FieldType::Description,
            )
            .field("network", "Default network", FieldType::Options)
            .field("sec_group", "Default security group", FieldType::Options),
        Step::new("Image & size")
            .field("image", "Default image", FieldType::Options)
            .field("size", "Default size", FieldType::Options),
    ]
}

/// The error of a driver that is asked for what it does not do.
#[must_use]
pub fn unsupported(driver_id: &str, what: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("the driver {driver_id} cannot {what}"),
    )
}
