//! `<pool>`: <https://libvirt.org/formatstorage.html>.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Pool {
    #[serde(rename = "@type")]
    pub(crate) pool_type: String,
    #[serde(default)]
    pub(crate) target: Target,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) path: Option<String>,
}

impl Pool {
    /// Whether its volumes are files, which can be qcow2 and have a backing file.
    pub(crate) fn holds_files(&self) -> bool {
        matches!(
            self.pool_type.as_str(),
            "dir" | "fs" | "netfs" | "gluster" | "vstorage"
        )
    }
}
