//! Pools and images that a driver's hosts keep themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Pool, Provider};
use crate::{Error, Kind, Result};

/// What a driver does about pools and images, where its hosts have such. With `dry_run` it only tells what it
/// would do.
pub trait Storage {
    /// Deletes `image`, which nothing stands on.
    fn delete_image(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageDelete,
        dry_run: bool,
    ) -> Result<Done>;

    /// The pools of the host, started or not; hosts without any are refused.
    fn pools(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<Pool>> {
        Err(no_pools())
    }

    /// Makes or starts a pool.
    fn change_pool(
        &self,
        _cx: &Context,
        _provider: &Provider,
        _change: &PoolChange,
        _dry_run: bool,
    ) -> Result<Done> {
        Err(no_pools())
    }
}

fn no_pools() -> Error {
    Error::new(Kind::Unsupported, "hosts of this driver have no pools")
}

/// What `image.delete` deletes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageDelete {
    /// The image's name, or its id.
    pub name: String,
    /// The pool that holds it; else the provider's.
    #[serde(default)]
    pub pool: Option<String>,
}

/// What `pool.create` makes: a pool of files in a directory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// What it is called.
    pub name: String,
    /// The host's directory, by its whole path; it is made where it is not there.
    pub path: String,
}

/// What becomes of a pool.
#[derive(Debug, Clone)]
pub enum PoolChange {
    /// It is made and started.
    Create(PoolSpec),
    /// The one of this name is started.
    Start(String),
}

/// What `pool.create`, `pool.start` and `image.delete` answer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Done {
    /// What was done, for people.
    pub message: String,
    /// Whether anything has changed.
    pub changed: bool,
}

impl Done {
    /// Something that was done, or nothing where `changed` is false; `message` says what.
    #[must_use]
    pub fn new(message: impl Into<String>, changed: bool) -> Self {
        Self {
            message: message.into(),
            changed,
        }
    }
}
