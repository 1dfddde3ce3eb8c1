//! A seed, before it goes.

use std::io;
use std::sync::Arc;

use crate::Result;
use crate::driver::Silent;
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::volumes::{self, Volume};
use crate::drivers::libvirt::xml::{from_xml, volume::Volume as VolumeView};
use crate::transaction::Cancel;

/// Overwrites the seed `volume` where what its pool frees is the next one's to read: it holds a private key.
/// `text` is what libvirt says of it.
pub(super) fn overwrite(volume: &Volume, text: &str) -> Result<()> {
    let view: VolumeView = from_xml(&volume.name, text)?;
    if !view.is_device() {
        return Ok(());
    }
    // not to be interrupted: it is how things are undone
    let (size, never) = (view.capacity.value, Cancel::default());
    volumes::when_free(|| {
        let silent = (Arc::new(Silent) as _, "overwrite");
        stream::upload(volume, io::repeat(0), size, &never, silent)
    })
}
