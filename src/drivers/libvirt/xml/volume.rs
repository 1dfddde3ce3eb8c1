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

    /// The volume taking no room until it is written to.
    pub(crate) fn sparse(mut self) -> Self {
        self.allocation = Some(Sized::bytes(0));
        self
    }
}

/// A volume of the host.
#[derive(Debug, Deserialize)]
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) capacity: Sized,
    pub(crate) allocation: Option<Sized>,
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
    /// Its format, as its pool states it; volumes of pools without formats are raw.
    pub(crate) fn format(&self) -> &str {
        self.target
            .format
            .as_ref()
            .map_or("raw", |format| format.name.as_str())
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
mod tests {
    use super::*;
    use crate::drivers::libvirt::xml::{from_xml, to_xml};

    #[test]
    fn writes_an_overlay() {
        let volume = NewVolume::new("a&b", "qcow2", 1024).backed_by("/p/<i>.qcow2", "qcow2");
        assert_eq!(
            to_xml(&volume).unwrap(),
            "<volume><name>a&amp;b</name><capacity unit=\"bytes\">1024</capacity>\
             <allocation unit=\"bytes\">0</allocation><target><format type=\"qcow2\"/>\
             <permissions><mode>0600</mode></permissions><compat>1.1</compat></target>\
             <backingStore><path>/p/&lt;i&gt;.qcow2</path><format type=\"qcow2\"/></backingStore></volume>"
        );
    }

    #[test]
    fn reads_a_volume() {
        let volume: Volume = from_xml(
            "v",
            "<volume type='file'><name>v</name><key>/p/v</key><source/><capacity unit='bytes'>10</capacity>\
             <allocation unit='bytes'>4</allocation><physical unit='bytes'>4</physical>\
             <target><path>/p/v</path><format type='qcow2'/><permissions><mode>0600</mode></permissions></target>\
             <backingStore><path>/p/b</path><format type='raw'/></backingStore></volume>",
        )
        .unwrap();
        assert_eq!(
            (volume.format(), volume.backing_path()),
            ("qcow2", Some("/p/b"))
        );
        assert_eq!(
            (volume.capacity.value, volume.target.path.as_deref()),
            (10, Some("/p/v"))
        );
    }
}
