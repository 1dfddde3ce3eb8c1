//! Data into a volume and out of it, over libvirt's streams.

use std::io::{self, Read};
use std::sync::Arc;

use virt::connect::Connect;
use virt::error::Error as VirtError;
use virt::storage_vol::StorageVol;
use virt::stream::Stream;
use virt::sys;

use crate::driver::Progress;
use crate::drivers::image::unpack::{self, HOLE, read_full};
use crate::drivers::libvirt::loader::send_hole;
use crate::drivers::libvirt::volumes::{Volume, limit};
use crate::transaction::Cancel;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// What is read at once; what libvirt takes at once is less, and its business.
const BLOCK: usize = length(MIB);
/// The most that one message of libvirt's protocol carries (`VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX`).
const MESSAGE: usize = 262_120;
/// What is asked for at once when a volume is read. The host sends as fast as it can and libvirt keeps
/// what is not taken yet, so that a slow reader would find all the rest in this program's memory.
const PIECE: u64 = 4 * MIB;
/// Why an upload did not reach its end.
enum UploadError {
    Virt(VirtError),
    Read(io::Error),
    Short(u64),
    Cancelled,
}

/// Writes `size` bytes of `source` into `volume`.
pub(crate) fn upload(
    volume: &Volume,
    source: impl Read + Send + 'static,
    size: u64,
    cancel: &Cancel,
    progress: (Arc<dyn Progress>, &'static str),
) -> Result<()> {
    upload_at(volume, source, (0, size), false, cancel, progress).map(drop)
}

/// The same, from the byte `offset` of the volume on. Where it may have `holes`, being a file that is new, what
/// is all zeros is not sent if the host is not too old for that. Answers how much was no hole.
pub(crate) fn upload_at(
    volume: &Volume,
    mut source: impl Read + Send + 'static,
    (offset, size): (u64, u64),
    holes: bool,
    cancel: &Cancel,
    (progress, phase): (Arc<dyn Progress>, &'static str),
) -> Result<u64> {
    let doing = format!("upload into the volume {}", volume.name);
    let (held, cancel) = (&volume.held, cancel.clone());
    let outcome = held.call_with(&doing, limit(size), move |conn, volume| {
        let begin = |flags| {
            let stream = Stream::new(conn, 0)?;
            volume.upload(&stream, offset, size, flags)?;
            Ok::<_, VirtError>(stream)
        };
        let sparse = if holes {
            begin(sys::VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM).ok()
        } else {
            None
        };
        let holes = sparse.is_some();
        let stream = sparse.map_or_else(|| begin(0), Ok)?;
        let to = Destination {
            stream: &stream,
            holes,
            hole: 0,
            data: 0,
        };
        match send(to, &mut source, size, &cancel, &*progress, phase) {
            Ok(data) => stream.finish().map(|()| Ok(data)),
            Err(UploadError::Virt(error)) => {
                let _ = stream.abort();
                Err(error)
            }
            Err(other) => stream.abort().map(|()| Err(other)),
        }
    })?;
    outcome.map_err(|error| match error {
        UploadError::Cancelled => Error::new(Kind::Cancelled, format!("{doing}: interrupted")),
        UploadError::Short(done) => Error::new(
            Kind::Internal,
            format!("{doing}: the source ended after {done} of {size} bytes"),
        ),
        UploadError::Read(error) => Error::new(
            Kind::Internal,
            format!("{doing}: cannot read the source: {error}"),
        ),
        UploadError::Virt(error) => Error::new(Kind::Internal, doing).with_source(error),
    })
}

fn send(
    mut to: Destination<'_>,
    source: &mut impl Read,
    size: u64,
    cancel: &Cancel,
    progress: &dyn Progress,
    phase: &str,
) -> std::result::Result<u64, UploadError> {
    let mut block = vec![0_u8; BLOCK];
    let mut done = 0_u64;
    progress.report(phase, 0, size);
    while done < size {
        if cancel.is_cancelled() {
            return Err(UploadError::Cancelled);
        }
        let want = BLOCK.min(usize::try_from(size - done).unwrap_or(BLOCK));
        let got = read_full(source, &mut block[..want]).map_err(|error| {
            if cancel.is_cancelled() {
                UploadError::Cancelled
            } else {
                UploadError::Read(error)
            }
        })?;
        to.take(&block[..got]).map_err(UploadError::Virt)?;
        done += got as u64;
        progress.report(phase, done, size);
        if got < want {
            return Err(UploadError::Short(done));
        }
    }
    to.end_hole().map_err(UploadError::Virt)?;
    Ok(to.data)
}

/// Where data goes.
struct Destination<'a> {
    stream: &'a Stream,
    /// Whether holes are left out.
    holes: bool,
    /// How much is left out that the host was not told of yet.
    hole: u64,
    /// How much was sent.
    data: u64,
}

impl Destination<'_> {
    fn take(&mut self, block: &[u8]) -> std::result::Result<(), VirtError> {
        let mut rest = block;
        while !rest.is_empty() {
            let is_hole = |chunk: &[u8]| self.holes && unpack::is_hole(chunk);
            let leading = |hole: bool| {
                let same = rest.chunks(HOLE).take_while(|chunk| is_hole(chunk) == hole);
                same.map(<[u8]>::len).sum::<usize>()
            };
            let (hole, data) = (leading(true), leading(false));
            self.hole += hole as u64;
            self.send(&rest[..data])?;
            rest = &rest[hole + data..];
        }
        Ok(())
    }

    fn send(&mut self, data: &[u8]) -> std::result::Result<(), VirtError> {
        if data.is_empty() {
            return Ok(());
        }
        self.end_hole()?;
        self.data += data.len() as u64;
        for message in data.chunks(MESSAGE) {
            let mut rest = message;
            while !rest.is_empty() {
                let sent = self.stream.send(rest)?;
                rest = &rest[usize::try_from(sent).unwrap_or(0).min(rest.len())..];
            }
        }
        Ok(())
    }

    fn end_hole(&mut self) -> std::result::Result<(), VirtError> {
        if self.hole > 0 {
            send_hole(self.stream, std::mem::take(&mut self.hole))?;
        }
        Ok(())
    }
}

