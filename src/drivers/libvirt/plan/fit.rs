//! Whether what is asked for fits what the host has.

use super::facts::PoolFacts;
use super::request::SeedBus;
use super::{Facts, Request};
use crate::driver::CloneMode;
use crate::drivers::libvirt::settings::Settings;
use crate::units::{GIB, MIB};
use crate::{Error, Kind, Result};

/// Checks it all; every error names the member that can be changed.
pub(super) fn check(settings: &Settings, request: &Request, facts: &Facts) -> Result<()> {
    size(request, facts)?;
    clone(settings, request, facts)?;
    seed_bus(request, facts)?;
    ignition(request, facts)?;
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

/// A cluster clones its own images, and libvirt brings none of these out of it.
pub(crate) fn check_image_pool(
    settings: &Settings,
    (name, pool): (&str, &PoolFacts),
    facts: &Facts,
) -> Result<()> {
    let images = &settings.image_pool;
    let message = match (pool.view.clones(), facts.image_in_cluster) {
        (false, false) => return Ok(()),
        (true, true) if images == name => return Ok(()),
        (_, true) => format!(
            "libvirt clones an image of pool {images} in this pool only: the root disk must be there"
        ),
        (_, false) => format!(
            "pool {name} clones its own images only: bring the image there, and let the provider's image_pool \
             name it"
        ),
    };
    Err(Error::new(Kind::Unsupported, message))
}

fn clone(settings: &Settings, request: &Request, facts: &Facts) -> Result<()> {
    let (name, pool) = (&request.pool, facts.pool(&request.pool)?);
    check_image_pool(settings, (name, pool), facts)
        .map_err(|error| error.with_field("/server/pool"))?;
    if request.spec.clone == CloneMode::Full || pool.view.holds_files() || pool.view.clones() {
        return Ok(());
    }
    let message = format!(
        "pool {name} does not hold files, so it cannot hold a linked clone; ask for clone: full"
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

/// QEMU reads a config for Ignition to the end of what it is in, which a device does not have there.
fn ignition(request: &Request, facts: &Facts) -> Result<()> {
    let pool = facts.pools.get(&facts.seed_pool);
    if request.ignition().is_none() || pool.is_none_or(|pool| pool.view.holds_files()) {
        return Ok(());
    }
    let message = format!(
        "pool {} does not hold files, which an Ignition config needs; name another pool",
        facts.seed_pool
    );
    Err(Error::new(Kind::Unsupported, message).with_field("/server/pool"))
}

/// What has to be written at once must fit where it is written: a full clone, and whole disks where a pool has
/// no sparse ones.
fn room(request: &Request, facts: &Facts) -> Result<()> {
    let whole = |pool: &str, gib: u64| -> Result<u64> {
        let allocates = facts.pool(pool)?.view.allocates();
        Ok(if allocates { gib * GIB } else { 0 })
    };
    let (pool, clones) = (&request.pool, facts.pool(&request.pool)?.view.clones());
    let root = match request.spec.clone {
        CloneMode::Full if !clones => facts
            .image_allocation
            .max(whole(pool, request.flavour.vol_capacity)?),
        _ => 0,
    };
    // an overlay's own tables and the seed
    let little = MIB;
    let mut needs = vec![(pool, root + little, "/server/pool".to_owned())];
    for disk in &request.disks {
        let bytes = whole(&disk.pool, disk.gib)?;
        match needs.iter_mut().find(|(pool, _, _)| **pool == disk.pool) {
            Some((_, needed, _)) => *needed += bytes,
            None => needs.push((&disk.pool, bytes, format!("{}/pool", disk.field))),
        }
    }
    for (pool, needed, field) in needs {
        let available = facts.pool(pool)?.available;
        if needed > available {
            let message = format!(
                "pool {pool} has {} MiB left, and {} needs {} MiB there; make room or name another pool",
                available >> 20,
                request.spec.server_name,
                needed.div_ceil(MIB)
            );
            return Err(Error::new(Kind::QuotaExceeded, message).with_field(field));
        }
    }
    Ok(())
}
