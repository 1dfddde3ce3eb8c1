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
    #[serde(default)]
    pub(crate) devices: CapableDevices,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CapableDevices {
    tpm: Option<Device>,
}

#[derive(Debug, Deserialize)]
struct Device {
    #[serde(rename = "@supported")]
    supported: String,
    #[serde(rename = "enum", default)]
    enums: Vec<Enum>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Os {
    #[serde(rename = "enum", default)]
    enums: Vec<Enum>,
    loader: Option<Device>,
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
    #[serde(default)]
    model: Vec<CpuModel>,
}

#[derive(Debug, Deserialize)]
struct CpuModel {
    #[serde(rename = "$text", default)]
    name: String,
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

    /// Whether it has firmware with Secure Boot.
    pub(crate) fn has_secure_boot(&self) -> bool {
        let loader = self.os.as_ref().and_then(|os| os.loader.as_ref());
        loader.is_some_and(|loader| loader.has("secure", "yes"))
    }

    /// Whether it can emulate a TPM.
    pub(crate) fn has_tpm(&self) -> bool {
        let tpm = self.devices.tpm.as_ref();
        tpm.is_some_and(|tpm| tpm.has("backendModel", "emulator"))
    }

    /// Whether the guest can have a CPU of this mode.
    pub(crate) fn has_cpu_mode(&self, name: &str) -> bool {
        self.cpu_modes()
            .any(|mode| mode.name == name && mode.supported == "yes")
    }

    /// The names of CPU models that the guest can have; none where the host does not tell.
    pub(crate) fn cpu_models(&self) -> Vec<&str> {
        let models = self.cpu_modes().flat_map(|mode| &mode.model);
        models.map(|model| model.name.as_str()).collect()
    }

    fn cpu_modes(&self) -> impl Iterator<Item = &CpuMode> {
        self.cpu.iter().flat_map(|cpu| &cpu.mode)
    }
}

impl Device {
    fn has(&self, name: &str, value: &str) -> bool {
        let values = self.enums.iter().filter(|list| list.name == name);
        self.supported == "yes" && values.flat_map(|list| &list.value).any(|own| own == value)
    }
}

#[cfg(test)]
mod tests;
