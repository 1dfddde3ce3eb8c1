//! Neutron's answers.

use serde::Deserialize;

/// A network, by `/v2.0/networks`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Network {
    pub(in crate::drivers::openstack) id: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) name: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) status: Option<String>,
    #[serde(default)]
    pub(in crate::drivers::openstack) admin_state_up: bool,
    #[serde(default)]
    pub(in crate::drivers::openstack) shared: bool,
    #[serde(rename = "router:external", default)]
    pub(in crate::drivers::openstack) external: bool,
}

/// A subnet, by `/v2.0/subnets`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct Subnet {
    pub(in crate::drivers::openstack) network_id: String,
    pub(in crate::drivers::openstack) cidr: String,
}

/// A security group, by `/v2.0/security-groups`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::drivers::openstack) struct SecurityGroup {
    pub(in crate::drivers::openstack) id: String,
    #[serde(default)]
    pub(in crate::drivers::openstack) name: String,
}