/// Reads the first `wanted` bytes of `volume`, or all of it if it is shorter. `doing` completes "cannot …" in
/// errors.
pub(crate) fn download(volume: &Volume, doing: &str, wanted: u64) -> Result<Vec<u8>> {
    let all = Vec::new();
    read(volume, doing, (wanted, wanted), all, |all, data| {
        all.extend_from_slice(data);
    })
}

/// Reads at most `wanted` bytes, not more than a piece, of `volume` from `offset` on.
pub(crate) fn download_at(
    volume: &Volume,
    doing: &str,
    (offset, wanted): (u64, u64),
) -> Result<Vec<u8>> {
    volume
        .held
        .call_with(doing, limit(wanted), move |conn, volume| {
            let mut all = Vec::new();
            let mut take = |data: &[u8]| all.extend_from_slice(data);
            read_piece(conn, volume, (offset, wanted), &mut take)?;
            Ok(all)
        })
}

/// Has `into` take the first `wanted` bytes of `volume`, part by part, within the time for `size` of them.
pub(crate) fn read<T: Send + 'static>(
    volume: &Volume,
    doing: &str,
    (wanted, size): (u64, u64),
    mut into: T,
    take: fn(&mut T, &[u8]),
) -> Result<T> {
    volume
        .held
        .call_with(doing, limit(size), move |conn, volume| {
            let mut done = 0;
            while done < wanted {
                let want = PIECE.min(wanted - done);
                let mut take = |data: &[u8]| take(&mut into, data);
                let got = read_piece(conn, volume, (done, want), &mut take)?;
                done += got;
                if got < want {
                    break;
                }
            }
            Ok(into)
        })
}

/// Hands `want` bytes from `offset` to `take`; answers how many there were.
fn read_piece(
    conn: &Connect,
    volume: &StorageVol,
    (offset, want): (u64, u64),
    take: &mut impl FnMut(&[u8]),
) -> std::result::Result<u64, VirtError> {
    let stream = Stream::new(conn, 0)?;
    volume.download(&stream, offset, want, 0)?;
    let mut block = vec![0_u8; MESSAGE];
    let mut done = 0;
    loop {
        match stream.recv(&mut block) {
            Ok(0) => return stream.finish().map(|()| done),
            Ok(got) => {
                let got = usize::try_from(got).unwrap_or(0);
                take(&block[..got]);
                done += got as u64;
            }
            Err(error) => {
                let _ = stream.abort();
                return Err(error);
            }
        }
    }
}
