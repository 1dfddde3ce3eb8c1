//! `<domain>`, to be defined: <https://libvirt.org/formatdomain.html>.

// The attribute is called `type`, which is a word of Rust's.
#![allow(clippy::struct_field_names)]

use serde::Serialize;

use super::Sized;
use super::pool::{Auth, NetworkHost};
use super::record::Record;

#[derive(Debug, Clone, Serialize)]
#[serde(rename = "domain")]
pub(crate) struct Domain {
    #[serde(rename = "@type")]
    pub(crate) domain_type: String,
    pub(crate) name: String,
    pub(crate) uuid: String,
    pub(crate) metadata: Metadata,
    pub(crate) memory: Sized,
    #[serde(rename = "currentMemory")]
    pub(crate) current_memory: Sized,
    pub(crate) vcpu: Vcpu,
    pub(crate) os: Os,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sysinfo: Option<Sysinfo>,
    pub(crate) features: Features,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cpu: Option<Cpu>,
    pub(crate) clock: Clock,
    pub(crate) on_poweroff: &'static str,
    pub(crate) on_reboot: &'static str,
    pub(crate) on_crash: &'static str,
    pub(crate) devices: Devices,
}

/// CPUs: how many there are at the start, where that is not all that there may be.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Vcpu {
    #[serde(rename = "@current", skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<u64>,
    #[serde(rename = "$text")]
    pub(crate) most: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Metadata {
    #[serde(rename = "va:server")]
    pub(crate) record: Record,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Os {
    #[serde(rename = "@firmware", skip_serializing_if = "Option::is_none")]
    pub(crate) firmware: Option<&'static str>,
    #[serde(rename = "type")]
    pub(crate) os_type: OsType,
    #[serde(rename = "firmware", skip_serializing_if = "Option::is_none")]
    pub(crate) firmware_features: Option<FirmwareFeatures>,
    pub(crate) boot: Boot,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sysinfo {
    #[serde(rename = "@type")]
    pub(crate) sysinfo_type: &'static str,
    pub(crate) entry: Vec<SysinfoEntry>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SysinfoEntry {
    #[serde(rename = "@name")]
    pub(crate) name: &'static str,
    #[serde(rename = "@file")]
    pub(crate) file: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct OsType {
    #[serde(rename = "@arch", skip_serializing_if = "Option::is_none")]
    pub(crate) arch: Option<String>,
    #[serde(rename = "@machine", skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<String>,
    #[serde(rename = "$text")]
    pub(crate) value: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct FirmwareFeatures {
    pub(crate) feature: Vec<FirmwareFeature>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct FirmwareFeature {
    #[serde(rename = "@enabled")]
    pub(crate) enabled: &'static str,
    #[serde(rename = "@name")]
    pub(crate) name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Boot {
    #[serde(rename = "@dev")]
    pub(crate) dev: &'static str,
}

/// An element without content.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Empty {}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Features {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acpi: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) apic: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) smm: Option<Switch>,
}

/// An element that is on or off.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Switch {
    #[serde(rename = "@state")]
    pub(crate) state: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cpu {
    #[serde(rename = "@mode")]
    pub(crate) mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Clock {
    #[serde(rename = "@offset")]
    pub(crate) offset: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Devices {
    pub(crate) disk: Vec<Disk>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) controller: Vec<Controller>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) interface: Vec<Interface>,
    pub(crate) serial: Serial,
    pub(crate) console: Console,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) graphics: Option<Graphics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) video: Option<Video>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rng: Option<Rng>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tpm: Option<Tpm>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tpm {
    #[serde(rename = "@model")]
    pub(crate) model: &'static str,
    pub(crate) backend: TpmBackend,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct TpmBackend {
    #[serde(rename = "@type")]
    pub(crate) backend_type: &'static str,
    #[serde(rename = "@version")]
    pub(crate) version: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename = "disk")]
pub(crate) struct Disk {
    #[serde(rename = "@type")]
    pub(crate) source_type: &'static str,
    #[serde(rename = "@device")]
    pub(crate) device: &'static str,
    pub(crate) driver: DiskDriver,
    pub(crate) source: DiskSource,
    pub(crate) target: DiskTarget,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) readonly: Option<Empty>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct DiskDriver {
    #[serde(rename = "@name")]
    pub(crate) name: &'static str,
    #[serde(rename = "@type")]
    pub(crate) format: String,
    #[serde(rename = "@discard", skip_serializing_if = "Option::is_none")]
    pub(crate) discard: Option<&'static str>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct DiskSource {
    #[serde(rename = "@file", skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(rename = "@dev", skip_serializing_if = "Option::is_none")]
    pub(crate) dev: Option<String>,
    #[serde(rename = "@pool", skip_serializing_if = "Option::is_none")]
    pub(crate) pool: Option<String>,
    #[serde(rename = "@volume", skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<String>,
    #[serde(rename = "@protocol", skip_serializing_if = "Option::is_none")]
    pub(crate) protocol: Option<String>,
    #[serde(rename = "@name", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) host: Vec<NetworkHost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<Auth>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct DiskTarget {
    #[serde(rename = "@dev")]
    pub(crate) dev: String,
    #[serde(rename = "@bus")]
    pub(crate) bus: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Controller {
    #[serde(rename = "@type")]
    pub(crate) controller_type: &'static str,
    #[serde(rename = "@model")]
    pub(crate) model: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename = "interface")]
pub(crate) struct Interface {
    #[serde(rename = "@type")]
    pub(crate) interface_type: &'static str,
    pub(crate) mac: Mac,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<InterfaceSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vlan: Option<Vlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) virtualport: Option<VirtualPort>,
    pub(crate) model: Model,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) driver: Option<InterfaceDriver>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mtu: Option<Mtu>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Vlan {
    pub(crate) tag: VlanTag,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct VlanTag {
    #[serde(rename = "@id")]
    pub(crate) id: u16,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct VirtualPort {
    #[serde(rename = "@type")]
    pub(crate) port_type: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct InterfaceDriver {
    #[serde(rename = "@queues")]
    pub(crate) queues: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mtu {
    #[serde(rename = "@size")]
    pub(crate) size: u32,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mac {
    #[serde(rename = "@address")]
    pub(crate) address: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct InterfaceSource {
    #[serde(rename = "@network", skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<String>,
    #[serde(rename = "@portgroup", skip_serializing_if = "Option::is_none")]
    pub(crate) portgroup: Option<String>,
    #[serde(rename = "@bridge", skip_serializing_if = "Option::is_none")]
    pub(crate) bridge: Option<String>,
    #[serde(rename = "@dev", skip_serializing_if = "Option::is_none")]
    pub(crate) dev: Option<String>,
    #[serde(rename = "@mode", skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Model {
    #[serde(rename = "@type")]
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Serial {
    #[serde(rename = "@type")]
    pub(crate) serial_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<Log>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Log {
    #[serde(rename = "@file")]
    pub(crate) file: String,
    #[serde(rename = "@append")]
    pub(crate) append: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Console {
    #[serde(rename = "@type")]
    pub(crate) console_type: &'static str,
    pub(crate) target: ConsoleTarget,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ConsoleTarget {
    #[serde(rename = "@type")]
    pub(crate) target_type: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Channel {
    #[serde(rename = "@type")]
    pub(crate) channel_type: &'static str,
    pub(crate) target: ChannelTarget,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChannelTarget {
    #[serde(rename = "@type")]
    pub(crate) target_type: &'static str,
    #[serde(rename = "@name")]
    pub(crate) name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Graphics {
    #[serde(rename = "@type")]
    pub(crate) graphics_type: &'static str,
    #[serde(rename = "@autoport")]
    pub(crate) autoport: &'static str,
    #[serde(rename = "@listen")]
    pub(crate) listen: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Video {
    pub(crate) model: Model,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Rng {
    #[serde(rename = "@model")]
    pub(crate) model: &'static str,
    pub(crate) backend: RngBackend,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct RngBackend {
    #[serde(rename = "@model")]
    pub(crate) model: &'static str,
    #[serde(rename = "$text")]
    pub(crate) source: &'static str,
}
