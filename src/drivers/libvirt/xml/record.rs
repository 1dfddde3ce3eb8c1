//! The record that each server carries in its domain's metadata: what was made for it, so that
//! deletion removes exactly that, and what it was made from.

use std::net::IpAddr;

use quick_xml::events::Event;
use quick_xml::name::{self, ResolveResult};
use quick_xml::reader::NsReader;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::from_xml;
use crate::Result;
use crate::drivers::minion::RecordedMinion;

/// The XML namespace of the record.
pub(crate) const NAMESPACE: &str = "urn:va-driver:server:1";

/// `<va:server>` below a domain's `<metadata>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "va:server")]
pub(crate) struct Record {
    #[serde(rename = "@xmlns:va", default, skip_deserializing)]
    namespace: Namespace,
    /// The version of the program that made it.
    #[serde(rename(serialize = "va:version", deserialize = "version"))]
    pub(crate) version: String,
    /// The UUID of the domain that it was written for; version 0.1.0 did not write it.
    #[serde(
        rename(serialize = "va:uuid", deserialize = "uuid"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) uuid: Option<Uuid>,
    /// When it was made, RFC 3339 in UTC.
    #[serde(rename(serialize = "va:created", deserialize = "created"))]
    pub(crate) created: String,
    /// The provider by which it was made; another one may be of the same host.
    #[serde(
        rename(serialize = "va:provider", deserialize = "provider"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) provider: Option<String>,
    /// SHA-256 of the specification that it was made from.
    #[serde(rename(serialize = "va:spec", deserialize = "spec"))]
    pub(crate) spec: String,
    #[serde(rename(serialize = "va:image", deserialize = "image"))]
    pub(crate) image: String,
    #[serde(rename(serialize = "va:size", deserialize = "size"))]
    pub(crate) size: String,
    #[serde(
        rename(serialize = "va:role", deserialize = "role"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) role: Option<String>,
    /// Its volumes, the root disk first.
    #[serde(rename(serialize = "va:volume", deserialize = "volume"), default)]
    pub(crate) volumes: Vec<RecordedVolume>,
    #[serde(
        rename(serialize = "va:minion", deserialize = "minion"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) minion: Option<RecordedMinion>,
    /// The static addresses that its seed gives it.
    #[serde(
        rename(serialize = "va:address", deserialize = "address"),
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) addresses: Vec<String>,
    /// The addresses that networks of the host keep for it.
    #[serde(
        rename(serialize = "va:reservation", deserialize = "reservation"),
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) reservations: Vec<Reservation>,
    /// Where its UEFI variables are, known once it was defined.
    #[serde(
        rename(serialize = "va:nvram", deserialize = "nvram"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) nvram: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Namespace;

impl Default for Namespace {
    fn default() -> Self {
        Self
    }
}

impl Serialize for Namespace {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(NAMESPACE)
    }
}

/// A volume that was made for a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedVolume {
    #[serde(rename = "@pool")]
    pub(crate) pool: String,
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@use")]
    pub(crate) purpose: VolumeUse,
}

/// An address of a network that is kept for a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reservation {
    #[serde(rename = "@network")]
    pub(crate) network: String,
    #[serde(rename = "@mac")]
    pub(crate) mac: String,
    #[serde(rename = "@ip")]
    pub(crate) ip: IpAddr,
    #[serde(rename = "@name")]
    pub(crate) name: String,
}

/// What a volume is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VolumeUse {
    Root,
    Data,
    Seed,
}

impl Record {
    /// A record for the domain `uuid`, of nothing yet.
    pub(crate) fn new(
        uuid: Uuid,
        spec: String,
        image: String,
        size: String,
        role: Option<String>,
    ) -> Self {
        let now = time::OffsetDateTime::now_utc().replace_nanosecond(0);
        let created = now
            .ok()
            .and_then(|now| {
                now.format(&time::format_description::well_known::Rfc3339)
                    .ok()
            })
            .unwrap_or_default();
        Self {
            namespace: Namespace,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uuid: Some(uuid),
            created,
            provider: None,
            spec,
            image,
            size,
            role,
            volumes: Vec::new(),
            minion: None,
            addresses: Vec::new(),
            reservations: Vec::new(),
            nvram: None,
        }
    }

    /// Reads the XML in the metadata of `server`.
    pub(crate) fn read(server: &str, text: &str) -> Result<Self> {
        from_xml(&format!("the record of {server}"), text)
    }

    /// The root disk's volume.
    pub(crate) fn root(&self) -> Option<&RecordedVolume> {
        self.volumes
            .iter()
            .find(|volume| volume.purpose == VolumeUse::Root)
    }

    /// The text of the record in the definition of a domain.
    ///
    /// # Errors
    /// Why the definition cannot be read.
    pub(crate) fn in_definition(domain: &str) -> std::result::Result<Option<&str>, String> {
        let mut reader = NsReader::from_str(domain);
        let mut above: Vec<String> = Vec::new();
        loop {
            let start = reader.buffer_position();
            let event = reader.read_resolved_event();
            let (namespace, event) = event.map_err(|error| error.to_string())?;
            let is_record = namespace == ResolveResult::Bound(name::Namespace(NAMESPACE))
                && above == ["domain", "metadata"];
            let end = match event {
                Event::Start(element) if is_record => {
                    let rest = reader.read_to_end(element.name());
                    rest.map_err(|error| error.to_string())?;
                    reader.buffer_position()
                }
                Event::Empty(_) if is_record => reader.buffer_position(),
                Event::Start(element) => {
                    above.push(element.name().as_ref().to_owned());
                    continue;
                }
                Event::End(_) => {
                    above.pop();
                    continue;
                }
                Event::Eof => return Ok(None),
                _ => continue,
            };
            let place = |position: u64| usize::try_from(position).unwrap_or(usize::MAX);
            return Ok(domain.get(place(start)..place(end)));
        }
    }

    /// The seed's volume.
    pub(crate) fn seed(&self) -> Option<&RecordedVolume> {
        self.volumes
            .iter()
            .find(|volume| volume.purpose == VolumeUse::Seed)
    }
}

#[cfg(test)]
mod tests;
