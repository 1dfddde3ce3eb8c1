//! `server ssh` and `server console`: the program that does it takes this one's place.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use serde_json::Value;

use super::args::{ShowArgs, SshArgs};
use super::near;
use super::settings::Settings;
use crate::decode::decode;
use crate::driver::{Provider, Silent};
use crate::drivers::libvirt::uri_of;
use crate::{Error, Kind, Result};

/// Logs in to a server at its first address.
pub(super) fn ssh(args: &SshArgs, settings: &Settings) -> Result<ExitCode> {
    let (provider, server) = show(&args.server, settings)?;
    let Some(address) = server["ip"].as_str().filter(|ip| !ip.is_empty()) else {
        let message = format!(
            "no address of {0} is known: it has none yet (`va-driver server show {0}` tells), or its network \
             is one that only the guest sees",
            args.server.name
        );
        return Err(Error::new(Kind::Conflict, message));
    };
    let mut ssh = Command::new("ssh");
    if let Some(user) = &args.user {
        ssh.args(["-l", user]);
    }
    if args.jump {
        ssh.arg("-o").arg(jump(&provider)?);
    }
    replace_by(ssh.arg(address).args(&args.command))
}

/// ssh's option that leads by way of the host of `provider`, where ssh gets as libvirt's URI says.
fn jump(provider: &Value) -> Result<String> {
    let provider: Provider = decode(provider, "/provider")?;
    if provider.driver_id()? != "libvirt" {
        let message = "--jump is for libvirt's hosts; a cloud gives a server a floating IP instead";
        return Err(Error::new(Kind::Unsupported, message));
    }
    let uri = uri_of(&provider)?;
    let Some(login) = uri.ssh() else {
        let message = format!("--jump: {uri} is this machine, which reaches its servers itself");
        return Err(Error::new(Kind::Conflict, message));
    };
    // of %, only what follows from the URI is not for ssh to fill in
    let login = login.join(" ").replace('%', "%%");
    Ok(format!("ProxyCommand=ssh -W [%h]:%p {login}"))
}

/// Opens a server's serial console.
pub(super) fn console(args: &ShowArgs, settings: &Settings) -> Result<ExitCode> {
    let (provider, server) = show(args, settings)?;
    let provider: Provider = decode(&provider, "/provider")?;
    if provider.driver_id()? != "libvirt" {
        let message = format!(
            "only libvirt's servers have a console that a terminal can be; `va-driver server log {}` shows \
             what this one has printed",
            args.name
        );
        return Err(Error::new(Kind::Unsupported, message));
    }
    let uri = uri_of(&provider)?;
    let id = server["id"].as_str().unwrap_or(&args.name);
    replace_by(Command::new("virsh").args(["-c", uri.as_str(), "console", id]))
}

/// The provider that is meant, and its server.
fn show(args: &ShowArgs, settings: &Settings) -> Result<(Value, Value)> {
    let call = args.call(settings)?;
    let service = settings.service();
    let shown = service.dispatch(call.method, call.params.clone(), Arc::new(Silent));
    let mut shown = shown.map_err(|error| near::add(error, call.method, &call.params, &service))?;
    let provider = call.params.get("provider").cloned().unwrap_or_default();
    Ok((provider, shown["server"].take()))
}

/// Becomes `program`; comes back only where that cannot be started.
fn replace_by(program: &mut Command) -> Result<ExitCode> {
    let error = program.exec();
    let name = program.get_program().to_string_lossy().into_owned();
    let package = if name == "virsh" {
        "libvirt-clients"
    } else {
        "openssh-client"
    };
    let message = format!("cannot start {name}: {error}; on Debian it is in the package {package}");
    Err(Error::new(Kind::Unsupported, message))
}
