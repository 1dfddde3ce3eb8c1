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
    /// Whether other hosts may have the same volumes in a pool of theirs. A directory that is mounted from
    /// elsewhere does not show.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(
            self.pool_type.as_str(),
            "dir" | "fs" | "logical" | "disk" | "zfs"
        )
    }

    /// Whether its volumes are files, which can be qcow2 and have a backing file.
    pub(crate) fn holds_files(&self) -> bool {
        matches!(
            self.pool_type.as_str(),
            "dir" | "fs" | "netfs" | "gluster" | "vstorage"
        )
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
