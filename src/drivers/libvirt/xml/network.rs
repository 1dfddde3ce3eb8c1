//! `<network>`: <https://libvirt.org/formatnetwork.html>.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
pub(crate) struct Network {
    pub(crate) forward: Option<Forward>,
    pub(crate) bridge: Option<Bridge>,
    #[serde(default)]
    pub(crate) ip: Vec<Ip>,
    #[serde(default)]
    pub(crate) portgroup: Vec<PortGroup>,
    dns: Option<Dns>,
}

#[derive(Debug, Deserialize)]
struct Dns {
    #[serde(default)]
    host: Vec<DnsHost>,
}

#[derive(Debug, Deserialize)]
struct Dhcp {
    #[serde(default)]
    range: Vec<Range>,
    #[serde(default)]
    host: Vec<DhcpHost>,
}

#[derive(Debug, Deserialize)]
struct Range {
    #[serde(rename = "@start")]
    start: IpAddr,
    #[serde(rename = "@end")]
    end: IpAddr,
}

/// A host for which the DHCP server keeps an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "host")]
pub(crate) struct DhcpHost {
    #[serde(rename = "@mac", skip_serializing_if = "Option::is_none")]
    pub(crate) mac: Option<String>,
    #[serde(rename = "@name", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(rename = "@ip", skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<String>,
}

impl DhcpHost {
    /// Whether it is `other`, however the card's address is written.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let lower = |host: &Self| host.mac.as_ref().map(|mac| mac.to_lowercase());
        lower(self) == lower(other) && (&self.name, &self.ip) == (&other.name, &other.ip)
    }
}

/// Names that the DNS server has for an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "host")]
pub(crate) struct DnsHost {
    #[serde(rename = "@ip")]
    pub(crate) ip: Option<String>,
    #[serde(default)]
    pub(crate) hostname: Vec<String>,
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
    dhcp: Option<Dhcp>,
}

impl Network {
    /// What kind it is: its forward mode, or `isolated`.
    pub(crate) fn kind(&self) -> String {
        match &self.forward {
            None => "isolated".to_owned(),
            Some(forward) => forward.mode.clone().unwrap_or_else(|| "nat".to_owned()),
        }
    }

    /// The first IPv4 network of it with a DHCP server: libvirt keeps addresses of this one.
    fn served(&self) -> Option<(&Ip, &Dhcp)> {
        let is_v4 = |ip: &&Ip| ip.address.is_some_and(|address| address.is_ipv4());
        let mut served = self.ip.iter().filter(is_v4);
        served.find_map(|ip| ip.dhcp.as_ref().map(|dhcp| (ip, dhcp)))
    }

    /// From where to where its DHCP server gives addresses.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (Ipv4Addr, Ipv4Addr)> {
        let ranges = self.served().into_iter().flat_map(|(_, dhcp)| &dhcp.range);
        ranges.filter_map(|range| match (range.start, range.end) {
            (IpAddr::V4(start), IpAddr::V4(end)) => Some((start, end)),
            _ => None,
        })
    }

    /// The hosts for which its DHCP server keeps addresses.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &DhcpHost> {
        self.served().into_iter().flat_map(|(_, dhcp)| &dhcp.host)
    }

    /// The hosts that its DNS server has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &DnsHost> {
        self.dns.iter().flat_map(|dns| &dns.host)
    }

    /// Its host's own addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.ip.iter().filter_map(|ip| ip.address)
    }

    /// Whether `ip` is one of those that its DHCP server may keep.
    pub(crate) fn has(&self, ip: IpAddr) -> bool {
        let subnet = self.served().and_then(|(served, _)| served.net());
        subnet.is_some_and(|subnet| subnet.contains(&ip)) && self.addresses().all(|own| own != ip)
    }
}

impl Ip {
    /// Its subnet, as CIDR.
    pub(crate) fn subnet(&self) -> Option<String> {
        self.net().map(|net| net.to_string())
    }

    fn net(&self) -> Option<ipnet::IpNet> {
        let address = self.address?;
        let net = match (self.prefix, self.netmask) {
            (Some(prefix), _) => ipnet::IpNet::new(address, prefix).ok()?,
            (None, Some(mask)) => ipnet::IpNet::with_netmask(address, mask).ok()?,
            (None, None) => return None,
        };
        Some(net.trunc())
    }
}

#[cfg(test)]
mod tests;
