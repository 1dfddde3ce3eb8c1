//! `pool.*`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::Answer;
use super::provider::ProviderParams;
use crate::driver::base::unsupported;
use crate::driver::{Context, Done, Driver, Pool, PoolChange, PoolSpec, Provider, Storage};
use crate::rpc::Service;
use crate::{Error, Kind, Result};

/// What `image.show` and `pool.show` take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ShowParams {
    /// The provider: the whole record.
    pub(super) provider: Provider,
    /// The name; of an image also its id.
    pub(super) name: String,
}

/// What `pool.start` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct StartParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The pool's name.
    name: String,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
}

/// What `pool.create` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct CreateParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The pool.
    pool: PoolSpec,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
}

/// What `pool.list` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Pools {
    /// The pools.
    pools: Vec<Pool>,
}

/// What `pool.show` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Shown {
    /// The pool.
    pool: Pool,
}

pub(super) fn list(service: &Service, cx: &Context, params: ProviderParams) -> Result<Pools> {
    let provider = params.provider;
    let pools = storage_of(&*service.driver_of(&provider)?)?.pools(cx, &provider)?;
    Ok(Pools { pools })
}

pub(super) fn show(service: &Service, cx: &Context, params: ShowParams) -> Result<Shown> {
    let ShowParams { provider, name } = params;
    let pools = storage_of(&*service.driver_of(&provider)?)?.pools(cx, &provider)?;
    let there: Vec<_> = pools.iter().map(|pool| pool.name.clone()).collect();
    let found = pools.into_iter().find(|pool| pool.name == name);
    found.map(|pool| Shown { pool }).ok_or_else(|| {
        let message = format!(
            "there is no pool {name}; the host has: {}",
            there.join(", ")
        );
        Error::new(Kind::NotFound, message).with_field("/name")
    })
}

pub(super) fn create(
    service: &Service,
    cx: &Context,
    params: CreateParams,
) -> Result<Answer<Done>> {
    let change = PoolChange::Create(params.pool);
    self::change(service, cx, &params.provider, &change, params.dry_run)
}

pub(super) fn start(service: &Service, cx: &Context, params: StartParams) -> Result<Answer<Done>> {
    let change = PoolChange::Start(params.name);
    self::change(service, cx, &params.provider, &change, params.dry_run)
}

fn change(
    service: &Service,
    cx: &Context,
    provider: &Provider,
    change: &PoolChange,
    dry_run: bool,
) -> Result<Answer<Done>> {
    let driver = service.driver_of(provider)?;
    let storage = storage_of(&*driver)?;
    Answer::of_done(dry_run, |dry_run| {
        storage.change_pool(cx, provider, change, dry_run)
    })
}

/// What `driver` does about pools and images.
pub(super) fn storage_of(driver: &dyn Driver) -> Result<&dyn Storage> {
    let what = "look after pools, nor delete images";
    driver
        .storage()
        .ok_or_else(|| unsupported(driver.driver_id(), what))
}
