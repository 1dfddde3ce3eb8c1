//! What Salt's configuration says, and where salt-cloud is.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use crate::child::find;
use crate::plain_file;
use crate::template::parse_yaml;
use crate::{Error, Kind, Result};

/// Where Salt's own packages have it, beside PATH.
const USUAL: &str = "/opt/saltstack/salt";

/// The program salt-cloud.
pub(crate) fn program() -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain([PathBuf::from(USUAL)]);
    find("salt-cloud".as_ref(), places).ok_or_else(|| {
        let message = format!(
            "there is no salt-cloud on PATH nor in {USUAL}: this driver works by Salt's own; install \
             salt-cloud on this Salt master"
        );
        Error::new(Kind::Unsupported, message)
    })
}

/// What the configuration of the master, or else of salt-cloud, says of `name`.
pub(super) fn setting(config_dir: &Path, name: &str) -> Option<Value> {
    let folder = |name: &str| {
        let entries = fs::read_dir(config_dir.join(name)).into_iter().flatten();
        let files = entries.flatten().map(|entry| entry.path());
        let mut files: Vec<_> = files
            .filter(|file| file.extension().is_some_and(|ending| ending == "conf"))
            .collect();
        files.sort();
        files
    };
    let mut files = vec![config_dir.join("master")];
    files.extend(folder("master.d"));
    files.push(config_dir.join("cloud"));
    files.extend(folder("cloud.conf.d"));
    let mut said = files.iter().rev().filter_map(|file| {
        let text = plain_file::text(file, plain_file::LONGEST).ok()?;
        parse_yaml("it", &text).ok()?.get(name).cloned()
    });
    said.next()
}

/// The master's keys.
pub(super) fn pki_dir(config_dir: &Path) -> PathBuf {
    let said = setting(config_dir, "pki_dir");
    let said = said.as_ref().and_then(Value::as_str).map(PathBuf::from);
    said.unwrap_or_else(|| config_dir.join("pki/master"))
}
