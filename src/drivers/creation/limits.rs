//! How much a server may have, and which of its members exclude each other, whatever the driver.

use crate::config_drive::Mac;
use crate::driver::{NetworkSpec, ServerSpec, VolumeSpec};
use crate::{Error, Result};

/// The members of a server that are read here, and those that every driver reads alike.
pub(in crate::drivers) const MEMBERS: &[&str] = &[
    "server_name",
    "image",
    "size",
    "network",
    "networks",
    "networks/network",
    "networks/mac",
    "networks/addresses",
    "addresses",
    "storage_disk",
    "disks",
    "disks/size",
];

/// The most extra disks: `vdb` to `vdy`, with a letter to spare for a libvirt host's seed.
pub(in crate::drivers) const DISKS: usize = 24;
/// The largest disk, in GiB.
pub(in crate::drivers) const DISK_GIB: u64 = 64 * 1024;
/// The most network interfaces.
const INTERFACES: usize = 16;

/// Checks what `spec` has of disks, networks and security groups.
pub(in crate::drivers) fn check_limits(spec: &ServerSpec) -> Result<()> {
    let networks = spec.networks.as_deref().unwrap_or_default();
    for (one, several, both) in [
        (
            "network",
            "networks",
            spec.network.is_some() && spec.networks.is_some(),
        ),
        (
            "sec_group",
            "sec_groups",
            given(spec.sec_group.as_ref()) && !spec.sec_groups.is_empty(),
        ),
    ] {
        if both {
            let message = format!("give {one} or {several}, not both");
            return Err(Error::invalid(format!("/server/{one}"), message));
        }
    }
    if networks.len() > INTERFACES {
        let message = format!("{} networks; {INTERFACES} are allowed", networks.len());
        return Err(Error::invalid("/server/networks", message));
    }
    let disks = disks(spec);
    if disks.len() > DISKS {
        let message = format!("{} extra disks; {DISKS} are allowed", disks.len());
        return Err(Error::invalid("/server/disks", message));
    }
    // the root disk may be as large as its image
    let root = spec.boot_volume.as_ref().and_then(|volume| volume.size);
    if let Some(size) = root {
        check_size(size, "/server/boot_volume/size")?;
    }
    for (field, disk) in disks {
        match disk.size {
            Some(size) => check_size(size, &field)?,
            None if disk.volume.is_some() || disk.snapshot.is_some() => {}
            None => {
                return Err(Error::invalid(
                    format!("{field}/size"),
                    "say its size, in GiB",
                ));
            }
        }
    }
    Ok(())
}

/// Refuses a disk of `size` GiB, the member at `field`, that is too large or none.
pub(in crate::drivers) fn check_size(size: u64, field: &str) -> Result<()> {
    if (1..=DISK_GIB).contains(&size) {
        return Ok(());
    }
    let message = format!("a disk of {size} GiB; 1 to {DISK_GIB} are allowed");
    Err(Error::invalid(field, message))
}

fn given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// The extra disks of `spec`, in the order in which the guest has them, each with the member that asks
/// for it.
pub(in crate::drivers) fn disks(spec: &ServerSpec) -> Vec<(String, VolumeSpec)> {
    let own = spec.storage_disk.filter(|size| *size > 0);
    let own = own.map(|size| {
        (
            "/server/storage_disk".to_owned(),
            VolumeSpec {
                size: Some(size),
                ..VolumeSpec::default()
            },
        )
    });
    let listed = spec.disks.iter().cloned().enumerate();
    let listed = listed.map(|(index, disk)| (format!("/server/disks/{index}"), disk));
    own.into_iter().chain(listed).collect()
}

/// A unicast MAC address, in lower case with colons. Hyphens serve as colons.
pub(in crate::drivers) fn check_mac(mac: &str, field: &str) -> Result<String> {
    Mac::parse(&mac.replace('-', ":"))
        .map(|mac| mac.to_string())
        .map_err(|why| Error::invalid(field, why))
}

/// The networks that `spec` asks for, each with the member that names it: the provider's `default`,
/// which stands at `default_field`, where it names none. Nothing where it says that there is to be none.
pub(in crate::drivers) fn wanted_networks(
    spec: &ServerSpec,
    default: Option<&String>,
    default_field: &str,
) -> Vec<(String, NetworkSpec)> {
    if let Some(networks) = &spec.networks {
        let listed = networks.iter().cloned().enumerate();
        return listed
            .map(|(index, network)| (format!("/server/networks/{index}"), network))
            .collect();
    }
    let own = spec.network.as_ref().map(|name| ("/server/network", name));
    own.or_else(|| default.map(|name| (default_field, name)))
        .filter(|(_, name)| !name.is_empty())
        .map(|(field, name)| (field.to_owned(), NetworkSpec::Name(name.clone())))
        .into_iter()
        .collect()
}
