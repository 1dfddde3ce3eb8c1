//! Snapshots of a server, within its disks: made, listed, gone back to, deleted. The definition with its record goes
//! back with the disks, so what changes the disks themselves is refused as long as there are snapshots.

use super::owned::{Owned, conflict};
use crate::driver::{Action, ActionDone, ActionOptions, Context, Snapshot};
use crate::drivers::libvirt::domains::{self, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::snapshot::{NewSnapshot, SnapshotView};
use crate::drivers::libvirt::xml::{from_xml, is_xml_text, to_xml};
use crate::{Error, Kind, Result};

/// A file of the host is called so, with the server's directory before it.
const NAME_MAX: usize = 200;

/// Does the `action` about snapshots to the server `name`.
pub(super) fn act(
    cx: &Context,
    host: &Host,
    name: &str,
    action: Action,
    options: &ActionOptions,
) -> Result<ActionDone> {
    if action == Action::ListSnapshots {
        let domain = domains::named(host, name)?;
        let all = list(&domain)?;
        let message = format!("{name} has {} snapshots", all.len());
        let mut done = ActionDone::new(message, false, None);
        done.snapshots = Some(all);
        return Ok(done);
    }
    let snapshot = checked_name(options.image.as_deref())?;
    let so = "so its snapshots are left to whoever made it";
    let Owned { domain, .. } = &Owned::find(host, name, so)?;
    let all = list(domain)?;
    let is_there = all.iter().any(|one| one.name == snapshot);
    cx.cancel.check()?;
    let (changed, how) = match action {
        Action::Snapshot if is_there => {
            let message = format!("{name} has a snapshot {snapshot} already; choose another name");
            return Err(Error::new(Kind::AlreadyExists, message).with_field("/image"));
        }
        Action::Snapshot => {
            check_disks(domain)?;
            let new = NewSnapshot {
                name: snapshot.to_owned(),
            };
            domain.take_snapshot(to_xml(&new)?)?;
            (true, "is made")
        }
        Action::DeleteSnapshot if !is_there => (false, "is not there; nothing to delete"),
        Action::DeleteSnapshot => {
            domain.delete_snapshot(snapshot)?;
            (true, "is deleted")
        }
        _ if !is_there => return Err(no_such(name, snapshot, &all)),
        _ => {
            domain.revert_to(snapshot)?;
            (true, "is what it goes on from")
        }
    };
    let message = format!("the snapshot {snapshot} of {name} {how}");
    let mut done = ActionDone::new(message, changed, None);
    done.snapshots = Some(list(domain)?);
    Ok(done)
}

/// Refuses to change the disks or the name of `domain` as long as it has snapshots.
pub(super) fn check_none(domain: &Domain, what: &str) -> Result<()> {
    if !domain.has_snapshots()? {
        return Ok(());
    }
    Err(conflict(format!(
        "{} has snapshots, or memory that libvirt has saved, which would not fit {what} any more; delete those first",
        domain.name
    )))
}

/// All of them, the oldest first.
fn list(domain: &Domain) -> Result<Vec<Snapshot>> {
    let all = domain.snapshots()?.into_iter().map(|(xml, current)| {
        let view: SnapshotView = from_xml(&format!("a snapshot of {}", domain.name), &xml)?;
        Ok(view.shown(current))
    });
    let mut all = all.collect::<Result<Vec<_>>>()?;
    all.sort_by(|a, b| (&a.created, &a.name).cmp(&(&b.created, &b.name)));
    Ok(all)
}

fn checked_name(name: Option<&str>) -> Result<&str> {
    let name = name.unwrap_or_default();
    let is_file_name = !name.starts_with('.') && !name.contains(['/', '\n']) && is_xml_text(name);
    if name.trim().is_empty() || name.len() > NAME_MAX || !is_file_name {
        let message = format!(
            "say what the snapshot is called, in at most {NAME_MAX} bytes, without / and without . before it"
        );
        return Err(Error::invalid("/image", message));
    }
    Ok(name)
}

fn no_such(name: &str, snapshot: &str, all: &[Snapshot]) -> Error {
    let there: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
    let there = match there.as_slice() {
        [] => "it has none".to_owned(),
        there => format!("it has: {}", there.join(", ")),
    };
    let message = format!("{name} has no snapshot {snapshot:?}; {there}");
    Error::new(Kind::NotFound, message).with_field("/image")
}

/// Refuses a server with a disk that holds no snapshots; libvirt says so of some only when the guest was halted.
fn check_disks(domain: &Domain) -> Result<()> {
    let view: DomainView = from_xml(&domain.name, &domain.described()?.xml)?;
    let bad = view
        .devices
        .disk
        .iter()
        .find(|disk| !disk.holds_snapshots());
    let Some(bad) = bad else { return Ok(()) };
    let place = bad.chain().first().and_then(|source| source.place());
    let message = format!(
        "the disk {} of {} is no qcow2, and only those hold snapshots",
        place.unwrap_or_default(),
        domain.name
    );
    Err(Error::new(Kind::Unsupported, message).with_field("/server_name"))
}
