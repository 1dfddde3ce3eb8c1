//! A server that this program made, before it is changed.

use crate::concurrent::both;
use crate::drivers::libvirt::domains::{self, Definition, Domain, no_such_server};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::pools;
use crate::drivers::libvirt::storage::names;
use crate::drivers::libvirt::volumes::{self, Volume};
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::from_xml;
use crate::drivers::libvirt::xml::record::{Record, RecordedVolume};
use crate::drivers::libvirt::xml::tree::Element;
use crate::drivers::libvirt::xml::volume::Volume as VolumeView;
use crate::{Error, Kind, Result};

/// A server of ours.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) domain: Domain,
    /// What it starts with next, with its secrets.
    pub(super) xml: String,
    pub(super) record: Box<Record>,
    /// Whether it runs, or is halted in memory.
    pub(super) active: bool,
}

impl Owned {
    /// The server `name`. What comes of one that is not ours is said by `so`.
    pub(super) fn find(host: &Host, name: &str, so: &str) -> Result<Self> {
        let domain = domains::named(host, name)?;
        let (seen, whole) = both(
            || domain.described(),
            || domain.definition(Definition::Whole),
        );
        let (seen, whole) = (seen?, whole?.ok_or_else(|| no_such_server(name))?);
        match Ownership::of(name, domain.uuid, seen.record.as_deref()) {
            Ownership::Ours(record) => Ok(Self {
                domain,
                xml: whole,
                record,
                active: seen.active,
            }),
            other => Err(conflict(format!("{name} {}, {so}", other.why_not()))),
        }
    }

    /// Its root disk, as its record has it.
    pub(super) fn root(&self) -> Result<&RecordedVolume> {
        let root = self.record.root();
        let root = root.filter(|root| names::is_of(&root.name, self.domain.uuid));
        root.ok_or_else(|| {
            let name = &self.domain.name;
            conflict(format!(
                "the record of {name} names no root disk of its own"
            ))
        })
    }

    /// What it starts with next.
    pub(super) fn view(&self) -> Result<DomainView> {
        from_xml(&self.domain.name, &self.xml)
    }
}

/// A volume of a record's, in its pool.
pub(super) fn volume_of(host: &Host, recorded: &RecordedVolume) -> Result<Volume> {
    let found = volumes::find(&pools::named(host, &recorded.pool)?, &recorded.name)?;
    found.ok_or_else(|| gone(recorded))
}

/// The same, with what the host says of it.
pub(super) fn seen_volume_of(
    host: &Host,
    recorded: &RecordedVolume,
) -> Result<(Volume, VolumeView)> {
    let volume = volume_of(host, recorded)?;
    let text = volume.xml()?.ok_or_else(|| gone(recorded))?;
    let view = from_xml(&volume.name, &text)?;
    Ok((volume, view))
}

fn gone(recorded: &RecordedVolume) -> Error {
    let message = format!(
        "{} is not in pool {} any more",
        recorded.name, recorded.pool
    );
    Error::new(Kind::NotFound, message)
}

/// A definition as a tree.
pub(super) fn read(definition: &str) -> Result<Element> {
    Element::parse(definition).map_err(unread)
}

/// Why a definition cannot be read.
pub(super) fn unread(why: String) -> Error {
    Error::new(Kind::Internal, format!("cannot read a definition: {why}"))
}

/// The refusal to do something to a server as it is.
pub(super) fn conflict(message: impl Into<String>) -> Error {
    Error::new(Kind::Conflict, message).with_field("/server_name")
}
