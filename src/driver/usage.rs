//! What drivers answer about a provider: whether it can be used, how much, and what it costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::server::Server;

/// Whether a provider can be used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ProviderStatus {
    /// Whether the host answered.
    #[serde(default = "crate::decode::yes")]
    pub success: bool,
    /// What it said, for people.
    pub message: String,
    /// The driver's version of the host software, such as `libvirt 9.0.0, QEMU 7.2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What the caller should know although nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl ProviderStatus {
    /// A host that answered with `message`.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            success: true,
            message: message.into(),
            host: None,
            warnings: Vec::new(),
        }
    }
}

/// The largest number that every reader of JSON takes for what it is.
const LARGEST: u64 = (1 << 53) - 1;

/// How much of something is used, free, and there at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Usage {
    /// In use.
    pub used: u64,
    /// Still free; 0 when more is given out than there is.
    pub free: u64,
    /// All there is.
    pub max: u64,
    /// No limit is set: `free` and `max` are the largest number that JSON carries safely.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlimited: bool,
    /// The host does not say: the numbers are 0 and mean nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

impl Usage {
    /// What the host does not say.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }

    /// `used` of as much as anyone wants.
    #[must_use]
    pub fn unlimited(used: u64) -> Self {
        Self {
            used,
            free: LARGEST,
            max: LARGEST,
            unlimited: true,
            unknown: false,
        }
    }

    /// `used` of `max`.
    #[must_use]
    pub fn of(used: u64, max: u64) -> Self {
        Self {
            used,
            free: max.saturating_sub(used),
            max,
            unlimited: false,
            unknown: false,
        }
    }
}

/// What a provider holds and has room for.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ProviderData {
    /// Virtual CPUs against the host's, or the project's quota.
    pub cpus: Usage,
    /// Memory, in MiB.
    pub ram: Usage,
    /// Disk of the pool, or volumes of the project, in GiB.
    pub disk: Usage,
    /// How many servers there are.
    pub server_count: u64,
    /// How many there may be, where that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_servers: Option<u64>,
    /// The servers.
    pub servers: Vec<Server>,
    /// The availability zones that servers can be put in, where the host has such.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub availability_zones: Vec<String>,
    /// The names of SSH keys that the host keeps for its users, where it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_pairs: Vec<String>,
}

impl ProviderData {
    /// `servers` on a host, and what is used of it.
    #[must_use]
    pub fn new(cpus: Usage, ram: Usage, disk: Usage, servers: Vec<Server>) -> Self {
        Self {
            cpus,
            ram,
            disk,
            server_count: servers.len() as u64,
            max_servers: None,
            servers,
            availability_zones: Vec::new(),
            key_pairs: Vec::new(),
        }
    }
}

/// Hours in a month, as clouds bill them.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// What servers cost, from the prices in the provider.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Billing {
    /// The sum for an hour.
    pub hourly: f64,
    /// The sum for a month of 730 hours.
    pub monthly: f64,
    /// The provider's currency, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Each server's share.
    pub servers: Vec<BillingItem>,
}

impl Billing {
    /// The bill for `servers`, by the price for an hour that each of them has.
    #[must_use]
    pub fn of(servers: &[Server], currency: Option<String>) -> Self {
        // the sum of none at all would be -0
        let hourly = servers.iter().fold(0.0, |sum, server| sum + server.cost);
        Self {
            hourly,
            monthly: hourly * HOURS_PER_MONTH,
            currency,
            servers: servers
                .iter()
                .map(|server| BillingItem {
                    hostname: server.hostname.clone(),
                    size: server.size.clone(),
                    hourly: server.cost,
                })
                .collect(),
        }
    }
}

/// One server's share of the bill.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BillingItem {
    /// The server.
    pub hostname: String,
    /// Its size.
    pub size: String,
    /// Its price for an hour; 0 where its size has none.
    pub hourly: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Status;

    #[test]
    fn a_bill_is_the_sum_of_its_servers() {
        let server = |name: &str, cost| Server {
            cost,
            ..Server::new("p", name, name.to_owned(), Status::Active)
        };
        let bill = Billing::of(&[server("a", 0.5), server("b", 0.25)], Some("EUR".into()));
        assert_eq!((bill.hourly, bill.monthly), (0.75, 547.5));
        assert_eq!(bill.servers[1].hostname, "b");
        let none = serde_json::to_string(&Billing::of(&[], None)).unwrap();
        assert_eq!(none, r#"{"hourly":0.0,"monthly":0.0,"servers":[]}"#);
    }
}
