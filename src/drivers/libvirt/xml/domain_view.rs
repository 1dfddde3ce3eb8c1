//! `<domain>`, as the host shows it: the few parts that answers and deletion need.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
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
    #[serde(rename = "backingStore")]
    pub(crate) backing_store: Option<BackingView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BackingView {
    pub(crate) source: Option<DiskSourceView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DiskSourceView {
    #[serde(rename = "@file")]
    pub(crate) file: Option<String>,
    #[serde(rename = "@dev")]
    pub(crate) dev: Option<String>,
    #[serde(rename = "@volume")]
    pub(crate) volume: Option<String>,
}

impl DiskSourceView {
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
