//! What a host is known by, however it is reached.
//!
//! A host's UUID is its machine's, from the firmware or from `libvirtd.conf`. Where there is neither (a
//! plain user's daemon cannot read the firmware's), libvirt makes another one up each time the daemon
//! starts; some machines have one that thousands have. So the host's name goes with it, and the
//! address at which it is reached is enough to know it again.

use std::time::Duration;

use url::Url;
use uuid::Uuid;
use virt::connect::Connect;
use virt::error::Error as VirtError;

use super::host::{Host, HostUri};
use super::xml::{capabilities::Capabilities, from_xml};
use crate::concurrent::both;
use crate::transaction::HostId;
use crate::{Kind, Result};

/// UUIDs that board makers have left as they were.
const NOBODYS: [Uuid; 4] = [
    Uuid::nil(),
    Uuid::max(),
    Uuid::from_u128(0x0300_0200_0400_0500_0006_0007_0008_0009),
    Uuid::from_u128(0x0002_0003_0004_0005_0006_0007_0008_0009),
];

impl Host {
    /// Which host it is: what journals are about.
    pub(super) fn id(&self) -> Result<HostId> {
        if let Some(id) = self.known_id().get() {
            return Ok(id.clone());
        }
        let id = ask(self, self.limits().open)?;
        Ok(self.known_id().get_or_init(|| id).clone())
    }
}

/// Asks `host` which one it is. A daemon may have to look at every emulator before it answers for the
/// first time; one that takes longer than `limit` is known by its address.
fn ask(host: &Host, limit: Duration) -> Result<HostId> {
    let address = host.uri().to_string();
    let Some(daemon) = daemon(host.uri()) else {
        return Ok(HostId::new(address));
    };
    let asked = |question: fn(&Connect) -> std::result::Result<String, VirtError>| {
        host.call("ask which host it is", limit, question)
    };
    let (names, text) = both(
        || both(|| host.kind_within(limit), || asked(Connect::hostname)),
        || asked(Connect::capabilities),
    );
    let (kind, name, text) = match (names.0, names.1, text) {
        (Ok(kind), Ok(name), Ok(text)) => (kind, name, text),
        (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
            if error.kind() != Kind::Timeout {
                return Err(error);
            }
            tracing::warn!(%error, "the host is known by its address alone");
            return Ok(HostId::new(address));
        }
    };
    let capabilities: Capabilities = from_xml("the host's capabilities", &text)?;
    let uuid = capabilities.host.uuid;
    Ok(match uuid.filter(|uuid| !NOBODYS.contains(uuid)) {
        Some(uuid) => HostId::new(format!("{kind} {uuid} {name} {daemon}")).at(address),
        None => HostId::new(address),
    })
}

/// Which of a host's daemons `uri` means. None for one that is known by its address alone: libvirt's
/// test driver, which lives in this process, and a plain user's whose user cannot be told.
fn daemon(uri: &HostUri) -> Option<String> {
    let url = Url::parse(uri.as_str()).ok()?;
    let own = uri.host().is_none() && !url.query_pairs().any(|(name, _)| name == "socket");
    match url.path() {
        "/system" => Some("system".to_owned()),
        "/session" if own => Some(format!("session:{}", rustix::process::geteuid().as_raw())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::libvirt::host::Fields;

    fn daemon_of(uri: &str) -> Option<String> {
        let fields = Fields {
            uri: Some(uri),
            ..Fields::default()
        };
        daemon(&HostUri::new(&fields).unwrap())
    }

    #[test]
    fn the_daemon_is_the_same_however_it_is_reached() {
        for uri in [
            "qemu:///system",
            "qemu:///system?mode=legacy",
            "qemu+unix:///system?socket=/run/other",
            "qemu+tls://kvm-1.example/system",
            "qemu+ssh://root@kvm-1.example/system",
        ] {
            assert_eq!(daemon_of(uri).as_deref(), Some("system"), "{uri}");
        }
    }

    #[test]
    fn a_plain_users_daemon_is_that_users() {
        let own = daemon_of("qemu:///session").unwrap();
        assert!(own.starts_with("session:"), "{own}");
        for uri in [
            "qemu+unix:///session?socket=/run/user/7/libvirt/libvirt-sock",
            "qemu+ssh://me@kvm-1.example/session",
            "test:///default",
        ] {
            assert_eq!(daemon_of(uri), None, "{uri}");
        }
    }
}
