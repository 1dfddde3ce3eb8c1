//! `<domain>`, as the host shows it: the few parts that answers and deletion need.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct DomainView {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) devices: DevicesView,
    pub(crate) os: Option<OsView>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct DevicesView {
    #[serde(default)]
    pub(crate) disk: Vec<DiskView>,
    #[serde(default)]
    pub(crate) interface: Vec<InterfaceView>,
    #[serde(default)]
    pub(crate) graphics: Vec<GraphicsView>,
    #[serde(default)]
    pub(crate) channel: Vec<ChannelView>,
    #[serde(default)]
    serial: Vec<SerialView>,
}

#[derive(Debug, Default, Deserialize)]
struct SerialView {
    log: Option<LogView>,
}

#[derive(Debug, Deserialize)]
struct LogView {
    #[serde(rename = "@file")]
    file: String,
}

impl DevicesView {
    /// The file of the host that the first serial console is logged to.
    pub(crate) fn log(&self) -> Option<&str> {
        let mut logs = self.serial.iter().filter_map(|serial| serial.log.as_ref());
        logs.next().map(|log| log.file.as_str())
    }
}

/// Whether the domain of this definition runs: one that is off has no number.
pub(crate) fn is_active(domain: &str) -> bool {
    let mut reader = Reader::from_str(domain);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root)) => return matches!(root.try_get_attribute("id"), Ok(Some(_))),
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// A channel to a program in the guest.
#[derive(Debug, Deserialize)]
pub(crate) struct ChannelView {
    pub(crate) target: Option<ChannelTargetView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ChannelTargetView {
    #[serde(rename = "@name")]
    pub(crate) name: Option<String>,
    /// Whether the program is there, where the host tells.
    #[serde(rename = "@state")]
    pub(crate) state: Option<String>,
}

impl DomainView {
    /// The MAC addresses of its interfaces.
    pub(crate) fn macs(&self) -> impl Iterator<Item = &str> {
        let macs = self.devices.interface.iter();
        macs.filter_map(|interface| Some(interface.mac.as_ref()?.address.as_str()))
    }

