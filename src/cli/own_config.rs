//! What a person has said once for all: `~/.config/va-driver/config.yaml`.

use std::env;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::options::ProviderArgs;
use crate::decode::decode;
use crate::error::io_error;
use crate::plain_file;
use crate::template::parse_yaml;
use crate::{Error, Kind, Result};

/// The file, in the directory that the XDG specification gives to each user.
pub(super) const FILE: &str = "va-driver/config.yaml";

/// What it says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnConfig {
    /// The provider that is meant where nothing else says which: as `--provider` and the like.
    provider: Option<String>,
    provider_file: Option<PathBuf>,
    uri: Option<String>,
    os_cloud: Option<String>,
    /// How results are printed, as `-o`.
    pub(super) format: Option<String>,
}

impl OwnConfig {
    /// Reads the file, where there is one.
    pub(super) fn read() -> Result<Self> {
        let Some(path) = path().filter(|path| path.exists()) else {
            return Ok(Self::default());
        };
        let name = path.display().to_string();
        let text = plain_file::text(&path, plain_file::LONGEST)
            .map_err(|error| io_error("read", &path, &error))?;
        let named = |error: Error| {
            let message = format!("{name}: {}", error.message());
            error.with_message(message)
        };
        let config: Self = match parse_yaml(&name, &text)? {
            // a file of comments
            Value::Null => Self::default(),
            members => decode(&members, "").map_err(named)?,
        };
        if config.as_options().count() > 1 {
            let message =
                "only one of provider, provider_file, uri and os_cloud can be the default";
            return Err(named(Error::new(Kind::InvalidField, message)));
        }
        Ok(config)
    }

    /// The default provider, as options would say it.
    pub(super) fn provider(&self) -> Option<ProviderArgs> {
        Some(self.as_options()).filter(|args| args.count() > 0)
    }

    fn as_options(&self) -> ProviderArgs {
        ProviderArgs {
            provider: self.provider.clone(),
            provider_file: self.provider_file.clone(),
            uri: self.uri.clone(),
            os_cloud: self.os_cloud.clone(),
            region: None,
        }
    }
}

/// Where the file is, or would be.
fn path() -> Option<PathBuf> {
    let dir = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
    };
    let config = dir("XDG_CONFIG_HOME").or_else(|| dir("HOME").map(|home| home.join(".config")))?;
    Some(config.join(FILE))
}
