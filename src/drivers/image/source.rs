//! Where an image comes from.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use reqwest::blocking::Response;
use rustix::fs::{OFlags, SeekFrom, seek};
use rustix::io::Errno;
use sha2::Digest;
use url::Url;

use super::fetch::{self, shown};
use super::header;
use super::unpack::{Packing, cannot_unpack};
use crate::error::io_error;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// How much of a list of digests is read.
const LIST: u64 = 4 * MIB;

/// An image that is open for reading, and its size.
pub(crate) struct Source {
    data: Data,
    size: u64,
    /// Bytes that it takes where it is.
    allocated: u64,
}

enum Data {
    File(SparseFile),
    Http(Box<Response>),
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
    pub(crate) fn open(source: &str) -> Result<Self> {
        match url(source)? {
            None => Self::open_file(Path::new(source)),
            Some(url) => Self::open_url(&url),
        }
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The text of a list of digests, from the web address `source`.
    pub(super) fn list(source: &str) -> Result<String> {
        let at = |error: Error| error.with_field("/image/sha256");
        let Some(url) = url(source).map_err(at)? else {
            return Err(Error::invalid("/image/sha256", "this is no web address"));
        };
        let mut text = Vec::new();
        fetch::get(&url)
            .map_err(at)?
            .take(LIST)
            .read_to_end(&mut text)
            .map_err(|error| at(not_fetched(&error)))?;
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
        let packed = Packing::of(&head_of(&mut file, source)?).is_some();
        Ok((false, (!packed).then_some(file.size)))
    }

    /// The digests of `source` in hex, where it is a file.
    pub(crate) fn digests_of_file<D: Digest>(source: &str) -> Result<Option<Digests>> {
        if url(source)?.is_some() {
            return Ok(None);
        }
        let failed = |error: io::Error| {
            io_error("read", Path::new(source), &error).with_field("/image/source")
        };
        let mut file = Self::open_file(Path::new(source))?;
        let packing = Packing::of(&head_of(&mut file, source)?);
        let mut file = Self::open_file(Path::new(source))?;
        let as_it_is = digest::<D>(&mut file).map_err(failed)?;
        let Some(packing) = packing else {
            let (image, packed) = (as_it_is, None);
            return Ok(Some(Digests { image, packed }));
        };
        let mut unpacked = packing
            .reader(&file.into_file(&[])?)
            .map_err(|error| cannot_unpack(&error))?;
        Ok(Some(Digests {
            image: digest::<D>(&mut unpacked).map_err(|error| cannot_unpack(&error))?,
            packed: Some(as_it_is),
        }))
    }

    /// The whole of it as a file, of which `head` was read already; one that comes over HTTP is put aside.
    pub(super) fn into_file(self, head: &[u8]) -> Result<File> {
        match self.data {
            Data::File(sparse) => Ok(sparse.file),
            Data::Http(response) => put_aside(head.chain(response)),
        }
    }

    /// How many bytes it takes where it is, as far as that is known.
    pub(super) fn allocated(&self) -> u64 {
        self.allocated
    }

    fn open_file(path: &Path) -> Result<Self> {
        let failed =
            |error: io::Error| io_error("open the image", path, &error).with_field("/image/source");
        // A pipe that nobody writes to would be waited for.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)
            .map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            let message = format!("{} is not a file", path.display());
            return Err(Error::invalid("/image/source", message));
        }
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

    fn open_url(url: &Url) -> Result<Self> {
        let response = fetch::get(url)?;
        match response.content_length() {
            Some(size) => Ok(Self {
                data: Data::Http(Box::new(response)),
                size,
                allocated: size,
            }),
            // The host needs the size first.
            None => {
                let file = put_aside(response)?;
                let about = file.metadata().map_err(|error| not_fetched(&error))?;
                Ok(Self::of_file(file, &about))
            }
        }
    }
}

/// What `data` holds, in a file that nobody else sees.
fn put_aside(mut data: impl Read) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(|error| not_fetched(&error))?;
    io::copy(&mut data, &mut file)
        .and_then(|_| file.rewind())
        .map_err(|error| not_fetched(&error))?;
    Ok(file)
}

fn not_fetched(error: &io::Error) -> Error {
    let message = format!("cannot fetch the image: {error}");
    Error::new(Kind::ConnectionFailed, message).with_field("/image/source")
}

/// The first bytes of `data`, as many as tell what it is.
pub(super) fn head_of(data: &mut impl Read, source: &str) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let read = data.by_ref().take(header::WANTED).read_to_end(&mut head);
    read.map_err(|error| {
        let message = format!("cannot read {}: {error}", shown_source(source));
        Error::new(Kind::Internal, message).with_field("/image/source")
    })?;
    Ok(head)
}

/// The digest in hex of all that is left of `data`.
pub(super) fn digest<D: Digest>(data: &mut impl Read) -> io::Result<String> {
    let mut hash = D::new();
    let mut block = vec![0; length(MIB)];
    loop {
        match data.read(&mut block)? {
            0 => return Ok(hex::encode(hash.finalize())),
            got => hash.update(&block[..got]),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.data {
            Data::File(file) => file.read(buffer),
            Data::Http(response) => response.read(buffer),
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
    use std::io::{Read as _, Seek as _, Write as _};

    use super::{Source, shown_source};

    #[test]
    fn holes_are_read_as_zeros_and_not_counted() {
        let mut file = tempfile::tempfile().unwrap();
        file.set_len(4 << 20).unwrap();
        for at in [0, 2 << 20] {
            file.seek(std::io::SeekFrom::Start(at)).unwrap();
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
