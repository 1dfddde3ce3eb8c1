//! Where an image comes from.

use std::env;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, Write as _};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;
use sha2::Digest;
use url::Url;

use super::download::Download;
use super::fetch::shown;
use super::header;
use super::unpack::{Packing, cannot_unpack};
use crate::error::io_error;
use crate::plain_file;
use crate::transaction::Cancel;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// How much room an image that is put aside leaves for others, in bytes.
const LEFT_FREE: u64 = 64 * MIB;

/// An image that is open for reading, and its size.
pub(crate) struct Source {
    data: Data,
    size: u64,
    /// Bytes that it takes where it is.
    allocated: u64,
}

enum Data {
    File(SparseFile),
    Http(Download),
}

/// A file whose holes are known and not read.
struct SparseFile {
    file: File,
    at: u64,
    size: u64,
    hole_until: u64,
    data_until: u64,
}

/// The digests of a file.
pub(crate) struct Digests {
    /// Of the image.
    pub(crate) image: String,
    /// Of the file as it is, where it is packed.
    packed: Option<String>,
}

impl Digests {
    /// Whether `wanted` is one of them: who packs an image publishes the digest of what he has packed.
    pub(crate) fn have(&self, wanted: &str) -> bool {
        self.image == wanted || self.packed.as_deref() == Some(wanted)
    }
}