    /// Whether a guest's agent may answer.
    pub(crate) fn may_have_agent(&self) -> bool {
        let targets = self.devices.channel.iter();
        targets
            .filter_map(|channel| channel.target.as_ref())
            .any(|target| {
                target.name.as_deref() == Some("org.qemu.guest_agent.0")
                    && target.state.as_deref() != Some("disconnected")
            })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OsView {
    pub(crate) nvram: Option<Nvram>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Nvram {
    #[serde(rename = "$text")]
    pub(crate) path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DiskView {
    #[serde(rename = "@device")]
    pub(crate) device: Option<String>,
    driver: Option<DriverView>,
    readonly: Option<Present>,
    pub(crate) target: Option<TargetView>,
    pub(crate) source: Option<DiskSourceView>,
    #[serde(rename = "backingStore")]
    pub(crate) backing_store: Option<BackingView>,
}

#[derive(Debug, Deserialize)]
struct DriverView {
    #[serde(rename = "@type")]
    format: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TargetView {
    #[serde(rename = "@dev")]
    pub(crate) dev: String,
    #[serde(rename = "@bus")]
    pub(crate) bus: Option<String>,
}

/// An element that is there or not.
#[derive(Debug, Deserialize)]
struct Present {}

#[derive(Debug, Deserialize)]
pub(crate) struct BackingView {
    pub(crate) source: Option<DiskSourceView>,
    #[serde(rename = "backingStore")]
    pub(crate) backing_store: Option<Box<BackingView>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DiskSourceView {
    #[serde(rename = "@file")]
    pub(crate) file: Option<String>,
    #[serde(rename = "@dev")]
    pub(crate) dev: Option<String>,
    #[serde(rename = "@pool")]
    pub(crate) pool: Option<String>,
    #[serde(rename = "@volume")]
    pub(crate) volume: Option<String>,
    /// What it is called on a network.
    #[serde(rename = "@name")]
    pub(crate) name: Option<String>,
}

impl OsView {
    /// Where the UEFI variables are.
    pub(crate) fn variables(&self) -> Option<String> {
        self.nvram.as_ref()?.path.clone()
    }
}

impl DiskView {
    /// Whether it is left out of snapshots, or can keep them.
    pub(crate) fn holds_snapshots(&self) -> bool {
        let is_medium = matches!(self.device.as_deref(), Some("cdrom" | "floppy"));
        let format = self
            .driver
            .as_ref()
            .and_then(|driver| driver.format.as_deref());
        self.source.is_none() || self.readonly.is_some() || is_medium || format == Some("qcow2")
    }

    /// Whether it is the volume `name`, or an overlay of that.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        let last = |place: String| place.rsplit('/').next().is_some_and(|last| last == name);
        let chain = self.chain();
        chain.iter().any(|source| source.place().is_some_and(last))
    }

    /// Where its data is: its own file or device first, then those that it is an overlay of.
    pub(crate) fn chain(&self) -> Vec<&DiskSourceView> {
        let mut all: Vec<_> = self.source.iter().collect();
        let mut below = self.backing_store.as_ref();
        while let Some(backing) = below {
            all.extend(&backing.source);
            below = backing.backing_store.as_deref();
        }
        all
    }
}

impl DiskSourceView {
    /// Where it is: a path, or a volume with its pool.
    pub(crate) fn place(&self) -> Option<String> {
        let path = self.file.as_ref().or(self.dev.as_ref());
        if let Some(place) = path {
            return Some(place.clone());
        }
        match (&self.pool, &self.volume) {
            (Some(pool), Some(volume)) => Some(format!("{pool}/{volume}")),
            _ => self.name.clone(),
        }
    }

    /// The last part of where it is.
    pub(crate) fn base_name(&self) -> Option<&str> {
        let place = self
            .file
            .as_deref()
            .or(self.dev.as_deref())
            .or(self.volume.as_deref())?;
        place.rsplit('/').next()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct InterfaceView {
    pub(crate) mac: Option<MacView>,
    pub(crate) source: Option<InterfaceSourceView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MacView {
    #[serde(rename = "@address")]
    pub(crate) address: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct InterfaceSourceView {
    #[serde(rename = "@network")]
    pub(crate) network: Option<String>,
    #[serde(rename = "@bridge")]
    pub(crate) bridge: Option<String>,
    #[serde(rename = "@dev")]
    pub(crate) dev: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GraphicsView {
    #[serde(rename = "@type")]
    pub(crate) graphics_type: String,
    #[serde(rename = "@port")]
    pub(crate) port: Option<i32>,
    #[serde(rename = "@listen")]
    pub(crate) listen: Option<String>,
}

impl GraphicsView {
    /// Where it listens, such as `vnc://127.0.0.1:5900`; nothing while the server is off.
    pub(crate) fn address(&self) -> Option<String> {
        let port = self.port.filter(|port| *port > 0)?;
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1");
        Some(format!("{}://{listen}:{port}", self.graphics_type))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_that_runs_has_a_number() {
        assert!(is_active(
            "<!-- a --><domain type='kvm' id='1'><name>a</name></domain>"
        ));
        assert!(!is_active("<domain type='kvm'><a id='1'/></domain>"));
        assert!(!is_active(""));
    }

    #[test]
    fn an_agent_is_asked_unless_it_is_known_not_to_be_there() {
        let may_have = |target: &str| {
            let xml = format!(
                "<domain><name>a</name><devices><channel type='unix'><target type='virtio' {target}/>\
                 </channel></devices></domain>"
            );
            let view: DomainView = crate::drivers::libvirt::xml::from_xml("a", &xml).unwrap();
            view.may_have_agent()
        };
        assert!(may_have("name='org.qemu.guest_agent.0' state='connected'"));
        assert!(may_have("name='org.qemu.guest_agent.0'"));
        assert!(!may_have(
            "name='org.qemu.guest_agent.0' state='disconnected'"
        ));
        assert!(!may_have("name='com.redhat.spice.0' state='connected'"));
    }
}
