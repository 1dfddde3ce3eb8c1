//! `server.*`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::Answer;
use crate::Result;
use crate::driver::templates::Templates;
use crate::driver::{
    Action, ActionDone, ActionOptions, Context, CreateOptions, Created, DeleteOptions, Deleted,
    NetworkSpec, PlanAnswer, Provider, RecoverOptions, Recovered, Server, ServerSpec, VolumeSpec,
    WaitFor,
};
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
    /// What is brought to the rendering of templates.
    #[serde(default)]
    templates: Templates,
}

/// What `server.create` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct CreateParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The server.
    server: ServerSpec,
    /// What is brought to the rendering of templates.
    #[serde(default)]
    templates: Templates,
    /// How far to wait; `running` when absent.
    #[serde(default)]
    wait: Option<WaitFor>,
    /// How long to wait, in seconds; 300 when absent. Passing it means "not ready", not "failed".
    #[serde(default)]
    timeout: Option<u64>,
    /// Whether to take the private key off the seed once the minion has started; needs `wait: minion`.
    #[serde(default)]
    seal: bool,
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
}

/// What `server.action` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
// each is a member of its own on the wire
#[allow(clippy::struct_excessive_bools)]
pub(in crate::rpc) struct ActionParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The server's name.
    server_name: String,
    /// What to do to it.
    action: Action,
    /// How long to wait, in seconds. libvirt: how long the guest has to shut down, 60 when absent, 0
    /// switches it off at once. `OpenStack`: how long any action is waited for, 300 when absent.
    #[serde(default)]
    timeout: Option<u64>,
    /// For `reboot`: reset it, without asking the guest.
    #[serde(default)]
    hard: bool,
    /// For `resize`: the new size.
    #[serde(default)]
    size: Option<String>,
    /// For `snapshot`, `revert_snapshot` and `delete_snapshot`: what the image or the snapshot is called; for
    /// `rescue` and `rebuild`: the image that it starts from.
    #[serde(default)]
    image: Option<String>,
    /// For `console_log`: only this many of the last lines.
    #[serde(default)]
    lines: Option<u64>,
    /// For `attach_disk`: a new one, as in a server's `disks`; or by `volume` one that was detached.
    #[serde(default)]
    disk: Option<VolumeSpec>,
    /// For `detach_disk`: its volume.
    #[serde(default)]
    volume: Option<String>,
    /// For `detach_disk`: delete the volume, too; else it stays for `attach_disk`, and goes with the server.
    #[serde(default)]
    delete: bool,
    /// For `attach_interface`: where it goes, as in a server's `networks`.
    #[serde(default)]
    interface: Option<NetworkSpec>,
    /// For `detach_interface`: its MAC address.
    #[serde(default)]
    mac: Option<String>,
    /// For `rename`: what the server is called from then on.
    #[serde(default)]
    new_name: Option<String>,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
}

/// What `server.delete` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct DeleteParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The server's name.
    server_name: String,
    /// The master's `pki_dir`, when it is not where the key was accepted.
    #[serde(default)]
    pki_dir: Option<String>,
    /// Delete a server that this program did not make, or whose pools are gone; its volumes stay.
    #[serde(default)]
    force: bool,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
}

/// What `server.recover` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct RecoverParams {
    /// The provider: the whole record.
    provider: Provider,
    /// Whether to remove the orphans too, which are only named otherwise.
    #[serde(default)]
    remove_orphans: bool,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
    /// Whether to tell how far it is, by notifications.
    #[serde(default, rename = "progress")]
    _progress: bool,
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
    let driver = service.driver_of(&provider)?;
    let server = driver
        .server_members()
        .check(&params.server, &driver.server_fields())?;
    driver.plan_server(&cx.with_templates(params.templates)?, &provider, server)
}

pub(super) fn create(service: &Service, cx: &Context, params: CreateParams) -> Result<Created> {
    let provider = params.provider;
    let options = CreateOptions {
        wait: params.wait,
        timeout: params.timeout,
        seal: params.seal,
    };
    let driver = service.driver_of(&provider)?;
    let server = driver
        .server_members()
        .check(&params.server, &driver.server_fields())?;
    let cx = &cx.with_templates(params.templates)?;
    driver.create_server(cx, &provider, server, options)
}

pub(super) fn action(
    service: &Service,
    cx: &Context,
    params: ActionParams,
) -> Result<Answer<ActionDone>> {
    let provider = params.provider;
    let name = params.server_name;
    let driver = service.driver_of(&provider)?;
    if params.action == Action::Delete {
        let options = DeleteOptions::default();
        let look = || driver.plan_deletion(cx, &provider, &name, &options);
        return Answer::of(params.dry_run, look, || {
            let deleted = driver.delete_server(cx, &provider, &name, &options)?;
            Ok(ActionDone::new(deleted.message, deleted.deleted, None))
        });
    }
    let options = ActionOptions {
        timeout: params.timeout,
        hard: params.hard,
        size: params.size,
        image: params.image,
        lines: params.lines,
        disk: params.disk,
        volume: params.volume,
        delete: params.delete,
        interface: params.interface,
        mac: params.mac,
        new_name: params.new_name,
    };
    options.check(params.action)?;
    let look = || driver.plan_action(cx, &provider, &name, params.action);
    let change = || driver.server_action(cx, &provider, &name, params.action, options);
    Answer::of(params.dry_run, look, change)
}

pub(super) fn delete(
    service: &Service,
    cx: &Context,
    params: DeleteParams,
) -> Result<Answer<Deleted>> {
    let provider = params.provider;
    let name = params.server_name;
    let options = DeleteOptions {
        pki_dir: params.pki_dir,
        force: params.force,
    };
    let driver = service.driver_of(&provider)?;
    let look = || driver.plan_deletion(cx, &provider, &name, &options);
    let change = || driver.delete_server(cx, &provider, &name, &options);
    Answer::of(params.dry_run, look, change)
}

pub(super) fn recover(
    service: &Service,
    cx: &Context,
    params: RecoverParams,
) -> Result<Answer<Recovered>> {
    let provider = params.provider;
    let options = RecoverOptions {
        remove_orphans: params.remove_orphans,
    };
    let driver = service.driver_of(&provider)?;
    let look = || driver.plan_recovery(cx, &provider, options);
    let change = || driver.recover(cx, &provider, options);
    Answer::of(params.dry_run, look, change)
}
