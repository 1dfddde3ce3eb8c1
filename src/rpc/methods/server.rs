//! `server.*` that look and do not touch.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::driver::{Context, PlanAnswer, Provider, Server, ServerSpec};
use crate::rpc::Service;

/// What `server.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ListParams {
    /// The provider: the whole record.
    provider: Provider,
    /// Whether to add what costs a question for each server.
    #[serde(default)]
    full: bool,
}

/// What `server.list` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Servers {
    /// The servers.
    servers: Vec<Server>,
}

/// What `server.show` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ShowParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The server's name.
    server_name: String,
}

/// What `server.show` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Shown {
    /// The server, in the full view.
    server: Server,
}

/// What `server.plan` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct PlanParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The server that would be created.
    server: ServerSpec,
}

pub(super) fn list(service: &Service, cx: &Context, params: ListParams) -> Result<Servers> {
    let provider = params.provider;
    let servers = service
        .driver_of(&provider)?
        .servers(cx, &provider, params.full)?;
    Ok(Servers { servers })
}

pub(super) fn show(service: &Service, cx: &Context, params: ShowParams) -> Result<Shown> {
    let provider = params.provider;
    let server = service
        .driver_of(&provider)?
        .server(cx, &provider, &params.server_name)?;
    Ok(Shown { server })
}

pub(super) fn plan(service: &Service, cx: &Context, params: PlanParams) -> Result<PlanAnswer> {
    let provider = params.provider;
    service
        .driver_of(&provider)?
        .plan_server(cx, &provider, &params.server)
}
