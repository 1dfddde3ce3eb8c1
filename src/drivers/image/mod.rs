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
//! | `hashing` | a digest of what passes by |

mod download;
mod fetch;
mod formats;
mod hashing;
pub(crate) mod header;
pub(crate) mod mark;
mod qcow2;
mod source;

use std::io::{Cursor, Read};

use crate::driver::{DryRun, ImageImport};
use crate::transaction::Cancel;
use crate::units::MIB;
use crate::{Error, Kind, Result};
pub(crate) use hashing::{Hashing, hash_of};
pub(crate) use source::{Source, shown_source, stopped};

/// An image that is open, with a header that is fit to be stored.
pub(crate) struct Opened {
    pub(crate) data: std::io::Chain<Cursor<Vec<u8>>, Source>,
    pub(crate) size: u64,
    /// `qcow2` or `raw`.
    pub(crate) format: &'static str,
    /// Bytes that its guest sees.
    pub(crate) virtual_size: u64,
}

/// Opens what `import` names, which is to be called `name`, and sees that it is a plain image of
/// the `stated` format, or of the one that its content tells.
pub(crate) fn open(
    import: &ImageImport,
    name: &str,
    stated: Option<&'static str>,
    cancel: &Cancel,
) -> Result<Opened> {
    let mut source = Source::open(&import.source, cancel)?;
    let mut head = Vec::new();
    source
        .by_ref()
        .take(header::WANTED)
        .read_to_end(&mut head)
        .map_err(|error| {
            let message = format!("cannot read {}: {error}", shown_source(&import.source));
            stopped(cancel, Error::new(Kind::Internal, message))
        })?;
    let format = match stated {
        Some(format) => format,
        None if header::is_qcow2(&head) => "qcow2",
        None => "raw",
    };
    let virtual_size =
        header::check(name, format, &head).map_err(|error| error.with_field("/image/source"))?;
    // Anything may be raw, so a name that means something else needs a word on it.
    if stated.is_none() && format == "raw" && ending(name) != Some("img") {
        return Err(Error::invalid(
            "/image/format",
            format!(
                "neither its name nor its content tells the format of {name}; state it: qcow2 or raw"
            ),
        ));
    }
    Ok(Opened {
        size: source.size(),
        virtual_size: virtual_size.unwrap_or(source.size()),
        data: Cursor::new(head).chain(source),
        format,
    })
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
        None => Source::file_name(&import.source),
    }
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

/// The SHA-256 that `import` says the image must have.
pub(crate) fn checksum(import: &ImageImport) -> Result<Option<String>> {
    let Some(text) = &import.sha256 else {
        return Ok(None);
    };
    let text = text.trim().to_ascii_lowercase();
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Error::invalid(
            "/image/sha256",
            "a SHA-256 has 64 hex digits",
        ));
    }
    Ok(Some(text))
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
