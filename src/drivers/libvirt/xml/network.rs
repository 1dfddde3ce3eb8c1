//! `<network>`: <https://libvirt.org/formatnetwork.html>.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Network {
    pub(crate) forward: Option<Forward>,
    pub(crate) bridge: Option<Bridge>,
    #[serde(default)]
    pub(crate) ip: Vec<Ip>,
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
mod tests {
    use super::*;
    use crate::drivers::libvirt::xml::from_xml;

    #[test]
    fn reads_a_nat_network() {
        let network: Network = from_xml(
            "default",
            "<network connections='1'><name>default</name><forward mode='nat'><nat><port start='1'/></nat></forward>\
             <bridge name='virbr0' stp='on'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp/></ip>\
             <ip family='ipv6' address='fd00::1' prefix='64'/></network>",
        )
        .unwrap();
        assert_eq!(network.kind(), "nat");
        let subnets: Vec<_> = network.ip.iter().filter_map(Ip::subnet).collect();
        assert_eq!(subnets, ["192.168.122.0/24", "fd00::/64"]);
    }

    #[test]
    fn a_network_without_forward_is_isolated() {
        let network: Network = from_xml("n", "<network><name>n</name></network>").unwrap();
        assert_eq!(network.kind(), "isolated");
    }
}
