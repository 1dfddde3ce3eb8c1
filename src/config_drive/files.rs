//! The files of a config drive, and the image of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;
use time::macros::datetime;
use zeroize::Zeroizing;

use crate::Result;
use crate::template::to_yaml_flow;

use super::iso9660::{self, File};
use super::{Format, Seed, check, network, user_data};

/// The newest of `OpenStack`'s versions that cloud-init knows, and the one that all others read.
const VERSIONS: [&str; 2] = ["2018-08-27", "latest"];

/// The date of all that is in an image: the same seed gives the same bytes.
const DATE: OffsetDateTime = datetime!(2000-01-01 00:00 UTC);

/// A file of a config drive.
#[derive(Clone, PartialEq, Eq)]
pub struct SeedFile {
    /// Where it is on the drive, without a slash at its start.
    pub path: String,
    /// What is in it.
    pub content: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SeedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedFile")
            .field("path", &self.path)
            .field("bytes", &self.content.len())
            .finish()
    }
}

impl Seed {
    /// The files that the guest's cloud-init reads, in the order in which they are on the drive.
    ///
    /// # Errors
    /// `invalid_field`, with the member's JSON pointer, for what cannot be.
    pub fn files(&self) -> Result<Vec<SeedFile>> {
        check::seed(self)?;
        let user_data = user_data::content(self)?;
        let says_network = network::needs_saying(&self.interfaces);
        let mut files = Vec::new();
        match self.format {
            Format::Config2 => {
                let mut contents = vec![
                    ("meta_data.json", line(&OpenStack::new(self), "/meta")?),
                    ("user_data", user_data),
                ];
                if says_network {
                    let data = network::openstack(&self.interfaces);
                    contents.push(("network_data.json", line(&data, "/interfaces")?));
                }
                for version in VERSIONS {
                    files.extend(contents.iter().map(|(name, content)| SeedFile {
                        path: format!("openstack/{version}/{name}"),
                        content: content.clone(),
                    }));
                }
            }
            Format::Cidata => {
                let mut add = |path: &str, content| {
                    files.push(SeedFile {
                        path: path.to_owned(),
                        content,
                    });
                };
                add("meta-data", line(&NoCloud::new(self), "/meta")?);
                add("user-data", user_data);
                if !self.network_config.is_empty() {
                    add(
                        "network-config",
                        line(&self.network_config, "/network_config")?,
                    );
                } else if says_network {
                    let config = network::nocloud(&self.interfaces);
                    add("network-config", line(&config, "/interfaces")?);
                }
            }
        }
        Ok(files)
    }

    /// The config drive: an ISO 9660 image with the label that its format asks for.
    ///
    /// # Errors
    /// As [`Seed::files`].
    pub fn image(&self) -> Result<Zeroizing<Vec<u8>>> {
        let files = self.files()?;
        let files: Vec<File<'_>> = files
            .iter()
            .map(|file| File {
                path: &file.path,
                content: &file.content,
            })
            .collect();
        iso9660::write(self.format.label(), DATE, &files)
    }
}

/// `value` as a file of one line; `field` is where what could not be written comes from.
fn line<T: Serialize>(value: &T, field: &str) -> Result<Zeroizing<Vec<u8>>> {
    let text = to_yaml_flow(value).map_err(|error| error.with_field(field))?;
    let mut bytes = text.into_bytes();
    bytes.push(b'\n');
    Ok(Zeroizing::new(bytes))
}

/// `OpenStack`'s `meta_data.json`.
#[derive(Serialize)]
struct OpenStack<'a> {
    /// What cloud-init takes for the instance id.
    uuid: String,
    hostname: &'a str,
    name: &'a str,
    launch_index: u32,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    public_keys: BTreeMap<String, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    meta: &'a BTreeMap<String, String>,
}

impl<'a> OpenStack<'a> {
    fn new(seed: &'a Seed) -> Self {
        Self {
            uuid: seed.instance_id(),
            hostname: seed.full_name(),
            name: &seed.hostname,
            launch_index: 0,
            public_keys: keys(seed)
                .enumerate()
                .map(|(index, key)| (format!("key-{index:03}"), key))
                .collect(),
            meta: &seed.meta,
        }
    }
}

/// `NoCloud`'s `meta-data`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct NoCloud<'a> {
    instance_id: String,
    local_hostname: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    public_keys: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    meta: &'a BTreeMap<String, String>,
}

impl<'a> NoCloud<'a> {
    fn new(seed: &'a Seed) -> Self {
        Self {
            instance_id: seed.instance_id(),
            local_hostname: seed.full_name(),
            public_keys: keys(seed).collect(),
            meta: &seed.meta,
        }
    }
}

fn keys(seed: &Seed) -> impl Iterator<Item = &str> {
    seed.ssh_keys.iter().map(|key| key.trim())
}

#[cfg(test)]
mod tests;
