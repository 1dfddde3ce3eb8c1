//! `<network>`: <https://libvirt.org/formatnetwork.html>.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Network {
    pub(crate) forward: Option<Forward>,
    pub(crate) bridge: Option<Bridge>,
    #[serde(default)]
    pub(crate) ip: Vec<Ip>,
    #[serde(default)]
    pub(crate) portgroup: Vec<PortGroup>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PortGroup {
    #[serde(rename = "@name")]
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Forward {
    #[serde(rename = "@mode")]
    pub(crate) mode: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Bridge {
    #[serde(rename = "@name")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ip {
    #[serde(rename = "@address")]
    address: Option<std::net::IpAddr>,
    #[serde(rename = "@netmask")]
    netmask: Option<std::net::IpAddr>,
    #[serde(rename = "@prefix")]
    prefix: Option<u8>,
}

impl Network {
    /// What kind it is: its forward mode, or `isolated`.
    pub(crate) fn kind(&self) -> String {
        match &self.forward {
            None => "isolated".to_owned(),
            Some(forward) => forward.mode.clone().unwrap_or_else(|| "nat".to_owned()),
        }
    }
}

impl Ip {
    /// Its subnet, as CIDR.
    pub(crate) fn subnet(&self) -> Option<String> {
        let address = self.address?;
        let net = match (self.prefix, self.netmask) {
            (Some(prefix), _) => ipnet::IpNet::new(address, prefix).ok()?,
            (None, Some(mask)) => ipnet::IpNet::with_netmask(address, mask).ok()?,
            (None, None) => return None,
        };
        Some(net.trunc().to_string())
    }
}

#[cfg(test)]
mod tests;