impl Source {
    /// Opens `source`: a path, or an `http://` or `https://` URL.
    pub(crate) fn open(source: &str, cancel: &Cancel) -> Result<Self> {
        match url(source)? {
            None => Self::open_file(Path::new(source)),
            Some(url) => Self::open_url(&url, cancel),
        }
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The text of a list of digests, from the web address `source`.
    pub(super) fn list(source: &str, cancel: &Cancel) -> Result<String> {
        let read = || {
            let url = url(source)?.ok_or_else(|| Error::new(Kind::Internal, "no web address"))?;
            let list = Download::start(&url, cancel)?;
            plain_file::read_up_to(plain_file::LONGEST, list).map_err(|error| {
                let message = format!("cannot fetch {}: {error}", shown(&url));
                stopped(cancel, Error::new(Kind::ConnectionFailed, message))
            })
        };
        let text = read().map_err(|error| error.with_field("/image/sha256"))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The last part of `source`.
    pub(crate) fn file_name(source: &str) -> Result<String> {
        let name = match url(source)? {
            Some(url) => url
                .path_segments()
                .and_then(|mut parts| parts.next_back())
                .map(ToOwned::to_owned),
            None => Path::new(source)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned()),
        };
        name.filter(|name| !name.is_empty()).ok_or_else(|| {
            Error::invalid(
                "/image/name",
                format!(
                    "{} has no file name; give the image one",
                    shown_source(source)
                ),
            )
        })
    }

    /// Whether `source` is a URL, and how long it is where it is a file that is not packed.
    pub(crate) fn plain_size(source: &str) -> Result<(bool, Option<u64>)> {
        if url(source)?.is_some() {
            return Ok((true, None));
        }
        let mut file = Self::open_file(Path::new(source))?;
        let head = head_of(&mut file, source, &Cancel::default())?;
        Ok((false, Packing::of(&head).is_none().then_some(file.size)))
    }

    /// The digests of `source` in hex, where it is a file.
    pub(crate) fn digests_of_file<D: Digest>(
        source: &str,
        cancel: &Cancel,
    ) -> Result<Option<Digests>> {
        if url(source)?.is_some() {
            return Ok(None);
        }
        let path = Path::new(source);
        let mut file = Self::open_file(path)?;
        let head = head_of(&mut file, source, cancel)?;
        let as_it_is = digest::<D>(&mut head.chain(file.by_ref()), cancel, |error| {
            io_error("read", path, error).with_field("/image/source")
        })?;
        let Some(packing) = Packing::of(&head) else {
            let (image, packed) = (as_it_is, None);
            return Ok(Some(Digests { image, packed }));
        };
        let file = file.into_file(&[], source, cancel)?;
        let mut unpacked = packing
            .reader(&file)
            .map_err(|error| cannot_unpack(&error))?;
        Ok(Some(Digests {
            image: digest::<D>(&mut unpacked, cancel, cannot_unpack)?,
            packed: Some(as_it_is),
        }))
    }

    /// The whole of it as a file, of which `head` was read already; one that comes over HTTP is put aside.
    pub(super) fn into_file(self, head: &[u8], source: &str, cancel: &Cancel) -> Result<File> {
        match self.data {
            Data::File(sparse) => Ok(sparse.file),
            Data::Http(download) => put_aside(
                head.chain(download),
                &shown_source(source),
                cancel,
                LEFT_FREE,
            ),
        }
    }

    /// How many bytes it takes where it is, as far as that is known.
    pub(super) fn allocated(&self) -> u64 {
        self.allocated
    }

    fn open_file(path: &Path) -> Result<Self> {
        let failed =
            |error: io::Error| io_error("open the image", path, &error).with_field("/image/source");
        let file = plain_file::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        Ok(Self::of_file(file, &about))
    }

    fn of_file(file: File, about: &Metadata) -> Self {
        let size = about.len();
        Self {
            data: Data::File(SparseFile {
                file,
                at: 0,
                size,
                hole_until: 0,
                data_until: 0,
            }),
            size,
            allocated: size.min(about.blocks() * 512),
        }
    }

    fn open_url(url: &Url, cancel: &Cancel) -> Result<Self> {
        let download = Download::start(url, cancel)?;
        if let Some(size) = download.size {
            return Ok(Self {
                data: Data::Http(download),
                size,
                allocated: size,
            });
        }
        // The host needs the size first.
        let file = put_aside(download, &shown(url), cancel, LEFT_FREE)?;
        let about = file
            .metadata()
            .map_err(|error| io_error("look at", &env::temp_dir(), &error))?;
        Ok(Self::of_file(file, &about))
    }
}

/// What `image` holds, of the source that is `shown`, in a file that nobody else sees, as long as that leaves
/// `left_free` for others.
fn put_aside(mut image: impl Read, shown: &str, cancel: &Cancel, left_free: u64) -> Result<File> {
    let folder = env::temp_dir();
    let failed = |error: io::Error| {
        io_error("put the image aside in", &folder, &error).with_field("/image/source")
    };
    let mut file = tempfile::tempfile().map_err(failed)?;
    let mut block = vec![0; length(MIB)];
    let mut size = 0;
    loop {
        let got = image.read(&mut block).map_err(|error| {
            let message = format!("cannot fetch {shown}: {error}");
            stopped(cancel, Error::new(Kind::ConnectionFailed, message))
        })?;
        if got == 0 {
            break;
        }
        let room = rustix::fs::fstatvfs(&file).map_err(|errno| failed(errno.into()))?;
        if room.f_bavail.saturating_mul(room.f_frsize) < left_free {
            let message = format!(
                "{shown} is packed, or does not tell how large it is, and {} has no room to put it aside \
                 ({size} bytes have come): fetch it yourself and give the file, or set TMPDIR",
                folder.display()
            );
            let error = Error::new(Kind::QuotaExceeded, message);
            return Err(error.with_field("/image/source"));
        }
        file.write_all(&block[..got]).map_err(failed)?;
        size += got as u64;
    }
    file.rewind().map_err(failed)?;
    Ok(file)
}

/// Why a source could not be read: `error`, unless nobody wants it any more.
pub(crate) fn stopped(cancel: &Cancel, error: Error) -> Error {
    let error = cancel.check().err().unwrap_or(error);
    error.with_field("/image/source")
}

/// The first bytes of `data`, as many as tell what it is.
pub(super) fn head_of(data: &mut impl Read, source: &str, cancel: &Cancel) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let read = data.by_ref().take(header::WANTED).read_to_end(&mut head);
    read.map_err(|error| {
        let message = format!("cannot read {}: {error}", shown_source(source));
        stopped(cancel, Error::new(Kind::Internal, message))
    })?;
    Ok(head)
}

