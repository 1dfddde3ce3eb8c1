//! Where an image comes from.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use reqwest::blocking::Response;
use rustix::fs::OFlags;
use sha2::Digest;
use url::Url;

use super::fetch::{self, shown};
use crate::error::io_error;
use crate::units::{MIB, length};
use crate::{Error, Kind, Result};

/// An image that is open for reading, and its size.
pub(crate) struct Source {
    data: Data,
    size: u64,
}

enum Data {
    File(File),
    Http(Box<Response>),
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
    pub(crate) fn digest_of_file<D: Digest>(source: &str) -> Result<Option<String>> {
        if url(source)?.is_some() {
            return Ok(None);
        }
        let mut file = Self::open_file(Path::new(source))?;
        let mut hash = D::new();
        let mut block = vec![0; length(MIB)];
        loop {
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
        Ok(Self {
            data: Data::File(file),
            size: about.len(),
        })
    }

    fn open_url(url: &Url) -> Result<Self> {
        let response = fetch::get(url)?;
        match response.content_length() {
            Some(size) => Ok(Self {
                data: Data::Http(Box::new(response)),
                size,
            }),
            None => Self::spooled(response, url),
        }
    }

    /// A server that does not tell the size: the volume needs it first, so the image is put aside.
    fn spooled(mut response: Response, url: &Url) -> Result<Self> {
        let failed = |error: io::Error| {
            Error::new(
                Kind::ConnectionFailed,
                format!("cannot fetch {}: {error}", shown(url)),
            )
            .with_field("/image/source")
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        let size = io::copy(&mut response, &mut file).map_err(failed)?;
        file.rewind().map_err(failed)?;
        Ok(Self {
            data: Data::File(file),
            size,
        })
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
    use super::shown_source;

    #[test]
    fn what_opens_a_source_is_not_shown() {
        assert_eq!(
            shown_source("https://me:secret@example.org/a.qcow2?X-Amz-Signature=secret"),
            "https://example.org/a.qcow2"
        );
        assert_eq!(shown_source("/srv/a b.qcow2"), "/srv/a b.qcow2");
    }
}
