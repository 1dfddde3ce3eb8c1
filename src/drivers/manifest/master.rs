//! The master's side: what a server must know of this master, from the provider, else from the
//! administrator's `config.yaml`.

use serde::Deserialize;
use serde_json::Value;

use crate::decode::decode;
use crate::driver::template_vars::{Vars, var_of};
use crate::driver::{Context, Provider};
use crate::error::io_error;
use crate::plain_file;
use crate::template::parse_yaml;
use crate::{Error, Kind, Result};

/// The variables of it, without `VAR_`.
pub(super) const NAMES: [&str; 4] = ["this_ip", "ssh_name", "ssh_file", "ssh_public_key"];

/// What `config.yaml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The address of this master.
    #[serde(default)]
    this_ip: Option<String>,
    /// What a host calls the SSH key of this master.
    #[serde(default)]
    ssh_name: Option<String>,
    /// The file of its private half; the public half is beside it, `.pub`.
    #[serde(default)]
    ssh_file: Option<String>,
}

/// The variables of the master's side, null where nobody says them.
pub(super) fn vars(cx: &Context, provider: &Provider) -> Result<Vars> {
    let config = config(cx)?;
    let said = |names: [&str; 2], config: Option<String>| {
        let mut given = names
            .iter()
            .filter_map(|name| provider.extra.get(*name)?.as_str());
        given
            .find(|text| !text.is_empty())
            .map(ToOwned::to_owned)
            .or(config)
    };
    let this_ip = said(["this_ip", "master"], config.this_ip);
    let ssh_name = said(["ssh_name", "key_name"], config.ssh_name);
    let ssh_file = said(["ssh_file", "key_path"], config.ssh_file);
    let public = ssh_file.as_ref().and_then(|file| {
        plain_file::text(format!("{file}.pub").as_ref(), plain_file::LONGEST).ok()
    });
    let public = public.map(|key| key.trim().to_owned());
    let all = NAMES.into_iter().zip([this_ip, ssh_name, ssh_file, public]);
    Ok(all
        .map(|(name, text)| (var_of(name), text.map_or(Value::Null, Value::from)))
        .collect())
}

fn config(cx: &Context) -> Result<Config> {
    let file = &cx.config_file;
    let text = match plain_file::text(file, plain_file::LONGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(io_error("read", file, &error)),
    };
    let name = file.display().to_string();
    match parse_yaml(&name, &text)? {
        Value::Null => Ok(Config::default()),
        tree => decode(&tree, "").map_err(|error| {
            Error::new(Kind::InvalidField, format!("{name}: {}", error.message()))
        }),
    }
}
