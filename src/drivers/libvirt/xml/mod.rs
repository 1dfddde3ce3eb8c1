//! libvirt's XML, written and read through serde. Nothing here builds XML from text.
//!
//! Formats: <https://libvirt.org/format.html>.
//!
//! | file | concern |
//! |---|---|
//! | `domain` | `<domain>`, to be defined |
//! | `snapshot` | `<domainsnapshot>` |
//! | `record` | the record in its metadata: what was made for the server |
//! | `domain_view` | `<domain>`, as the host shows it |
//! | `tree`, `overlay` | any document; a user's own domain laid over ours |
//! | `volume` | `<volume>` |
//! | `pool` | `<pool>` |
//! | `network` | `<network>` |
//! | `capabilities` | `<domainCapabilities>`, and what tells the host of `<capabilities>` |

pub(super) mod capabilities;
pub(super) mod domain;
pub(super) mod domain_view;
pub(super) mod network;
pub(super) mod overlay;
pub(super) mod pool;
pub(super) mod record;
pub(super) mod snapshot;
pub(super) mod tree;
pub(super) mod volume;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Kind, Result};

/// Writes `value` as XML.
pub(super) fn to_xml(value: &impl Serialize) -> Result<String> {
    quick_xml::se::to_string(value).map_err(|error| {
        Error::new(
            Kind::Internal,
            format!("cannot write libvirt's XML: {error}"),
        )
    })
}

/// Reads what the host answered about `what`.
pub(super) fn from_xml<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    quick_xml::de::from_str(text).map_err(|error| {
        Error::new(
            Kind::Internal,
            format!("cannot read the host's XML of {what}: {error}"),
        )
    })
}

/// A size with its unit, as libvirt writes it.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(super) struct Sized {
    #[serde(rename = "@unit", default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(rename = "$text")]
    pub(super) value: u64,
}

impl Sized {
    /// `value` bytes.
    pub(super) fn bytes(value: u64) -> Self {
        Self {
            unit: Some("bytes".to_owned()),
            value,
        }
    }

    /// `value` KiB.
    pub(super) fn kib(value: u64) -> Self {
        Self {
            unit: Some("KiB".to_owned()),
            value,
        }
    }
}

/// Refuses `text`, the member at `field`, where it cannot stand in XML.
pub(super) fn check_xml_text(text: &str, field: &str) -> Result<()> {
    if is_xml_text(text) {
        return Ok(());
    }
    let message = "the text has a control character, which cannot be stored with a server";
    Err(Error::invalid(field, message))
}

/// Whether `text` can stand in XML 1.0 at all: serialisers escape markup, but not characters that
/// the format excludes.
pub(super) fn is_xml_text(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    })
}
