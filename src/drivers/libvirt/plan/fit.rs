//! Whether what is asked for fits what the host has.

use super::request::SeedBus;
use super::{Facts, Request};
use crate::driver::CloneMode;
use crate::units::{GIB, MIB};
use crate::{Error, Kind, Result};

/// Checks it all; every error names the member that can be changed.
pub(super) fn check(request: &Request, facts: &Facts) -> Result<()> {
    size(request, facts)?;
    clone(request, facts)?;
    seed_bus(request, facts)?;
    room(request, facts)
}

fn size(request: &Request, facts: &Facts) -> Result<()> {
    if request.flavour.vol_capacity * GIB >= facts.image_size {
        return Ok(());
    }
    Err(Error::invalid(
        "/server/size",
        format!(
            "the image {} needs a disk of {} GiB, and the size {} has {} GiB; choose a larger size",
            request.image,
            facts.image_size.div_ceil(GIB),
            request.size,
            request.flavour.vol_capacity
        ),
    ))
}

fn clone(request: &Request, facts: &Facts) -> Result<()> {
    if request.spec.clone == CloneMode::Full || facts.pool_holds_files {
        return Ok(());
    }
    let message = format!(
        "pool {} does not hold files, so it cannot hold a linked clone; ask for clone: full",
        request.pool
    );
    Err(Error::new(Kind::Unsupported, message).with_field("/server/clone"))
}

/// Of the usual machine types only `pc` has IDE; libvirt would say so when everything is made.
fn seed_bus(request: &Request, facts: &Facts) -> Result<()> {
    let machine = facts.hypervisor.machine.as_deref().unwrap_or_default();
    if request.seed_bus != SeedBus::Ide || !(machine.contains("q35") || machine.contains("virt")) {
        return Ok(());
    }
    let message = format!("machine type {machine} has no IDE; ask for bus scsi, or machine pc");
    Err(Error::invalid("/server/seed/bus", message))
}

/// What has to be written at once must fit: a full clone, and whole disks where the pool has no
/// sparse files.
fn room(request: &Request, facts: &Facts) -> Result<()> {
    let whole = |gib: u64| {
        if facts.pool_holds_files { 0 } else { gib * GIB }
    };
    let root = match request.spec.clone {
        CloneMode::Linked => 0,
        CloneMode::Full => facts
            .image_allocation
            .max(whole(request.flavour.vol_capacity)),
    };
    let data: u64 = request
        .disks
        .iter()
        .filter(|disk| disk.pool == request.pool)
        .map(|disk| whole(disk.gib))
        .sum();
    // an overlay's own tables and the seed
    let little = MIB;
    let needed = root + data + little;
    if needed > facts.pool_available {
        return Err(Error::new(
            Kind::QuotaExceeded,
            format!(
                "pool {} has {} MiB left, and {} needs {} MiB; make room or name another pool",
                request.pool,
                facts.pool_available >> 20,
                request.spec.server_name,
                needed.div_ceil(MIB)
            ),
        )
        .with_field("/server/pool"));
    }
    Ok(())
}
