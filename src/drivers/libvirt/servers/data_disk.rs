//! A disk given to a server, or taken away from it. Its volume is in the record from before it is attached until it is
//! deleted: it is the server's own, and goes with it at the latest.

use std::time::Duration;

use super::owned::{Owned, conflict, volume_of};
use super::recover::OnHost;
use super::snapshots::check_none;
use super::unplug::{is_disk, unplug};
use crate::driver::members::server_members;
use crate::driver::{ActionDone, ActionOptions, Context, VolumeSpec};
use crate::drivers::creation::{DISKS, check_size, recover_subject};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::domains::{Affected, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan;
use crate::drivers::libvirt::remover::Remover;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::xml::domain::DiskTarget;
use crate::drivers::libvirt::xml::record::{RecordedVolume, VolumeUse};
use crate::drivers::libvirt::xml::to_xml;
use crate::drivers::libvirt::xml::volume::NewVolume;
use crate::drivers::libvirt::{pools, volumes};
use crate::transaction::{Journal, Transaction};
use crate::units::{GIB, MIB};
use crate::{Error, Kind, Result};

/// Gives the server `name` the disk that `options` ask for: a new one, or one that was taken away from it.
pub(super) fn attach(
    cx: &Context,
    host: &Host,
    name: &str,
    options: &ActionOptions,
) -> Result<ActionDone> {
    let wanted = options.disk.as_ref();
    let wanted =
        wanted.ok_or_else(|| Error::invalid("/disk", "say the disk: its size, or volume"))?;
    check(wanted)?;
    recover_subject(cx, &OnHost::new(cx, host), name)?;
    let owned = Owned::find(host, name, "so no disk is given to it")?;
    check_none(&owned.domain, "another disk")?;
    let (volume, changed) = match &wanted.volume {
        Some(volume) => attach_again(host, &owned, volume)?,
        None => (attach_new(cx, host, &owned, wanted)?, true),
    };
    let how = if changed { "is" } else { "was already" };
    let message = format!("{name} has the disk {volume}, which {how} attached");
    let mut done = ActionDone::new(message, changed, None);
    done.volume = Some(volume);
    Ok(done)
}

/// Takes the disk that `options` name away from the server `name`, and deletes its volume where they say so.
pub(super) fn detach(
    cx: &Context,
    host: &Host,
    name: &str,
    options: &ActionOptions,
    patience: Duration,
) -> Result<ActionDone> {
    let volume = options.volume.as_deref().unwrap_or_default();
    recover_subject(cx, &OnHost::new(cx, host), name)?;
    let owned = Owned::find(host, name, "so no disk is taken away from it")?;
    let recorded = recorded(&owned, volume)?.clone();
    check_none(&owned.domain, "fewer disks")?;
    let take_away = || {
        let what = format!("its disk {volume}");
        unplug(cx, &owned.domain, &what, patience, |device| {
            is_disk(device, volume)
        })
    };
    let (changed, what) = if options.delete {
        let spare = spare(&owned.domain, &recorded);
        let mut transaction = begin(cx, host, name)?;
        transaction.record(spare.clone())?;
        let made = [spare];
        let remover = Remover::new(cx, host, &made);
        if let Err(error) = take_away() {
            return Err(transaction.roll_back(error, |artifact| remover.remove(artifact)));
        }
        remove_spares(transaction, &remover)?;
        (true, "is deleted")
    } else {
        (take_away()?, "is not attached any more, and stays")
    };
    let message = format!("the disk {volume} of {name} {what}");
    Ok(ActionDone::new(message, changed, None))
}

/// Opens the journal of a change of the server `name`.
pub(super) fn begin(cx: &Context, host: &Host, name: &str) -> Result<Transaction<Artifact>> {
    Ok(Transaction::begin(Journal::create(
        &cx.state_dir,
        &host.id()?,
        name,
    )?))
}

/// A volume of a server that stays, as a journal has it.
pub(super) fn spare(domain: &Domain, volume: &RecordedVolume) -> Artifact {
    Artifact::Spare {
        server: domain.uuid,
        pool: volume.pool.clone(),
        volume: volume.name.clone(),
    }
}

/// Removes what was written down and is no disk of its server.
pub(super) fn remove_spares(
    transaction: Transaction<Artifact>,
    remover: &Remover<'_>,
) -> Result<()> {
    let undone = transaction.unmake(|artifact| remover.remove(artifact))?;
    let Some(first) = undone.left_behind.first() else {
        return Ok(());
    };
    let message = format!("{} could not be removed: {}", first.name, first.reason);
    Err(Error::new(Kind::PartialFailure, message).with_left_behind(undone.left_behind))
}

fn check(wanted: &VolumeSpec) -> Result<()> {
    let mut given = wanted.clone();
    if let Some(volume) = given.volume.take() {
        if given != VolumeSpec::default() || volume.is_empty() {
            let message =
                "say the volume of a disk that was detached, and nothing else; or a new one's size";
            return Err(Error::invalid("/disk/volume", message));
        }
        return Ok(());
    }
    let value = serde_json::to_value(&given)
        .map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
    plan::MEMBERS.refuse_rest(server_members(), &value, "disks/", "/disk")?;
    match given.size {
        Some(size) => check_size(size, "/disk/size"),
        None => Err(Error::invalid("/disk/size", "say its size, in GiB")),
    }
}

/// The data disk `volume` in the record.
fn recorded<'a>(owned: &'a Owned, volume: &str) -> Result<&'a RecordedVolume> {
    let own = |one: &&RecordedVolume| {
        one.purpose == VolumeUse::Data && names::is_of(&one.name, owned.domain.uuid)
    };
    let mut disks = owned.record.volumes.iter().filter(own);
    if let Some(found) = disks.clone().find(|one| one.name == volume) {
        return Ok(found);
    }
    let there: Vec<_> = disks.by_ref().map(|one| one.name.as_str()).collect();
    let there = match there.as_slice() {
        [] => "it has none beside its root disk".to_owned(),
        there => format!("it has: {}", there.join(", ")),
    };
    let message = format!(
        "{} has no disk {volume:?} that could be attached or detached; {there}",
        owned.domain.name
    );
    Err(Error::new(Kind::NotFound, message).with_field("/volume"))
}

