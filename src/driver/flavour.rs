//! Flavours: the sizes that a libvirt provider offers, as `va_master` keeps them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numeric;
use crate::units::kib_of_gib;

/// Flavours by name, in the order in which the provider lists them.
pub type Flavours = IndexMap<String, Flavour>;

/// What a server of this size gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Flavour {
    /// Virtual CPUs.
    #[serde(deserialize_with = "numeric::number")]
    pub num_cpus: u64,
    /// Virtual CPUs that it can be given while it runs; `num_cpus` when absent.
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_cpus: Option<u64>,
    /// Memory at start, in KiB, or text with its unit: `4GiB`.
    #[serde(deserialize_with = "numeric::kib")]
    pub memory: u64,
    /// Memory that it can grow to, in KiB; `memory` when absent.
    #[serde(
        default,
        deserialize_with = "numeric::optional_kib",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_memory: Option<u64>,
    /// Size of the root disk, in GiB, or text with its unit: `1TiB`.
    #[serde(deserialize_with = "numeric::gib")]
    pub vol_capacity: u64,
    /// Domain type for servers of this size: `auto`, `kvm` or `qemu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virt_type: Option<String>,
    /// Price for an hour, in the provider's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

impl Flavour {
    /// Virtual CPUs that it can be given while it runs.
    #[must_use]
    pub fn max_cpus(&self) -> u64 {
        self.max_cpus.unwrap_or(self.num_cpus).max(self.num_cpus)
    }

    /// Memory that it can grow to, in KiB.
    #[must_use]
    pub fn max_memory(&self) -> u64 {
        self.max_memory.unwrap_or(self.memory).max(self.memory)
    }
}

/// The flavours of a provider that brings none.
#[must_use]
pub fn defaults() -> Flavours {
    [
        ("va-small", 1, 1, 5),
        ("va-medium", 2, 2, 20),
        ("va-large", 4, 8, 50),
    ]
    .into_iter()
    .map(|(name, num_cpus, memory_gib, vol_capacity)| {
        let memory = kib_of_gib(memory_gib);
        let flavour = Flavour {
            num_cpus,
            max_cpus: None,
            memory,
            max_memory: Some(memory),
            vol_capacity,
            virt_type: None,
            cost: None,
        };
        (name.to_owned(), flavour)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_va_master_holds() {
        let flavours: Flavours = serde_json::from_str(
            r#"{"va-small": {"num_cpus": 1, "memory": "1048576", "max_memory": 2097152, "vol_capacity": 5}}"#,
        )
        .unwrap();
        assert_eq!(flavours["va-small"].memory, 1_048_576);
        assert_eq!(flavours["va-small"].max_memory(), 2_097_152);
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for memory in ["-1", "\"many\"", "[]", "1.5"] {
            let text = format!(r#"{{"num_cpus": 1, "memory": {memory}, "vol_capacity": 5}}"#);
            assert!(serde_json::from_str::<Flavour>(&text).is_err(), "{memory}");
        }
    }
}
