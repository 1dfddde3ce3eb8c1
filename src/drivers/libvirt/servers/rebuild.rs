//! A root disk made anew from an image. The new one is whole before the guest is stopped and the definition names it;
//! the old one goes after that.

use super::action::stop;
use super::data_disk::{begin, remove_spares, spare};
use super::owned::{Owned, conflict, read, seen_volume_of};
use super::recover::OnHost;
use super::rename::define;
use super::seal::is_sealed;
use super::snapshots::check_none;
use super::unplug::{PLACES, is_disk};
use crate::driver::{ActionDone, Context};
use crate::drivers::creation::recover_subject;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::inventory::no_such_image;
use crate::drivers::libvirt::plan::{self, Facts};
use crate::drivers::libvirt::remover::Remover;
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::xml::record::{Record, RecordedVolume};
use crate::drivers::libvirt::xml::to_xml;
use crate::drivers::libvirt::xml::tree::Element;
use crate::drivers::libvirt::xml::volume::NewVolume;
use crate::drivers::libvirt::{pools, volumes};
use crate::units::GIB;
use crate::{Error, Result};
use std::time::Duration;

/// Makes the root disk of the server `name` anew from `image`, else from its own.
pub(super) fn rebuild(
    cx: &Context,
    host: &Host,
    settings: &Settings,
    name: &str,
    image: Option<&str>,
    patience: Duration,
) -> Result<ActionDone> {
    recover_subject(cx, &OnHost::new(cx, host), name)?;
    let owned = Owned::find(host, name, "so its disk is not made anew")?;
    let Owned { domain, record, .. } = &owned;
    check_none(domain, "a new root disk")?;
    let root = owned.root()?;
    let image = image
        .filter(|image| !image.is_empty())
        .unwrap_or(&record.image);
    let facts = plan::image(host, settings, (image, "/image"))?;
    if record.minion.is_some() && is_sealed(host, &owned)? {
        return Err(conflict(format!(
            "the seed of {name} was sealed: a new root disk would start its minion without its key; delete the \
             server, and create it again"
        )));
    }
    let new = NewRoot::plan(host, settings, &owned, root, (image, &facts))?;

    cx.cancel.check()?;
    let mut transaction = begin(cx, host, name)?;
    let spares = vec![spare(domain, &new.recorded), spare(domain, root)];
    transaction.record_all(spares.clone())?;
    let mut is_off = false;
    let done = new.make(host, settings, (image, &facts)).and_then(|()| {
        if owned.active {
            stop(cx, domain, patience)?;
            is_off = true;
        }
        define(host, domain, &new.definition)
    });
    if let Err(error) = done {
        let remover = Remover::after(cx, host, &error, &spares[..1]);
        let error = transaction.roll_back(error, |artifact| remover.remove(artifact));
        if is_off {
            domain.start()?;
        }
        return Err(error);
    }
    let removed = remove_spares(transaction, &Remover::new(cx, host, &spares));
    if owned.active {
        // whatever stays of the old disk, the server has its new one
        domain.start()?;
    }
    removed?;
    let message = format!("the root disk of {name} is made anew from {image}");
    Ok(ActionDone::new(message, true, None))
}

/// A root disk in place of another.
struct NewRoot {
    recorded: RecordedVolume,
    xml: NewVolume,
    /// Whether it is an overlay of the image.
    linked: bool,
    capacity: u64,
    definition: Element,
}

