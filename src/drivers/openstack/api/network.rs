//! Neutron's answers.

use serde::Deserialize;

/// A network, by `/v2.0/networks`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Network {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) admin_state_up: bool,
    #[serde(default)]
    pub(crate) shared: bool,
    /// Ids.
    #[serde(default)]
    pub(crate) subnets: Vec<String>,
    #[serde(rename = "router:external", default)]
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
    #[serde(default)]
    pub(crate) name: String,
}
