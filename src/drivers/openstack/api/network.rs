//! Neutron's answers.

use serde::Deserialize;

use super::lenient;

/// A network, by `/v2.0/networks`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Network {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) admin_state_up: bool,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) shared: bool,
    /// Ids.
    #[serde(default, deserialize_with = "lenient::items")]
    pub(crate) subnets: Vec<String>,
    #[serde(
        rename = "router:external",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) external: bool,
}

/// A subnet, by `/v2.0/subnets`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) network_id: String,
    pub(crate) cidr: String,
}

/// A security group, by `/v2.0/security-groups`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
}
