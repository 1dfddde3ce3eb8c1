//! Where an image comes from.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, Write as _};
use std::path::Path;

use sha2::Digest;
use url::Url;

use super::download::Download;
use super::fetch::shown;
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
}

enum Data {
    File(File),
    Http(Download),
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

    /// The digest of `source` in hex, where it is a file.
    pub(crate) fn digest_of_file<D: Digest>(
        source: &str,
        cancel: &Cancel,
    ) -> Result<Option<String>> {
        if url(source)?.is_some() {
            return Ok(None);
        }
        let mut file = Self::open_file(Path::new(source))?;
        let mut hash = D::new();
        let mut block = vec![0; length(MIB)];
        loop {
            cancel.check()?;
            match file.read(&mut block) {
                Ok(0) => return Ok(Some(hex::encode(hash.finalize()))),
                Ok(got) => hash.update(&block[..got]),
                Err(error) => {
                    return Err(
                        io_error("read", Path::new(source), &error).with_field("/image/source")
                    );
                }
            }
        }
    }

    fn open_file(path: &Path) -> Result<Self> {
        let failed =
            |error: io::Error| io_error("open the image", path, &error).with_field("/image/source");
        let file = plain_file::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        Ok(Self {
            data: Data::File(file),
            size,
        })
    }

    fn open_url(url: &Url, cancel: &Cancel) -> Result<Self> {
        let download = Download::start(url, cancel)?;
        match download.size {
            Some(size) => Ok(Self {
                data: Data::Http(download),
                size,
            }),
            None => Self::put_aside(download, url, cancel, LEFT_FREE),
        }
    }

    /// A server that does not tell the size: the volume needs it first, so the image is put aside, as
    /// long as that leaves `left_free` for others.
    fn put_aside(mut image: impl Read, url: &Url, cancel: &Cancel, left_free: u64) -> Result<Self> {
        let folder = env::temp_dir();
        let failed = |error: io::Error| {
            io_error("put the image aside in", &folder, &error).with_field("/image/source")
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        let mut block = vec![0; length(MIB)];
        let mut size = 0;
        loop {
            let got = image.read(&mut block).map_err(|error| {
                let message = format!("cannot fetch {}: {error}", shown(url));
                stopped(cancel, Error::new(Kind::ConnectionFailed, message))
            })?;
            if got == 0 {
                break;
            }
            let room = rustix::fs::fstatvfs(&file).map_err(|errno| failed(errno.into()))?;
            if room.f_bavail.saturating_mul(room.f_frsize) < left_free {
                let message = format!(
                    "{} does not tell how large it is, and {} has no room to put it aside ({size} bytes \
                     have come): fetch it yourself and give the file, or set TMPDIR",
                    shown(url),
                    folder.display()
                );
                let error = Error::new(Kind::QuotaExceeded, message);
                return Err(error.with_field("/image/source"));
            }
            file.write_all(&block[..got]).map_err(failed)?;
            size += got as u64;
        }
        file.rewind().map_err(failed)?;
        Ok(Self {
            data: Data::File(file),
            size,
        })
    }
}

/// Why a source could not be read: `error`, unless nobody wants it any more.
pub(crate) fn stopped(cancel: &Cancel, error: Error) -> Error {
    let error = cancel.check().err().unwrap_or(error);
    error.with_field("/image/source")
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.data {
            Data::File(file) => file.read(buffer),
            Data::Http(download) => download.read(buffer),
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
        let url = Url::parse("http://example.org/a.raw").unwrap();
        let cancel = Cancel::default();
        let put = |left_free| Source::put_aside(io::repeat(0), &url, &cancel, left_free);
        let error = put(u64::MAX).err().unwrap();
        assert_eq!(error.kind(), Kind::QuotaExceeded);
        assert!(error.message().contains("TMPDIR"), "{error}");
        let mut whole = Source::put_aside(&b"image"[..], &url, &cancel, 1).unwrap();
        let mut text = String::new();
        whole.read_to_string(&mut text).unwrap();
        assert_eq!((whole.size(), text.as_str()), (5, "image"));
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
