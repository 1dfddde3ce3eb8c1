//! `<domainCapabilities>`: <https://libvirt.org/formatdomaincaps.html>.

use serde::Deserialize;

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
mod tests {
    use super::*;
    use crate::drivers::libvirt::xml::from_xml;

    #[test]
    fn reads_what_it_needs() {
        let caps: DomainCapabilities = from_xml(
            "caps",
            "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain>\
             <machine>pc-q35-7.2</machine><arch>x86_64</arch><vcpu max='288'/><os supported='yes'>\
             <enum name='firmware'><value>efi</value></enum><loader supported='yes'>\
             <enum name='type'><value>rom</value><value>pflash</value></enum></loader></os>\
             <cpu><mode name='host-passthrough' supported='yes'><enum name='hostPassthroughMigratable'><value>on</value></enum></mode>\
             <mode name='custom' supported='yes'><model usable='yes'>qemu64</model></mode></cpu></domainCapabilities>",
        )
        .unwrap();
        assert!(caps.has_efi() && caps.has_host_passthrough());
        assert_eq!(caps.arch.as_deref(), Some("x86_64"));
    }
}
