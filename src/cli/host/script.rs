//! The script, with what it is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::error::io_error;
use crate::tls::{Placed, layout};
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
    /// What is in `file`; nothing where it is needed nowhere else.
    pub(super) fn read(file: Placed) -> Result<Option<Self>> {
        let text = plain_file::text(&file.path, plain_file::LONGEST);
        let text = text.map_err(|error| io_error("read", &file.path, &error))?;
        Ok(Self::of(file, text))
    }

    /// Those that `tls init` makes for `host` in `dir`, as far as they are there.
    pub(super) fn expected(dir: &Path, host: &str) -> Vec<Self> {
        let files = layout::of_host(dir, host).into_iter();
        // what is not there yet is made when it is no dry run
        let text = |file: &Placed| plain_file::text(&file.path, plain_file::LONGEST);
        files
            .filter_map(|file| {
                let text = text(&file).unwrap_or_default();
                Self::of(file, text)
            })
            .collect()
    }

    fn of(file: Placed, text: String) -> Option<Self> {
        Some(Self {
            place: file.install_to?,
            is_private: file.private,
            text: Secret::new(text),
        })
    }

    fn mode(&self) -> &'static str {
        if self.is_private { "0600" } else { "0644" }
    }
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
