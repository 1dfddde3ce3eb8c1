//! Whether what is asked for fits what the cloud has.

use super::quota::Needs;
use super::{Facts, Link, Request};
use crate::units::GIB;
use crate::{Error, Result};

/// Checks it all; every error names the member that can be changed.
pub(super) fn check(request: &Request, facts: &Facts) -> Result<()> {
    disk(request, facts)?;
    if facts.flavor.ram < facts.image.min_ram {
        let message = format!(
            "the image {} needs {} MiB of memory, and the size {} has {}; choose a larger size",
            request.image, facts.image.min_ram, request.size, facts.flavor.ram
        );
        return Err(Error::invalid("/server/size", message));
    }
    let boot = boot_gib(request, facts);
    let is_made = |link: &&Link| matches!(link, Link::Network { .. });
    let needs = Needs {
        cores: facts.flavor.vcpus,
        ram: facts.flavor.ram,
        volumes: (request.disks.len() + usize::from(boot.is_some())) as u64,
        gigabytes: request.disks.iter().sum::<u64>() + boot.unwrap_or(0),
        ports: facts.links.iter().filter(is_made).count() as u64,
        floating_ips: u64::from(request.floating_ip.is_some()),
    };
    facts.quota.check(&request.spec.server_name, needs)
}

/// The boot volume's size in GiB: what is asked for, or the size's disk, or what the image needs.
pub(super) fn boot_gib(request: &Request, facts: &Facts) -> Option<u64> {
    let volume = request.boot_volume.as_ref()?;
    let usual = if facts.flavor.disk > 0 {
        facts.flavor.disk
    } else {
        image_gib(facts)
    };
    Some(volume.size.unwrap_or(usual))
}

/// What the image needs at least, in GiB.
fn image_gib(facts: &Facts) -> u64 {
    let image = &facts.image;
    let bytes = image.virtual_size.or(image.size).unwrap_or(0);
    bytes.div_ceil(GIB).max(image.min_disk).max(1)
}

fn disk(request: &Request, facts: &Facts) -> Result<()> {
    let needed = image_gib(facts);
    let (what, there, field) = match boot_gib(request, facts) {
        Some(gib) => ("its boot volume", gib, "/server/boot_volume/size"),
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