/// The digest in hex of all that is left of `data`.
pub(super) fn digest<D: Digest>(
    data: &mut impl Read,
    cancel: &Cancel,
    failed: impl Fn(&io::Error) -> Error,
) -> Result<String> {
    let mut hash = D::new();
    let mut block = vec![0; length(MIB)];
    loop {
        cancel.check()?;
        match data.read(&mut block).map_err(|error| failed(&error))? {
            0 => return Ok(hex::encode(hash.finalize())),
            got => hash.update(&block[..got]),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.data {
            Data::File(file) => file.read(buffer),
            Data::Http(download) => download.read(buffer),
        }
    }
}

impl Read for SparseFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.hole_until.max(self.data_until) && self.at < self.size {
            self.look();
        }
        let until = if self.at < self.hole_until {
            self.hole_until
        } else {
            self.data_until
        };
        let left = usize::try_from(until.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let want = buffer.len().min(left);
        let got = if self.at < self.hole_until {
            buffer[..want].fill(0);
            want
        } else {
            self.file.read_at(&mut buffer[..want], self.at)?
        };
        self.at += got as u64;
        Ok(got)
    }
}

impl SparseFile {
    /// Finds the end of the hole, or of the data, that it is at.
    fn look(&mut self) {
        match seek(&self.file, SeekFrom::Data(self.at)) {
            Ok(data) if data > self.at => self.hole_until = data.min(self.size),
            Ok(_) => {
                let hole = seek(&self.file, SeekFrom::Hole(self.at));
                self.data_until = hole.unwrap_or(self.size).min(self.size);
            }
            Err(Errno::NXIO) => self.hole_until = self.size,
            // a file system that does not tell
            Err(_) => self.data_until = self.size,
        }
    }
}

/// `source` as a URL where it is one; a path otherwise.
fn url(source: &str) -> Result<Option<Url>> {
    let Some((scheme, _)) = source.split_once("://") else {
        return Ok(None);
    };
    let url = Url::parse(source).map_err(|error| {
        Error::invalid("/image/source", format!("the source is not a URL: {error}"))
    })?;
    match scheme {
        "http" | "https" => Ok(Some(url)),
        _ => Err(Error::new(
            Kind::Unsupported,
            format!("images come from files, http:// and https://, not {scheme}://"),
        )
        .with_field("/image/source")),
    }
}

/// `source` without a password, or the signature of a URL, that it may hold.
pub(crate) fn shown_source(source: &str) -> String {
    match url(source) {
        Ok(Some(url)) => shown(&url),
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_end_leaves_room_for_others() {
        let cancel = Cancel::default();
        let put = |left_free| put_aside(io::repeat(0), "a.raw", &cancel, left_free);
        let error = put(u64::MAX).err().unwrap();
        assert_eq!(error.kind(), Kind::QuotaExceeded);
        assert!(error.message().contains("TMPDIR"), "{error}");
        let mut whole = put_aside(&b"image"[..], "a.raw", &cancel, 1).unwrap();
        let mut text = String::new();
        whole.read_to_string(&mut text).unwrap();
        assert_eq!(text.as_str(), "image");
    }

    #[test]
    fn holes_are_read_as_zeros_and_not_counted() {
        let mut file = tempfile::tempfile().unwrap();
        file.set_len(4 << 20).unwrap();
        for at in [0, 2 << 20] {
            file.seek(io::SeekFrom::Start(at)).unwrap();
            file.write_all(b"data").unwrap();
        }
        let about = file.metadata().unwrap();
        let mut source = Source::of_file(file, &about);
        assert!(source.allocated() < 1 << 20);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        let mut expected = vec![0; 4 << 20];
        for at in [0, 2 << 20] {
            expected[at..at + 4].copy_from_slice(b"data");
        }
        assert!(all == expected);
    }

    #[test]
    fn what_opens_a_source_is_not_shown() {
        assert_eq!(
            shown_source("https://me:secret@example.org/a.qcow2?X-Amz-Signature=secret"),
            "https://example.org/a.qcow2"
        );
        assert_eq!(shown_source("/srv/a b.qcow2"), "/srv/a b.qcow2");
    }
}