impl NewRoot {
    /// As the disk before: in its pool, as large, linked where it was.
    fn plan(
        host: &Host,
        settings: &Settings,
        owned: &Owned,
        old: &RecordedVolume,
        (image, facts): (&str, &Facts),
    ) -> Result<Self> {
        let domain = &owned.domain;
        let pool = plan::pool(host, &old.pool, "/server_name")?;
        let found = pools::named(host, &old.pool)?;
        let (_, view) = seen_volume_of(host, old)?;
        let (capacity, linked) = (view.capacity.value, view.backing_path().is_some());
        if capacity < facts.image_size {
            let message = format!(
                "the image {image} needs a disk of {} GiB, and that of {} has {} GiB",
                facts.image_size.div_ceil(GIB),
                domain.name,
                capacity / GIB
            );
            return Err(Error::invalid("/image", message));
        }
        plan::check_image_pool(settings, (&old.pool, &pool), facts)
            .map_err(|error| error.with_field("/image"))?;
        let format = pool.format();
        let mut number = 2;
        let name = loop {
            let name = names::further_root(&domain.name, domain.uuid, number, format);
            if name != old.name && volumes::find(&found, &name)?.is_none() {
                break name;
            }
            number += 1;
        };
        let xml = NewVolume::new(&name, format, capacity);
        let mut record = owned.record.clone();
        image.clone_into(&mut record.image);
        for volume in &mut record.volumes {
            if volume.name == old.name {
                name.clone_into(&mut volume.name);
            }
        }
        Ok(Self {
            definition: with_root(&owned.xml, &record, &old.name, &name)?,
            xml: if linked && !pool.view.clones() {
                xml.backed_by(&facts.image_path, &facts.image_format)
            } else {
                xml
            },
            recorded: RecordedVolume {
                name,
                ..old.clone()
            },
            linked: linked && !pool.view.clones(),
            capacity,
        })
    }

    fn make(&self, host: &Host, settings: &Settings, (image, facts): (&str, &Facts)) -> Result<()> {
        let pool = pools::named(host, &self.recorded.pool)?;
        if self.linked {
            return volumes::create(&pool, &self.xml, host.call_limit()).map(drop);
        }
        let found = volumes::find(&pools::named(host, &settings.image_pool)?, image)?;
        let found = found.ok_or_else(|| no_such_image(&settings.image_pool, image))?;
        let sizes = (facts.image_allocation, self.capacity);
        volumes::copy(&pool, &self.xml, &found, sizes).map(drop)
    }
}

/// `definition` with the volume `new` in place of `old`, and with `record`: both at once.
fn with_root(definition: &str, record: &Record, old: &str, new: &str) -> Result<Element> {
    let mut tree = read(definition)?;
    let record = read(&to_xml(record)?)?;
    let mut changed = 0;
    for part in &mut tree.children {
        for child in &mut part.children {
            if part.name == "metadata" && child.name == record.name {
                *child = record.clone();
                changed += 1;
            }
            if part.name == "devices" && is_disk(child, old) {
                child.children.retain(|inner| inner.name != "backingStore");
                let source = child
                    .children
                    .iter_mut()
                    .find(|inner| inner.name == "source");
                for (name, place) in source.into_iter().flat_map(|source| &mut source.attributes) {
                    if PLACES.contains(&name.as_str()) && place.ends_with(old) {
                        place.truncate(place.len() - old.len());
                        place.push_str(new);
                        changed += 1;
                    }
                }
            }
        }
    }
    if changed == 2 {
        return Ok(tree);
    }
    Err(conflict(
        "the server does not start from its own root disk, as it was made; delete it and create it again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_and_the_record_change_together_or_not_at_all() {
        let record = Record::new(
            uuid::Uuid::nil(),
            "s".into(),
            "new-image".into(),
            "z".into(),
            None,
        );
        let definition = |disk: &str| {
            format!(
                "<domain><metadata><va:server xmlns:va='urn:va-driver:server:1'><va:image>old</va:image></va:server>\
                 <other/></metadata><devices><disk><source file='/p/{disk}'/><backingStore/></disk></devices></domain>"
            )
        };
        let tree = with_root(&definition("a.root"), &record, "a.root", "a.root2").unwrap();
        let text = tree.write();
        assert!(
            text.contains("/p/a.root2\"") && text.contains("new-image"),
            "{text}"
        );
        assert!(
            !text.contains("backingStore") && text.contains("<other/>"),
            "{text}"
        );
        assert!(with_root(&definition("other"), &record, "a.root", "a.root2").is_err());
    }
}
