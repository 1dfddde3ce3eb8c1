//! An image on its way into a pool.
//!
//! libvirt cannot rename a volume, so an image stands under its final name from the beginning. It is
//! born with a mark in its first sector, as the copy of a volume that holds nothing else; its own first
//! sector is written last, and that is the moment at which it is whole.

use std::io::{Cursor, Read};
use std::sync::Arc;

use sha2::Sha256;

use super::look::check_stored;
use crate::concurrent::both;
use crate::driver::{Context, ImageImport, Silent};
use crate::drivers::image::mark::SECTOR;
use crate::drivers::image::{self, Opened, mark};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::image_in_progress::{Import, head};
use crate::drivers::libvirt::pools::{self, Pool};
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::volumes::{self, Volume};
use crate::drivers::libvirt::xml::volume::NewVolume;
use crate::transaction::{Cancel, Transaction};
use crate::{Error, Kind, Result};

/// What is stored, and where.
pub(super) struct Store<'a> {
    pub(super) cx: &'a Context,
    pub(super) host: &'a Host,
    pub(super) request: &'a ImageImport,
    pub(super) import: Import,
    /// Whether what is all zeros takes no room there.
    pub(super) sparse: bool,
}

/// An image that is stored.
pub(super) struct Stored {
    pub(super) path: String,
    pub(super) sha256: String,
    /// Bytes that it takes.
    pub(super) size: u64,
}

impl Store<'_> {
    /// Stores `opened`. The image is whole when this succeeds.
    pub(super) fn run(
        &self,
        transaction: &mut Transaction<Artifact>,
        opened: Opened,
    ) -> Result<Stored> {
        transaction.record(Artifact::ImportMarker(self.import.clone()))?;
        let marker = self.mark()?;
        let image = Artifact::Import(self.import.clone());
        transaction.record(image.clone())?;
        let volume = match self.begin(&marker, opened.size) {
            Ok(volume) => volume,
            Err(error) if self.is_taken() => {
                transaction.forget(&image)?;
                let Import { pool, image, .. } = &self.import;
                let message = format!("pool {pool} has got a volume {image} from somebody else");
                return Err(image::name_is_taken(message).with_source(error));
            }
            Err(error) => return Err(error.with_field("/image/name")),
        };
        let wanted = opened.sha256.clone();
        let (first, sha256, sent) = self.fill(&volume, opened)?;
        let (path, size) = both(
            || volume.path(),
            || check_stored(self.host, &self.import, &volume, sent),
        );
        let (path, size) = (path?, size?);
        if wanted.is_some_and(|wanted| wanted != sha256) {
            return Err(image::not_what_was_meant(self.request, &sha256));
        }
        self.cx.cancel.check()?;
        write_first(&volume, first)?;
        Ok(Stored { path, sha256, size })
    }

    /// Makes the marker.
    fn mark(&self) -> Result<Volume> {
        let volume = NewVolume::new(&self.import.marker(), "raw", SECTOR as u64);
        let marker = volumes::create(&self.pool()?, &volume, self.host.call_limit())?;
        write_first(&marker, mark::sector(self.import.id)).map(|()| marker)
    }

    /// Makes the image, of `size` bytes, with the mark in its first sector.
    fn begin(&self, marker: &Volume, size: u64) -> Result<Volume> {
        let Import { image, id, .. } = &self.import;
        let volume = NewVolume::new(image, "raw", size).sparse(self.sparse);
        let copied = volumes::copy(&self.pool()?, &volume, marker, (SECTOR as u64, size));
        match copied {
            // a kind of pool that copies nothing
            Err(error) if error.kind() == Kind::Unsupported => {
                let made = volumes::create(&self.pool()?, &volume, self.host.call_limit())?;
                write_first(&made, mark::sector(*id)).map(|()| made)
            }
            copied => copied,
        }
    }

    fn pool(&self) -> Result<Pool> {
        pools::named(self.host, &self.import.pool)
    }

    /// Whether there is a volume of the image's name that this import has not made. libvirt says it in
    /// words only.
    fn is_taken(&self) -> bool {
        let Import { pool, image, id } = &self.import;
        let found = head(self.host, pool, image);
        found.is_ok_and(|found| found.is_some_and(|head| !mark::is_of(*id, &head)))
    }

    /// Sends all but the first sector, which it answers, the SHA-256 of all, and how much was no hole.
    fn fill(&self, volume: &Volume, opened: Opened) -> Result<(Vec<u8>, String, u64)> {
        let failed = |error: std::io::Error| {
            let source = image::shown_source(&self.request.source);
            let error = Error::new(Kind::Internal, format!("cannot read {source}: {error}"));
            image::stopped(&self.cx.cancel, error)
        };
        let data = opened.data.take(opened.size);
        let (mut data, hash) = image::ahead::<Sha256>(data).map_err(failed)?;
        let mut first = vec![0; SECTOR];
        data.read_exact(&mut first).map_err(failed)?;
        let rest = opened.size.saturating_sub(SECTOR as u64);
        let mut sent = 0;
        if rest > 0 {
            sent = stream::upload_at(
                volume,
                data,
                (SECTOR as u64, rest),
                self.sparse,
                &self.cx.cancel,
                (Arc::clone(&self.cx.progress), "upload"),
            )?;
        }
        Ok((first, hash.finish().map_err(failed)?, sent))
    }
}

/// Writes the first sector of `volume`. Nothing interrupts that, for it is one message.
fn write_first(volume: &Volume, sector: Vec<u8>) -> Result<()> {
    let silent = (Arc::new(Silent) as _, "mark");
    stream::upload(
        volume,
        Cursor::new(sector),
        SECTOR as u64,
        &Cancel::default(),
        silent,
    )
}
