//! A server that this program made, before it is changed.

use crate::concurrent::both;
use crate::drivers::libvirt::domains::{self, Definition, Domain, no_such_server};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::ownership::Ownership;
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::from_xml;
use crate::drivers::libvirt::xml::record::Record;
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
            || domain.describe(),
            || domain.definition(Definition::Whole),
        );
        let seen = seen?.ok_or_else(|| no_such_server(name))?;
        let whole = whole?.ok_or_else(|| no_such_server(name))?;
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

    /// What it starts with next.
    pub(super) fn view(&self) -> Result<DomainView> {
        from_xml(&self.domain.name, &self.xml)
    }
}

/// The refusal to do something to a server as it is.
pub(super) fn conflict(message: impl Into<String>) -> Error {
    Error::new(Kind::Conflict, message).with_field("/server_name")
}
