//! Images that are brought to a host: where they come from, and what is checked before and while they
//! are sent.
//!
//! | file | concern |
//! |---|---|
//! | `source` | a path or a URL, as data of known size |
//! | `download` | what a web server sends, read by a thread of its own |
//! | `fetch` | web servers: where they may lead, what they may answer |
//! | `header` | which images are fit, by what they hold |
//! | `formats` | the table of formats that are not |
//! | `qcow2` | the header of a qcow2 |
//! | `mark` | what an image begins with until it is whole |
//! | `unpack` | images that are packed |
//! | `hashing` | a digest of what passes by |

mod download;
mod fetch;
mod formats;
mod hashing;
pub(crate) mod header;
pub(crate) mod mark;
mod qcow2;
mod source;
pub(crate) mod unpack;

use std::io::{self, Cursor, Read, Seek};

use sha2::Sha256;

use crate::driver::{DryRun, ImageImport};
use crate::transaction::Cancel;
use crate::units::MIB;
use crate::{Error, Kind, Result};
pub(crate) use hashing::{Hashing, ahead, hash_of};
use source::head_of;
pub(crate) use source::{Digests, Source, shown_source, stopped};
use unpack::Packing;

/// An image that is open, with a header that is fit to be stored.
pub(crate) struct Opened {
    pub(crate) data: Box<dyn Read + Send>,
    pub(crate) size: u64,
    /// Bytes that are no holes, as far as that is known.
    pub(crate) allocated: u64,
    /// `qcow2` or `raw`.
    pub(crate) format: &'static str,
    /// Bytes that its guest sees.
    pub(crate) virtual_size: u64,
    /// The SHA-256 that it must have.
    pub(crate) sha256: Option<String>,
}

/// Opens what `import` names, which is to be called `name`, and sees that it is a plain image of
/// the `stated` format, or of the one that its content tells. One that is packed is unpacked: it, or the file
/// as it is, has the SHA-256 `wanted`, and it takes no more than `room` bytes.
pub(crate) fn open(
    import: &ImageImport,
    name: &str,
    stated: Option<&'static str>,
    wanted: Option<String>,
    room: u64,
    cancel: &Cancel,
) -> Result<Opened> {
    let mut source = Source::open(&import.source, cancel)?;
    let head = head_of(&mut source, &import.source, cancel)?;
    let Some(packing) = Packing::of(&head) else {
        let (format, virtual_size) = judge(name, stated, &head)?;
        let (size, allocated) = (source.size(), source.allocated());
        return Ok(Opened {
            data: Box::new(Cursor::new(head).chain(source)),
            size,
            allocated,
            format,
            virtual_size: virtual_size.unwrap_or(size),
            sha256: wanted,
        });
    };
    let failed = |error: io::Error| unpack::cannot_unpack(&error);
    let mut file = source.into_file(&head, &import.source, cancel)?;
    let mut unpacked = Vec::new();
    packing
        .reader(&file)
        .and_then(|reader| reader.take(header::WANTED).read_to_end(&mut unpacked))
        .map_err(failed)?;
    let (format, virtual_size) = judge(name, stated, &unpacked)?;
    let measured = packing.measure(&file, room, cancel)?;
    if let Some(wanted) = wanted
        && wanted != measured.sha256
    {
        file.rewind().map_err(failed)?;
        let found = source::digest::<Sha256>(&mut file, cancel, unpack::cannot_unpack)?;
        if found != wanted {
            return Err(not_what_was_meant(import, &found));
        }
    }
    Ok(Opened {
        data: packing.reader(&file).map_err(failed)?,
        size: measured.size,
        allocated: measured.allocated,
        format,
        virtual_size: virtual_size.unwrap_or(measured.size),
        sha256: Some(measured.sha256),
    })
}

/// The format of an image that begins with `head`, and the bytes that its guest sees where that tells it.
fn judge(
    name: &str,
    stated: Option<&'static str>,
    head: &[u8],
) -> Result<(&'static str, Option<u64>)> {
    let format = match stated {
        Some(format) => format,
        None if header::is_qcow2(head) => "qcow2",
        None => "raw",
    };
    let virtual_size =
        header::check(name, format, head).map_err(|error| error.with_field("/image/source"))?;
    // Anything may be raw, so a name that means something else needs a word on it.
    if stated.is_none() && format == "raw" && ending(name) != Some("img") {
        return Err(Error::invalid(
            "/image/format",
            format!(
                "neither its name nor its content tells the format of {name}; state it: qcow2 or raw"
            ),
        ));
    }
    Ok((format, virtual_size))
}

