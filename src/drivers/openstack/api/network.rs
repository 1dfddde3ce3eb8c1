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
    /// Whether security groups apply to its ports; not every cloud tells.
    #[serde(
        rename = "port_security_enabled",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) port_security: Option<bool>,
}

/// A subnet, by `/v2.0/subnets`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
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

/// A floating IP, by `/v2.0/floatingips`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FloatingIp {
    pub(crate) id: String,
    #[serde(rename = "floating_ip_address")]
    pub(crate) address: String,
    #[serde(rename = "floating_network_id")]
    pub(crate) network_id: String,
    /// The port that it leads to.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) port_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) description: String,
    /// How often it was changed.
    #[serde(
        rename = "revision_number",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) revision: Option<u64>,
}

/// A router, by `/v2.0/routers`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Router {
    pub(crate) id: String,
    /// The external network that it leads to.
    #[serde(
        rename = "external_gateway_info",
        default,
        deserialize_with = "lenient::value"
    )]
    pub(crate) gateway: Option<Gateway>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Gateway {
    pub(crate) network_id: String,
}

/// A port, by `/v2.0/ports`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Port {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) network_id: String,
    /// What uses it.
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) device_id: String,
}
