//! `<volume>`: <https://libvirt.org/formatstorage.html#storage-volume-xml>.

use serde::{Deserialize, Serialize};

use super::Sized;

/// A volume, to be made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename = "volume")]
pub(crate) struct NewVolume {
    name: String,
    capacity: Sized,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocation: Option<Sized>,
    target: NewTarget,
    #[serde(rename = "backingStore", skip_serializing_if = "Option::is_none")]
    backing_store: Option<NewBacking>,
}

#[derive(Debug, Clone, Serialize)]
struct NewTarget {
    format: Format,
    permissions: Permissions,
    #[serde(skip_serializing_if = "Option::is_none")]
    compat: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct NewBacking {
    path: String,
    format: Format,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Format {
    #[serde(rename = "@type")]
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize)]
struct Permissions {
    mode: String,
}

impl NewVolume {
    /// A volume of `capacity` bytes that only its owner reads.
    pub(crate) fn new(name: &str, format: &str, capacity: u64) -> Self {
        let qcow2 = format == "qcow2";
        Self {
            name: name.to_owned(),
            capacity: Sized::bytes(capacity),
            allocation: qcow2.then(|| Sized::bytes(0)),
            target: NewTarget {
                format: Format {
                    name: format.to_owned(),
                },
                permissions: Permissions {
                    mode: "0600".to_owned(),
                },
                compat: qcow2.then(|| "1.1".to_owned()),
            },
            backing_store: None,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The volume as an overlay of the image at `path`, whose format is stated, never guessed.
    pub(crate) fn backed_by(mut self, path: &str, format: &str) -> Self {
        self.backing_store = Some(NewBacking {
            path: path.to_owned(),
            format: Format {
                name: format.to_owned(),
            },
        });
        self
    }

    /// The volume taking no room until it is written to, where its pool holds `files`. Elsewhere that would make
    /// a snapshot of it, or what cannot be resized.
    pub(crate) fn sparse(mut self, files: bool) -> Self {
        if files {
            self.allocation = Some(Sized::bytes(0));
        }
        self
    }
}

/// A volume of the host.
#[derive(Debug, Deserialize)]
pub(crate) struct Volume {
    #[serde(rename = "@type")]
    kind: Option<String>,
    pub(crate) name: String,
    pub(crate) capacity: Sized,
    pub(crate) allocation: Option<Sized>,
    physical: Option<Sized>,
    pub(crate) target: Target,
    #[serde(rename = "backingStore")]
    pub(crate) backing_store: Option<BackingStore>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) path: Option<String>,
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BackingStore {
    pub(crate) path: Option<String>,
}

impl Volume {
    /// What it is told from all others by: its path, or its name where it has none.
    pub(crate) fn id(&self) -> &str {
        self.target.path.as_ref().unwrap_or(&self.name)
    }

    /// Its format, as its pool states it; volumes of pools without formats are raw.
    pub(crate) fn format(&self) -> &str {
        self.target
            .format
            .as_ref()
            .map_or("raw", |format| format.name.as_str())
    }

    /// Bytes that it takes.
    pub(crate) fn allocation(&self) -> u64 {
        self.allocation.as_ref().map_or(0, |size| size.value)
    }

    /// Whether it is on a cluster, which libvirt does not read.
    pub(crate) fn is_of_network(&self) -> bool {
        self.kind.as_deref() == Some("network")
    }

    /// Whether it is a device, of which what is freed is not emptied.
    pub(crate) fn is_device(&self) -> bool {
        self.kind.as_deref() == Some("block")
    }

    /// How long its file is, where it is one.
    pub(crate) fn file_size(&self) -> Option<u64> {
        let is_file = self.kind.as_deref() == Some("file");
        self.physical
            .as_ref()
            .filter(|_| is_file)
            .map(|size| size.value)
    }

    /// The file that it is an overlay of.
    pub(crate) fn backing_path(&self) -> Option<&str> {
        self.backing_store
            .as_ref()?
            .path
            .as_deref()
            .filter(|path| !path.is_empty())
    }
}

#[cfg(test)]
mod tests;
