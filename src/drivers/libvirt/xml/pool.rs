//! `<pool>`: <https://libvirt.org/formatstorage.html>.

use serde::{Deserialize, Serialize};

/// `<pool>`, read, and written for one in a directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename = "pool")]
pub(crate) struct Pool {
    #[serde(rename = "@type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Source>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) path: Option<String>,
}

/// Where the pool's volumes come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) host: Vec<NetworkHost>,
    pub(crate) auth: Option<Auth>,
}

/// A machine of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkHost {
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@port", skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<String>,
}

/// As whom a cluster is asked; the key is a secret of libvirt's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Auth {
    // of a pool only
    #[serde(rename = "@type", skip_serializing)]
    pub(crate) kind: Option<String>,
    #[serde(rename = "@username", default)]
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) secret: Secret,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secret {
    // of a disk only
    #[serde(rename = "@type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(rename = "@uuid", skip_serializing_if = "Option::is_none")]
    pub(crate) uuid: Option<String>,
    #[serde(rename = "@usage", skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<String>,
}

impl Pool {
    /// A pool of files in the directory `path`.
    pub(crate) fn in_directory(name: &str, path: &str) -> Self {
        Self {
            kind: "dir".to_owned(),
            name: name.to_owned(),
            target: Target {
                path: Some(path.to_owned()),
            },
            source: None,
        }
    }

    /// Whether other hosts may have the same volumes in a pool of theirs. A directory that is mounted from
    /// elsewhere does not show.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(
            self.kind.as_str(),
            "dir" | "fs" | "logical" | "disk" | "zfs"
        )
    }

    /// Whether its volumes are files, which can be qcow2 and have a backing file.
    pub(crate) fn holds_files(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "dir" | "fs" | "netfs" | "gluster" | "vstorage"
        )
    }

    /// Whether libvirt makes volumes of any name in it: elsewhere they are made on the storage itself, or called as
    /// the host calls its devices.
    pub(crate) fn makes_volumes(&self) -> bool {
        !matches!(
            self.kind.as_str(),
            "disk" | "iscsi" | "iscsi-direct" | "scsi" | "mpath" | "gluster"
        )
    }

    /// What is said of a pool that makes none.
    pub(crate) fn makes_no_volumes(&self) -> String {
        format!(
            "pool {} is of type {}, in which libvirt makes no volumes of a given name; name a pool of files, or of \
             type logical, zfs or rbd",
            self.name, self.kind
        )
    }

    /// Whether libvirt reads and writes what is in its volumes: of some kinds it only makes and removes them.
    pub(crate) fn takes_data(&self) -> bool {
        !matches!(self.kind.as_str(), "rbd" | "sheepdog" | "gluster")
    }

    /// Whether an image is cloned by the cluster itself, which copies what is written later.
    pub(crate) fn clones(&self) -> bool {
        self.kind == "rbd"
    }

    /// Whether a volume takes all of its size when it is made.
    pub(crate) fn allocates(&self) -> bool {
        !self.holds_files() && !self.clones()
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;
    use crate::drivers::libvirt::xml::from_xml;

    #[test]
    fn a_pool_of_the_network_may_be_another_hosts_too() {
        let shared = |kind: &str| {
            let pool: Pool = from_xml("a pool", &format!("<pool type='{kind}'/>")).unwrap();
            pool.is_shared()
        };
        assert!(
            ["netfs", "rbd", "gluster", "iscsi", "unheard-of"]
                .iter()
                .all(|kind| shared(kind))
        );
        assert!(!["dir", "fs", "logical"].iter().any(|kind| shared(kind)));
    }
}
