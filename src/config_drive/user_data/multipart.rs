//! MIME multipart messages (RFC 2046), as cloud-init's reader needs them.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const HEAD: &str = "Content-Type: multipart/mixed; boundary=\"";
const BOUNDARY: &str = "va-driver-";
const BASE64_LINE: usize = 76;

/// A part of a message.
pub(super) enum Part<'a> {
    /// A message with its own headers; in a multipart it is nested as it is.
    Message(&'a str),
    /// Text under headers of ours.
    Headed {
        /// After `text/`.
        subtype: &'static str,
        name: Option<&'static str>,
        /// How cloud-init merges it with the parts before.
        merge: Option<&'static str>,
        body: Body<'a>,
    },
}

/// A part's text.
pub(super) enum Body<'a> {
    /// ASCII, sent as it is.
    Plain(&'a [u8]),
    /// Sent as base64: readers change line ends and characters outside ASCII.
    Base64(&'a str),
}

impl<'a> Body<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if text.is_ascii() && !text.contains(['\r', '\0', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e']) {
            Self::Plain(text.as_bytes())
        } else {
            Self::Base64(text)
        }
    }
}

/// The message of `parts`. Its boundary follows from `user`, the text in it that is not ours.
pub(super) fn encode(user: &str, parts: &[Part<'_>]) -> Zeroizing<Vec<u8>> {
    let boundary = boundary(user, parts);
    // room for all, so that no copy of a secret is left by growing
    let room: usize = parts.iter().map(|part| 512 + part.room()).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(512 + room));
    text(&mut out, &[HEAD, &boundary, "\"\nMIME-Version: 1.0\n\n"]);
    for part in parts {
        text(&mut out, &["--", &boundary, "\n"]);
        part.write(&mut out);
        text(&mut out, &["\n"]);
    }
    text(&mut out, &["--", &boundary, "--\n"]);
    out
}

/// Whether `content` begins as a message of [`encode`] does.
pub(in super::super) fn mark(content: &[u8]) -> bool {
    content.starts_with(HEAD.as_bytes()) && content[HEAD.len()..].starts_with(BOUNDARY.as_bytes())
}

/// Where the body of the last part is in a message of [`encode`].
pub(in super::super) fn last_part(message: &[u8]) -> Option<Range<usize>> {
    let rest = message.strip_prefix(HEAD.as_bytes())?;
    let boundary = &rest[..rest.iter().position(|&byte| byte == b'"')?];
    let delimiter = [b"\n--", boundary, b"\n"].concat();
    let end = message.len().checked_sub(delimiter.len() + 2)?;
    let start = find_last(&message[..end], &delimiter)? + delimiter.len();
    let headers = message[start..end]
        .windows(2)
        .position(|window| window == b"\n\n")?;
    Some(start + headers + 2..end)
}

fn find_last(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).rposition(|window| window == what)
}

impl Part<'_> {
    fn body(&self) -> &[u8] {
        match self {
            Self::Message(text)
            | Self::Headed {
                body: Body::Base64(text),
                ..
            } => text.as_bytes(),
            Self::Headed {
                body: Body::Plain(text),
                ..
            } => text,
        }
    }

    /// At least the bytes that the body takes as it is sent.
    fn room(&self) -> usize {
        self.body().len() * 2
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (subtype, name, merge, body) = match self {
            Self::Message(message) => {
                text(out, &[message]);
                return;
            }
            Self::Headed {
                subtype,
                name,
                merge,
                body,
            } => (subtype, name, merge, body),
        };
        text(
            out,
            &["Content-Type: text/", subtype, "; charset=\"utf-8\"\n"],
        );
        if let Some(name) = name {
            let disposition = "Content-Disposition: attachment; filename=\"";
            text(out, &[disposition, name, "\"\n"]);
        }
        if let Some(merge) = merge {
            text(out, &["Merge-Type: ", merge, "\n"]);
        }
        match body {
            Body::Plain(body) => {
                text(out, &["Content-Transfer-Encoding: 7bit\n\n"]);
                out.extend_from_slice(body);
            }
            Body::Base64(body) => {
                text(out, &["Content-Transfer-Encoding: base64\n\n"]);
                let encoded = Zeroizing::new(STANDARD.encode(body));
                for line in encoded.as_bytes().chunks(BASE64_LINE) {
                    out.extend_from_slice(line);
                    out.push(b'\n');
                }
            }
        }
    }
}

/// One that no part contains.
fn boundary(user: &str, parts: &[Part<'_>]) -> String {
    let mut seed = Sha256::digest(user.as_bytes());
    loop {
        let boundary = format!("{BOUNDARY}{}", &hex::encode(seed)[..32]);
        let is_in = |part: &Part<'_>| find_last(part.body(), boundary.as_bytes()).is_some();
        if !parts.iter().any(is_in) {
            return boundary;
        }
        seed = Sha256::digest(seed);
    }
}

fn text(out: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}
