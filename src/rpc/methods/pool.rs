//! `pool.*`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::Answer;
use super::image::ShowParams;
use super::provider::ProviderParams;
use crate::driver::{Context, Done, Pool, PoolSpec, Provider};
use crate::rpc::Service;
use crate::{Error, Kind, Result};

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
    let pools = service.driver_of(&provider)?.pools(cx, &provider)?;
    Ok(Pools { pools })
}

pub(super) fn show(service: &Service, cx: &Context, params: ShowParams) -> Result<Shown> {
    let ShowParams { provider, name } = params;
    let pools = service.driver_of(&provider)?.pools(cx, &provider)?;
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
    let driver = service.driver_of(&params.provider)?;
    Answer::of_done(params.dry_run, |dry_run| {
        driver.create_pool(cx, &params.provider, &params.pool, dry_run)
    })
}

pub(super) fn start(service: &Service, cx: &Context, params: StartParams) -> Result<Answer<Done>> {
    let driver = service.driver_of(&params.provider)?;
    Answer::of_done(params.dry_run, |dry_run| {
        driver.start_pool(cx, &params.provider, &params.name, dry_run)
    })
}
