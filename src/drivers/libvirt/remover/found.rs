//! What is found of a server that goes.

use std::io;
use std::sync::Arc;

use crate::Result;
use crate::driver::Silent;
use crate::drivers::libvirt::domains::{Description, Domain};
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::volumes::Volume;
use crate::drivers::libvirt::xml::from_xml;
use crate::drivers::libvirt::xml::record::Record;
use crate::drivers::libvirt::xml::volume::Volume as VolumeView;
use crate::transaction::Cancel;

/// What there is of the server that goes.
pub(super) enum Server {
    Absent,
    /// Why what there is by its UUID is not what is meant.
    Another(String),
    Ours(Box<Ours>),
}

/// The server that goes, as it was seen.
pub(super) struct Ours {
    pub(super) domain: Domain,
    pub(super) record: Box<Record>,
    pub(super) seen: Description,
}

impl Ours {
    pub(super) fn switch_off(&self) -> Result<()> {
        if self.seen.active {
            self.domain.switch_off()?;
        }
        Ok(())
    }
}

/// What becomes of the server that a volume is of.
pub(super) enum Owner {
    /// It stays; why.
    Stays(String),
    /// It goes, where there is one.
    Goes(Option<Box<Ours>>),
}

/// Overwrites the seed `volume` where what its pool frees is the next one's to read: it holds a private key.
/// `text` is what libvirt says of it.
pub(super) fn overwrite(volume: &Volume, text: &str) -> Result<()> {
    let view: VolumeView = from_xml(&volume.name, text)?;
    if !view.is_device() {
        return Ok(());
    }
    let (size, silent) = (view.capacity.value, Arc::new(Silent));
    // not to be interrupted: it is how things are undone
    let never = Cancel::default();
    stream::upload(volume, io::repeat(0), size, &never, (silent, "overwrite"))
}
