//! The cloud-config that sets up the minion.

use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Error, Result};

use super::super::{PKI_DIR, SeedMinion, check};
use super::Also;

/// How a cloud-config with a private key begins, after its first line.
pub(in super::super) const KEY_PREFIX: &str = "{\"salt_minion\": {\"private_key\": \"";

/// Where in [`KEY_PREFIX`] the member with the key begins.
pub(in super::super) const KEY_MEMBER: usize = "{\"salt_minion\": {".len();

/// What the cloud-configs are made of.
pub(super) struct Parts<'a> {
    minion: &'a SeedMinion,
    conf: Map<String, Value>,
    public_key: String,
    private_key: Zeroizing<String>,
    /// What the guest trusts its masters by, under its names in the minion's `pki_dir`.
    trusted: Vec<(&'static str, String)>,
    also: Also<'a>,
}

/// In one cloud-config.
#[derive(Serialize)]
pub(super) struct Whole<'a> {
    // the key comes first in all: `seal` finds it by that
    salt_minion: SaltMinion<'a>,
    #[serde(flatten)]
    joined: Joined<'a>,
}

/// What is joined to the user's lists.
#[derive(Serialize)]
pub(super) struct Joined<'a> {
    bootcmd: [[&'static str; 5]; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    write_files: Vec<WriteFile<'a>>,
    #[serde(flatten)]
    also: AlsoSaid<'a>,
}

/// What needs no minion.
#[derive(Serialize)]
pub(super) struct AlsoSaid<'a> {
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    ssh_authorized_keys: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fqdn: Option<&'a str>,
}

/// What `also` says, as members of a cloud-config.
pub(super) fn also(also: Also<'_>) -> AlsoSaid<'_> {
    AlsoSaid {
        ssh_authorized_keys: also.ssh_keys,
        fqdn: also.fqdn,
    }
}

impl AlsoSaid<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.ssh_authorized_keys.is_empty() && self.fqdn.is_none()
    }
}

/// What replaces the user's.
#[derive(Serialize)]
pub(super) struct Replacing<'a> {
    salt_minion: SaltMinion<'a>,
}

/// cloud-init's `cc_salt_minion`: it uses the keys only where both are there.
#[derive(Serialize)]
struct SaltMinion<'a> {
    private_key: &'a str,
    public_key: &'a str,
    /// Without it the keys can land where the minion does not look.
    pki_dir: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pkg_name: Option<&'a str>,
    conf: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grains: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
struct WriteFile<'a> {
    path: String,
    permissions: &'static str,
    content: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn new(minion: &'a SeedMinion, also: Also<'a>) -> Result<Self> {
        let mut conf = minion.conf.clone();
        conf.entry("id")
            .or_insert_with(|| Value::from(minion.id.as_str()));
        let invalid = |member: &str, why| Error::invalid(format!("/minion/{member}"), why);
        let keys = [
            ("master_key", "minion_master.pub", &minion.master_key),
            ("sign_key", "master_sign.pub", &minion.sign_key),
        ];
        let mut trusted = Vec::new();
        for (member, file, key) in keys {
            if let Some(key) = key {
                let key = check::public_key(key).map_err(|why| invalid(member, why))?;
                trusted.push((file, key));
            }
        }
        Ok(Self {
            also,
            minion,
            conf,
            public_key: check::public_key(&minion.public_key)
                .map_err(|why| invalid("public_key", why))?,
            private_key: check::private_key(minion.private_key.expose())
                .map_err(|why| invalid("private_key", why))?,
            trusted,
        })
    }

    pub(super) fn whole(&self) -> Whole<'_> {
        Whole {
            salt_minion: self.salt_minion(),
            joined: self.joined(),
        }
    }

    pub(super) fn replacing(&self) -> Replacing<'_> {
        Replacing {
            salt_minion: self.salt_minion(),
        }
    }

    pub(super) fn joined(&self) -> Joined<'_> {
        Joined {
            // Before anything else makes the directory readable to all: cloud-init gives the
            // private key in it mode 0644.
            bootcmd: [["install", "-d", "-m", "0700", PKI_DIR]],
            write_files: self
                .trusted
                .iter()
                .map(|(file, content)| WriteFile {
                    path: format!("{PKI_DIR}/{file}"),
                    permissions: "0644",
                    content,
                })
                .collect(),
            also: also(self.also),
        }
    }

    fn salt_minion(&self) -> SaltMinion<'_> {
        SaltMinion {
            private_key: &self.private_key,
            public_key: &self.public_key,
            pki_dir: PKI_DIR,
            pkg_name: self.minion.pkg_name.as_deref(),
            conf: &self.conf,
            grains: Some(&self.minion.grains).filter(|grains| !grains.is_empty()),
        }
    }
}
