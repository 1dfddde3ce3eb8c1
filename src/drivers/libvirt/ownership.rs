//! Whose a domain is: what this program made is told from all else by the record in its metadata, and
//! that counts only for the domain that it was written for.

use uuid::Uuid;

use super::storage::names;
use super::xml::record::Record;

/// Whose a domain is, by the record in its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// This program made it.
    Ours(Box<Record>),
    /// It has no record.
    Unmanaged,
    /// Its record was written for another domain, of which it is a copy.
    Copy,
    /// Its record cannot be read; why.
    Unreadable(String),
}

impl Ownership {
    /// Whose the domain `name` with the UUID `uuid` is, which has the record `text`.
    pub(crate) fn of(name: &str, uuid: Uuid, text: Option<&str>) -> Self {
        match text.map(|text| Record::read(name, text)) {
            None => Self::Unmanaged,
            Some(Err(error)) => Self::Unreadable(error.message().to_owned()),
            Some(Ok(record)) if is_for(&record, uuid) => Self::Ours(Box::new(record)),
            Some(Ok(_)) => Self::Copy,
        }
    }

    /// The record, where it counts.
    pub(crate) fn record(&self) -> Option<&Record> {
        match self {
            Self::Ours(record) => Some(record),
            _ => None,
        }
    }

    /// Why a domain that is not ours is none, to stand behind its name.
    pub(crate) fn why_not(&self) -> &'static str {
        match self {
            Self::Copy => "was copied from a server by another program",
            Self::Unreadable(_) => "has a record that this version cannot read",
            Self::Ours(_) | Self::Unmanaged => "was not made by this program",
        }
    }
}

/// Whether `record` was written for the domain `uuid`. Whoever copies a domain copies its metadata; the
/// copy has another UUID.
fn is_for(record: &Record, uuid: Uuid) -> bool {
    let is_own = |name: &str| names::is_of(name, uuid);
    match record.uuid {
        Some(own) => own == uuid,
        // version 0.1.0 did not write it
        None => {
            !record.volumes.is_empty() && record.volumes.iter().all(|volume| is_own(&volume.name))
        }
    }
}

#[cfg(test)]
mod tests;