/// Makes a volume and attaches it; answers its name.
fn attach_new(cx: &Context, host: &Host, owned: &Owned, wanted: &VolumeSpec) -> Result<String> {
    let (domain, mut record) = (&owned.domain, owned.record.clone());
    let data = record.volumes.iter();
    if data.filter(|one| one.purpose == VolumeUse::Data).count() >= DISKS {
        let message = format!(
            "{} has {DISKS} extra disks, and may not have more",
            domain.name
        );
        return Err(Error::invalid("/disk", message));
    }
    let own_pool = record.root().map(|root| root.pool.clone());
    let pool = wanted.pool.clone().or(own_pool).unwrap_or_default();
    let facts = plan::pool(host, &pool, "/disk/pool")?;
    let size = wanted.size.unwrap_or_default() * GIB;
    if facts.view.allocates() && size > facts.available {
        let message = format!(
            "pool {pool} has {} MiB left; make room or name another pool",
            facts.available / MIB
        );
        return Err(Error::new(Kind::QuotaExceeded, message).with_field("/disk/pool"));
    }
    let target = target(owned)?;
    let found = pools::named(host, &pool)?;
    let format = facts.format();
    let mut number = 1;
    let volume = loop {
        let name = names::data(&domain.name, domain.uuid, number, format);
        let is_known = record.volumes.iter().any(|one| one.name == name);
        if !is_known && volumes::find(&found, &name)?.is_none() {
            break name;
        }
        number += 1;
    };
    let recorded = RecordedVolume {
        pool: pool.clone(),
        name: volume.clone(),
        purpose: VolumeUse::Data,
    };
    cx.cancel.check()?;
    let mut transaction = begin(cx, host, &domain.name)?;
    transaction.record(spare(domain, &recorded))?;
    record.volumes.push(recorded);
    let new = NewVolume::new(&volume, format, size);
    let made = volumes::create(&found, &new, volumes::limit(size));
    let done = made.and_then(|made| {
        let path = made.path()?;
        domain.set_record(to_xml(&record)?)?;
        let disk = plan::extra_disk(Some(&facts), (&pool, &volume, Some(&path)), target);
        plug(owned, to_xml(&disk)?)
    });
    match done {
        Ok(()) => transaction.commit().map(|()| volume),
        Err(error) => {
            let remover = Remover::after(cx, host, &error, transaction.made());
            Err(transaction.roll_back(error, |artifact| remover.remove(artifact)))
        }
    }
}

/// Attaches a disk that was taken away; answers its name, and whether it was not attached.
fn attach_again(host: &Host, owned: &Owned, volume: &str) -> Result<(String, bool)> {
    let recorded = recorded(owned, volume).map_err(|error| error.with_field("/disk/volume"))?;
    if owned
        .view()?
        .devices
        .disk
        .iter()
        .any(|disk| disk.is_of(volume))
    {
        return Ok((volume.to_owned(), false));
    }
    let facts = plan::pool(host, &recorded.pool, "/disk/volume")?;
    let found = volume_of(host, recorded).map_err(|error| match error.kind() {
        Kind::NotFound => error.with_field("/disk/volume"),
        _ => error,
    })?;
    let path = found.path()?;
    let place = (recorded.pool.as_str(), volume, Some(path.as_str()));
    plug(
        owned,
        to_xml(&plan::extra_disk(Some(&facts), place, target(owned)?))?,
    )?;
    Ok((volume.to_owned(), true))
}

/// A free target on the bus of the root disk.
fn target(owned: &Owned) -> Result<DiskTarget> {
    let view = owned.view()?;
    let disks = &view.devices.disk;
    let root = owned.record.root().map(|root| root.name.as_str());
    let root = disks
        .iter()
        .find(|disk| root.is_some_and(|name| disk.is_of(name)));
    let bus = root.and_then(|disk| disk.target.as_ref()?.bus.as_deref());
    let targets = disks.iter().filter_map(|disk| disk.target.as_ref());
    let taken: Vec<_> = targets.map(|target| target.dev.clone()).collect();
    plan::free_target(bus.unwrap_or("virtio"), &taken).ok_or_else(|| {
        conflict(format!(
            "{} has no place for another disk",
            owned.domain.name
        ))
    })
}

/// Adds the device that `xml` describes, to a guest that runs at once.
pub(super) fn plug(owned: &Owned, xml: String) -> Result<()> {
    let to = if owned.active {
        Affected::Both
    } else {
        Affected::Next
    };
    owned.domain.attach(xml, to).map_err(|error| {
        if !error.message().contains("PCI slots") {
            return error;
        }
        let message = format!(
            "{} has no free slot while it runs: stop it, then try again",
            owned.domain.name
        );
        conflict(message).with_source(error)
    })
}