/// What an import would do where `place` has something of that name.
pub(crate) fn plan_comparison(name: &str, place: &str) -> DryRun {
    let message = format!(
        "{place} has {name} already: it would be compared, and refused if it is not the same"
    );
    DryRun::new(message, false)
}

/// What an import would do whose source is as it should be.
pub(crate) fn plan_upload(
    import: &ImageImport,
    name: &str,
    (format, size): (&str, u64),
    place: &str,
) -> DryRun {
    let (source, mib) = (shown_source(&import.source), size.div_ceil(MIB));
    let message = format!("{source} would be brought to {place} as {name} ({format}, {mib} MiB)");
    DryRun::new(message, true)
}

/// The name that `import` gives; else that of the source's file.
pub(crate) fn name(import: &ImageImport) -> Result<String> {
    match import.name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.to_owned()),
        None => {
            Source::file_name(&import.source).map(|name| unpack::unpacked_name(&name).to_owned())
        }
    }
}

/// Whether the source of `import` has the name of something that is packed.
pub(crate) fn may_be_packed(import: &ImageImport) -> bool {
    Source::file_name(&import.source).is_ok_and(|name| unpack::unpacked_name(&name) != name)
}

/// The format that `import` states; else that of the ending of `name`; else its content tells it.
pub(crate) fn stated_format(import: &ImageImport, name: &str) -> Result<Option<&'static str>> {
    let known = |format: &str| ["qcow2", "raw"].into_iter().find(|known| *known == format);
    match import.format.as_deref().filter(|format| !format.is_empty()) {
        None => Ok(ending(name).and_then(known)),
        Some(format) => known(format).map(Some).ok_or_else(|| {
            let message = format!("format {format:?} is none of: qcow2, raw");
            Error::new(Kind::Unsupported, message).with_field("/image/format")
        }),
    }
}

fn ending(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, ending)| ending)
}

/// The SHA-256 that `import` says the image must have, itself or by the address of a list of such.
pub(crate) fn checksum(import: &ImageImport, cancel: &Cancel) -> Result<Option<String>> {
    let Some(text) = &import.sha256 else {
        return Ok(None);
    };
    let text = text.trim();
    let digest = if text.contains("://") {
        let file = Source::file_name(&import.source)?;
        let list = Source::list(text, cancel)?;
        list.lines()
            .find_map(|line| listed(line, &file))
            .ok_or_else(|| {
                let message = format!("{} names no SHA-256 of {file}", shown_source(text));
                Error::invalid("/image/sha256", message)
            })?
    } else {
        text.to_ascii_lowercase()
    };
    if is_sha256(&digest) {
        return Ok(Some(digest));
    }
    let message = "a SHA-256 has 64 hex digits; the URL of a SHA256SUMS is taken, too";
    Err(Error::invalid("/image/sha256", message))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The digest of `file` in a line of a list: `HEX  file`, `HEX *file`, or `SHA256 (file) = HEX`.
fn listed(line: &str, file: &str) -> Option<String> {
    let line = line.trim();
    let (name, digest) = if let Some(rest) = line.strip_prefix("SHA256 (") {
        rest.split_once(") = ")?
    } else {
        let (digest, name) = line.split_once([' ', '\t'])?;
        (name.trim_start().trim_start_matches('*'), digest)
    };
    let is_it = name.strip_prefix("./").unwrap_or(name) == file && is_sha256(digest);
    is_it.then(|| digest.to_ascii_lowercase())
}

/// The refusal of an image that has the SHA-256 `found` and was to have another.
pub(crate) fn not_what_was_meant(import: &ImageImport, found: &str) -> Error {
    let message = format!(
        "{} has the SHA-256 {found}, not the one given; it is not what was meant",
        shown_source(&import.source)
    );
    Error::invalid("/image/sha256", message)
}

/// The refusal of an image whose name is taken by one that is not known to be the same.
pub(crate) fn name_is_taken(message: String) -> Error {
    Error::new(Kind::AlreadyExists, message).with_field("/image/name")
}

#[cfg(test)]
mod tests;
