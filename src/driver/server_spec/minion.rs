//! A server's Salt minion.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::numeric;
use crate::Secret;

/// The Salt minion of a server.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MinionSpec {
    /// Its id; the server's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(alias = "minion_id")]
    #[schemars(extend("x-synonyms" = ["minion_id"], "x-option" = "--minion"))]
    pub id: Option<String>,
    /// The master's address; a list where it has several, or may fall over to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--master"))]
    pub master: Option<Masters>,
    /// The fingerprint of the master's public key, so that the guest trusts no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--master-finger"))]
    pub master_finger: Option<String>,
    /// The master's public key itself (PEM), placed on the guest before its minion starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,
    /// The public key by which its masters sign theirs (PEM, their `master_sign.pub`), so that it trusts
    /// whoever of them has a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_key: Option<String>,
    /// Further settings of the minion.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub conf: Map<String, Value>,
    /// Its grains; `role` is added from the server's role.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub grains: Map<String, Value>,
    /// The master's `pki_dir` on this machine, where the key is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-option" = "--pki-dir"))]
    pub pki_dir: Option<String>,
    /// Whether to accept the key there; as if true when `pki_dir` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<bool>,
    /// A key pair that exists already; one is made when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysSpec>,
    /// Bits of the key to make: 2048, 3072 or 4096 (the default).
    #[serde(
        default,
        deserialize_with = "numeric::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("x-unit" = "bits"))]
    pub keysize: Option<u64>,
}

/// The address of a minion's master, or those of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Masters {
    /// Its only one.
    One(String),
    /// One after the other, or all at once, as the minion's `master_type` says.
    Several(Vec<String>),
}

/// A key pair that exists already.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeysSpec {
    /// The public key, PEM.
    #[serde(alias = "pub_key")]
    #[schemars(extend("x-synonyms" = ["pub_key"]))]
    pub public: String,
    /// The private key, PEM.
    #[serde(alias = "priv_key")]
    #[schemars(extend("x-synonyms" = ["priv_key"]))]
    pub private: Secret,
}
