//! The script, with what it is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::io_error;
use crate::{Result, Secret, plain_file};

const SHIPPED: &str = include_str!("../../../templates/host/prepare.sh");
/// Below an administrator's templates.
const FILE: &str = "host/prepare.sh";

/// What is run on the host: the script of the templates, behind what it is told and before the certificates.
pub(super) struct Script {
    pub(super) text: String,
    pub(super) words: Vec<(&'static str, String)>,
    pub(super) certificates: Vec<Certificate>,
}

/// A file for the host.
pub(super) struct Certificate {
    place: PathBuf,
    is_private: bool,
    text: Secret,
}

/// The script itself: an administrator's, else what is built in.
pub(super) fn read(templates: &Path) -> Result<String> {
    let own = templates.join(FILE);
    if !own.exists() {
        return Ok(SHIPPED.to_owned());
    }
    let text = plain_file::text(&own, plain_file::LONGEST);
    text.map_err(|error| io_error("read", &own, &error))
}

impl Script {
    /// As text; private keys only where it is to be run.
    pub(super) fn text(&self, with_secrets: bool) -> String {
        let mut text = "#!/bin/sh\n".to_owned();
        for (name, value) in &self.words {
            let _ = writeln!(text, "{name}={}", quoted(value));
        }
        let _ = write!(text, "\n{}", self.text);
        for file in &self.certificates {
            let (place, mode) = (file.place.to_string_lossy(), file.mode());
            let pem = match file.text.expose() {
                _ if file.is_private && !with_secrets => "(a private key, not shown)",
                "" => "(not made yet)",
                pem => pem.trim_end(),
            };
            let _ = write!(
                text,
                "\nput {} {mode} << 'PEM'\n{pem}\nPEM\n",
                quoted(&place)
            );
        }
        if !self.certificates.is_empty() {
            text.push_str("listen\n");
        }
        text
    }
}

impl Certificate {
    /// The file that the answer of `tls.init` describes.
    pub(super) fn read(file: &Value) -> Result<Self> {
        let path = |member: &str| PathBuf::from(file[member].as_str().unwrap_or_default());
        let from = path("path");
        let text = plain_file::text(&from, plain_file::LONGEST);
        Ok(Self {
            place: path("install_to"),
            is_private: file["private"] == true,
            text: Secret::new(text.map_err(|error| io_error("read", &from, &error))?),
        })
    }

    /// Those that `tls init` makes for `host` in `dir`, as far as they are there.
    pub(super) fn expected(dir: &Path, host: &str) -> Vec<Self> {
        let places = [
            ("cacert.pem", "/etc/pki/CA/cacert.pem", false),
            ("servercert.pem", "/etc/pki/libvirt/servercert.pem", false),
            (
                "serverkey.pem",
                "/etc/pki/libvirt/private/serverkey.pem",
                true,
            ),
        ];
        let folder = dir.join("server").join(host);
        let read = |name: &str| {
            // what is not there yet is made when it is no dry run
            plain_file::text(&folder.join(name), plain_file::LONGEST).unwrap_or_default()
        };
        let file = |(name, place, is_private): (&str, &str, bool)| Self {
            place: place.into(),
            is_private,
            text: Secret::new(read(name)),
        };
        places.map(file).into()
    }

    fn mode(&self) -> &'static str {
        if self.is_private { "0600" } else { "0644" }
    }
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
