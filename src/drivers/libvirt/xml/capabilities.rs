//! `<domainCapabilities>`: <https://libvirt.org/formatdomaincaps.html>, and of `<capabilities>` what
//! tells the host: <https://libvirt.org/formatcaps.html>.

use serde::Deserialize;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
pub(crate) struct Capabilities {
    pub(crate) host: CapabilitiesHost,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CapabilitiesHost {
    pub(crate) uuid: Option<Uuid>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DomainCapabilities {
    pub(crate) arch: Option<String>,
    pub(crate) os: Option<Os>,
    pub(crate) cpu: Option<Cpu>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Os {
    #[serde(rename = "enum", default)]
    enums: Vec<Enum>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Cpu {
    #[serde(default)]
    mode: Vec<CpuMode>,
}

#[derive(Debug, Deserialize)]
struct CpuMode {
    #[serde(rename = "@name")]
    name: String,
    #[serde(rename = "@supported")]
    supported: String,
}

#[derive(Debug, Deserialize)]
struct Enum {
    #[serde(rename = "@name")]
    name: String,
    #[serde(default)]
    value: Vec<String>,
}

impl DomainCapabilities {
    /// Whether the host finds UEFI firmware by itself.
    pub(crate) fn has_efi(&self) -> bool {
        self.os
            .iter()
            .flat_map(|os| &os.enums)
            .any(|list| list.name == "firmware" && list.value.iter().any(|value| value == "efi"))
    }

    /// Whether the guest can be given the host's own CPU.
    pub(crate) fn has_host_passthrough(&self) -> bool {
        self.cpu
            .iter()
            .flat_map(|cpu| &cpu.mode)
            .any(|mode| mode.name == "host-passthrough" && mode.supported == "yes")
    }
}

#[cfg(test)]
mod tests;
