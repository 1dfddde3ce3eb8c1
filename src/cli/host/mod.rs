//! `host prepare`: a host from nothing, by one script that is run there over ssh, and its provider.
//!
//! | file | concern |
//! |---|---|
//! | `script` | the script, with what it is told |

mod script;

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Map, Value, json};

use super::args::PrepareArgs;
use super::call::answer_to;
use super::output::{self, Format};
use super::settings::Settings;
use super::stdout;
use crate::plain_file::{self, LONGEST};
use crate::rpc::Service;
use crate::tls::{DEFAULT_CLIENT, TlsInit, tls_init};
use crate::{Error, Kind, Result, private_file};

const SYSTEM: &str = "qemu:///system";
const SYSTEM_IMAGES: &str = "/var/lib/libvirt/images";

/// What a preparation comes to.
struct Plan {
    /// `[user@]host`; none for this machine.
    login: Option<String>,
    script: script::Script,
    provider: Map<String, Value>,
}

/// Prepares the host, asks it whether it answers, and writes the provider.
pub(super) fn prepare(args: &PrepareArgs, settings: &Settings, format: Format) -> Result<ExitCode> {
    let service = settings.service();
    let plan = plan(args, settings)?;
    if args.dry_run {
        stdout::write(&plan.script.text(false))?;
        return Ok(ExitCode::SUCCESS);
    }
    let whom = plan.login.as_deref().unwrap_or("this machine");
    output::note(&format!("preparing {whom}"));
    run(
        shell(args, plan.login.as_deref()),
        &plan.script.text(true),
        whom,
    )?;
    let params = json!({"provider": plan.provider});
    let status = answer_to(&service, "provider.status", params).map_err(|error| {
        let message = format!(
            "{whom} is prepared, but does not answer: {}",
            error.message()
        );
        error.with_message(message)
    })?;
    let host = status["host"].as_str().unwrap_or_default();
    output::note(&format!("it answers: {host}"));
    let written = write(args, &service, plan.provider)?;
    stdout::write(&output::result(&written, format)?)?;
    Ok(ExitCode::SUCCESS)
}

fn plan(args: &PrepareArgs, settings: &Settings) -> Result<Plan> {
    let host = args.host.as_deref().map(host_of).transpose()?;
    for (option, name) in [("/pool", &args.pool), ("/network", &args.network)] {
        check_name(option, name)?;
    }
    let certificates = match (&args.tls, host, args.dry_run) {
        (Some(dir), Some(host), false) => certificates(dir, host)?,
        (Some(dir), Some(host), true) => script::Certificate::expected(dir, host),
        _ => Vec::new(),
    };
    let on_host = args.uri.as_deref().unwrap_or(SYSTEM).to_owned();
    let is_session = on_host.contains("/session");
    let pool_path = match &args.pool_path {
        Some(path) => path.clone(),
        None if is_session => home()?.join(".local/share/libvirt/images"),
        None => PathBuf::from(SYSTEM_IMAGES),
    };
    if !pool_path.is_absolute() {
        return Err(Error::invalid(
            "/pool_path",
            "the pool's directory must be a whole path",
        ));
    }
    let name = args.name.as_deref().or(host).unwrap_or("local");
    let network = if is_session { "user" } else { &args.network };
    let provider = json!({
        "driver_name": "libvirt",
        "provider_name": args.name.as_deref().unwrap_or_else(|| first_label(name)),
        "uri": uri(args, host, &on_host)?,
        "pool": args.pool,
        "defaults": {"network": network},
    });
    let script = script::Script {
        text: script::read(&settings.templates)?,
        words: vec![
            ("uri", on_host),
            ("pool", args.pool.clone()),
            ("pool_path", pool_path.to_string_lossy().into_owned()),
            ("network", args.network.clone()),
        ],
        certificates,
    };
    let provider = provider.as_object().cloned().unwrap_or_default();
    Ok(Plan {
        login: args.host.clone(),
        script,
        provider,
    })
}

/// The host of `[user@]host`.
fn host_of(login: &str) -> Result<&str> {
    let host = login.rsplit_once('@').map_or(login, |(_, host)| host);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+@:%".contains(c);
    if host.is_empty() || login.starts_with('-') || !login.chars().all(plain) {
        let message = format!("{login:?} is no USER@HOST");
        return Err(Error::invalid("/host", message));
    }
    Ok(host)
}

