//! A server as answers show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a server is doing, in `va_master`'s (and Nova's) words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Running.
    Active,
    /// Halted in memory.
    Paused,
    /// Off.
    Shutoff,
    /// Asleep by its own power management, or saved to disk.
    Suspended,
    /// Being made.
    Build,
    /// Broken.
    Error,
    /// The host does not say.
    Unknown,
}

impl Status {
    /// The state in salt-cloud's words. `salt-cloud -m -a` knows `running` and `stopped`.
    #[must_use]
    pub fn salt_state(self) -> &'static str {
        match self {
            Self::Active => "running",
            Self::Paused => "paused",
            Self::Shutoff => "stopped",
            Self::Suspended => "suspended",
            Self::Build => "pending",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }
}

/// A server: the members that `va_master` reads, and those that salt-cloud wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Server {
    /// Its name.
    pub hostname: String,
    /// Its name, again under the word that most programs use.
    pub name: String,
    /// Its id on the host.
    pub id: String,
    /// Its first address; empty when none is known.
    pub ip: String,
    /// Its size: the flavour's name, or `<cpus>cpu-<MiB>MiB` where no flavour fits.
    pub size: String,
    /// What it is doing.
    pub status: Status,
    /// The same in salt-cloud's words.
    pub state: String,
    /// The provider's name.
    pub provider: String,
    /// The image that it was made from, where that is known.
    pub image: Option<String>,
    /// Memory it holds, in MiB.
    pub used_ram: u64,
    /// Virtual CPUs.
    pub used_cpu: u64,
    /// Its disks, in GiB.
    pub used_disk: u64,
    /// Price so far; 0 where the provider has no prices.
    pub cost: f64,
    /// Price for a month; 0 where the provider has no prices.
    pub estimated_cost: f64,
    /// Addresses that the world can reach.
    pub public_ips: Vec<String>,
    /// Addresses of its own networks.
    pub private_ips: Vec<String>,
    /// When it was made (RFC 3339), where the host or its record tells; libvirt's in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Network interfaces, in the full view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<ServerInterface>,
    /// The role that it was made with, in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The id of its Salt minion, in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minion_id: Option<String>,
    /// Whether this program made it, so that it can delete all that belongs to it, in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// The provider by which it was made, which may be another one of the same host, in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// Where its console listens, in the full view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// What the caller should know of it, such as that it could not be read wholly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Server {
    /// The server `name` of `provider` of which nothing more is known yet.
    #[must_use]
    pub fn new(provider: &str, name: &str, id: String, status: Status) -> Self {
        Self {
            hostname: name.to_owned(),
            name: name.to_owned(),
            id,
            ip: String::new(),
            size: String::new(),
            status,
            state: status.salt_state().to_owned(),
            provider: provider.to_owned(),
            image: None,
            used_ram: 0,
            used_cpu: 0,
            used_disk: 0,
            cost: 0.0,
            estimated_cost: 0.0,
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            created_at: None,
            interfaces: Vec::new(),
            role: None,
            minion_id: None,
            managed: None,
            made_by: None,
            console: None,
            warnings: Vec::new(),
        }
    }
}

/// A network interface of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ServerInterface {
    /// Its MAC address.
    pub mac: String,
    /// The network, bridge or device that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Its addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// Splits addresses into those that the world can reach and those that it cannot.
#[must_use]
pub fn split_addresses(addresses: &[std::net::IpAddr]) -> (Vec<String>, Vec<String>) {
    let (private, public): (Vec<_>, Vec<_>) = addresses.iter().partition(|ip| match ip {
        std::net::IpAddr::V4(v4) => {
            v4.is_private() || v4.is_link_local() || v4.is_loopback() || is_shared(*v4)
        }
        std::net::IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unique_local()
        }
    });
    let text = |list: Vec<&std::net::IpAddr>| list.iter().map(ToString::to_string).collect();
    (text(public), text(private))
}

/// 100.64.0.0/10, the carriers' NAT range (RFC 6598).
fn is_shared(ip: std::net::Ipv4Addr) -> bool {
    ip.octets()[0] == 100 && (ip.octets()[1] & 0xc0) == 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_by_who_can_reach_them() {
        let all = [
            "192.168.1.2",
            "8.8.8.8",
            "fe80::1",
            "2001:db8::1",
            "100.64.1.1",
        ];
        let all: Vec<_> = all.iter().map(|text| text.parse().unwrap()).collect();
        let (public, private) = split_addresses(&all);
        assert_eq!(public, ["8.8.8.8", "2001:db8::1"]);
        assert_eq!(private, ["192.168.1.2", "fe80::1", "100.64.1.1"]);
    }
}
