//! Whether what is asked for fits what the cloud has.

use super::quota::Needs;
use super::volume_facts::VolumeFacts;
use super::wanted_volume::WantedVolume;
use super::{Facts, Link, Request};
use crate::units::GIB;
use crate::{Error, Result};

/// Checks it all; every error names the member that can be changed.
pub(super) fn check(request: &Request, facts: &Facts) -> Result<()> {
    disk(request, facts)?;
    let min_ram = facts.image.as_ref().map_or(0, |image| image.min_ram);
    if facts.flavor.ram < min_ram {
        let message = format!(
            "the image {} needs {min_ram} MiB of memory, and the size {} has {}; choose a larger size",
            request.image, request.size, facts.flavor.ram
        );
        return Err(Error::invalid("/server/size", message));
    }
    let volumes = request.volumes.iter().zip(&facts.volumes);
    let made = volumes.filter(|(wanted, _)| wanted.spec.volume.is_none());
    let sizes: Vec<u64> = made
        .map(|(wanted, found)| {
            let of_source = || found.source.as_ref().map(|source| source.size);
            gib(facts, wanted, found).or_else(of_source).unwrap_or(0)
        })
        .collect();
    let is_made = |link: &&Link| matches!(link, Link::Network { .. });
    let floating = facts.floating_ip.as_ref();
    let needs = Needs {
        cores: facts.flavor.vcpus,
        ram: facts.flavor.ram,
        volumes: sizes.len() as u64,
        gigabytes: sizes.iter().sum(),
        ports: facts.links.iter().filter(is_made).count() as u64,
        floating_ips: u64::from(floating.is_some_and(|one| one.existing.is_none())),
    };
    facts.quota.check(&request.spec.server_name, needs)
}

/// A volume's size in GiB: what is asked for, and for a root disk the size's disk, or what the image needs.
/// None where what it begins with says it.
pub(super) fn gib(facts: &Facts, wanted: &WantedVolume, found: &VolumeFacts) -> Option<u64> {
    let usual = || match facts.flavor.disk {
        _ if found.source.is_some() || !wanted.is_root => None,
        0 => Some(image_gib(facts)),
        disk => Some(disk),
    };
    wanted.spec.size.or_else(usual)
}

/// What the image needs at least, in GiB; 0 where there is none.
fn image_gib(facts: &Facts) -> u64 {
    let Some(image) = &facts.image else { return 0 };
    let bytes = image.virtual_size.or(image.size).unwrap_or(0);
    bytes.div_ceil(GIB).max(image.min_disk).max(1)
}

fn disk(request: &Request, facts: &Facts) -> Result<()> {
    let needed = image_gib(facts);
    let mut volumes = request.volumes.iter().zip(&facts.volumes);
    let root = volumes.find(|(wanted, _)| wanted.is_root);
    let (what, there, field) = match root {
        Some((wanted, found)) => match gib(facts, wanted, found) {
            Some(gib) => ("its boot volume", gib, "/server/boot_volume/size"),
            None => return Ok(()),
        },
        // the root disk is as large as the image then
        None if facts.flavor.disk == 0 => return Ok(()),
        None => ("the size's disk", facts.flavor.disk, "/server/size"),
    };
    if there >= needed {
        return Ok(());
    }
    let message = format!(
        "the image {} needs a disk of {needed} GiB, and {what} has {there} GiB; make it larger",
        request.image
    );
    Err(Error::invalid(field, message))
}