fn first_label(name: &str) -> &str {
    match name.parse::<std::net::IpAddr>() {
        Ok(_) => name,
        Err(_) => name.split('.').next().unwrap_or(name),
    }
}

fn check_name(field: &str, name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
        let message =
            format!("{name:?} is no name that is made here: letters, digits, '.', '_', '-'");
        return Err(Error::invalid(field, message));
    }
    Ok(())
}

/// The connection to the host from here.
fn uri(args: &PrepareArgs, host: Option<&str>, on_host: &str) -> Result<String> {
    let (Some(login), Some(host)) = (args.host.as_deref(), host) else {
        return Ok(on_host.to_owned());
    };
    if let Some(dir) = &args.tls {
        let pki = absolute(&dir.join("client").join(DEFAULT_CLIENT))?;
        return Ok(format!(
            "qemu+tls://{}/system?pkipath={}",
            bracketed(host),
            pki.display()
        ));
    }
    let user = login.rsplit_once('@').map(|(user, _)| format!("{user}@"));
    let port = args.port.map(|port| format!(":{port}"));
    let key = args.identity.as_deref().map(absolute).transpose()?;
    let key = key.map(|key| format!("?keyfile={}", key.display()));
    Ok(format!(
        "qemu+ssh://{}{}{}/system{}",
        user.unwrap_or_default(),
        bracketed(host),
        port.unwrap_or_default(),
        key.unwrap_or_default()
    ))
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| crate::error::io_error("find", path, &error))
}

fn home() -> Result<PathBuf> {
    let home = env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute());
    home.ok_or_else(|| Error::invalid("/pool_path", "HOME is not set: say where the pool is to be"))
}

/// The host's certificates in `dir`, which are made where they are not there.
fn certificates(dir: &Path, host: &str) -> Result<Vec<script::Certificate>> {
    let made = tls_init(&TlsInit {
        directory: absolute(dir)?,
        hosts: vec![host.to_owned()],
        ..TlsInit::default()
    })?;
    let files = made.server.map(|server| server.files).unwrap_or_default();
    let read = files.into_iter().map(script::Certificate::read);
    read.filter_map(Result::transpose).collect()
}

/// The shell that takes the script.
fn shell(args: &PrepareArgs, login: Option<&str>) -> Command {
    let Some(login) = login else {
        return Command::new("sh");
    };
    let mut ssh = Command::new("ssh");
    if let Some(port) = args.port {
        ssh.args(["-p", &port.to_string()]);
    }
    if let Some(key) = &args.identity {
        ssh.arg("-i").arg(key);
    }
    ssh.args(["--", login, "sh"]);
    ssh
}

fn run(mut shell: Command, script: &str, whom: &str) -> Result<()> {
    let name = shell.get_program().to_string_lossy().into_owned();
    let broken =
        |error: io::Error| Error::new(Kind::Unsupported, format!("cannot run {name}: {error}"));
    let mut child = shell
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(broken)?;
    if let Some(mut stdin) = child.stdin.take() {
        // a shell that has ended says itself why
        let _ = stdin.write_all(script.as_bytes());
    }
    let status = child.wait().map_err(broken)?;
    match status.code() {
        Some(0) => Ok(()),
        Some(255) if name == "ssh" => Err(Error::new(
            Kind::ConnectionFailed,
            format!("ssh does not get to {whom}"),
        )),
        _ => Err(Error::new(
            Kind::Conflict,
            format!(
                "{whom} is not prepared; what was done stays, and another try goes on from there"
            ),
        )),
    }
}

fn write(args: &PrepareArgs, service: &Service, provider: Map<String, Value>) -> Result<Value> {
    let Some(file) = &args.output else {
        let written = answer_to(service, "provider.write", json!({"provider": provider}));
        return written.map_err(|error| {
            let message = format!(
                "the host is prepared, but its provider is not written: {}; --output FILE writes it for \
                 --provider-file",
                error.message()
            );
            error.with_message(message)
        });
    };
    let text = output::yaml(&Value::Object(provider))?;
    let same = plain_file::read(file, LONGEST).is_ok_and(|there| there == text.as_bytes());
    if !same {
        private_file::write(file, text.as_bytes(), false)?;
    }
    Ok(json!({"provider_file": file, "changed": !same}))
}

#[cfg(test)]
mod tests;
