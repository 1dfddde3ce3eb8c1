//! The base way to create a server: Salt's own driver does it, by `salt-cloud -p`.

use std::process::{Command, Stdio};

use serde_json::{Map, Value};

use crate::driver::{Context, Created, Provider, Server, ServerSpec, Status};
use crate::salt::{ConfigKind, MinionId, write_config};
use crate::{Error, Kind, Result};

/// The profile that is written for one server.
pub(in crate::driver) fn profile_name(spec: &ServerSpec) -> String {
    format!("va-{}", spec.server_name)
}

/// Writes `profile_conf` to `cloud.profiles.d` and runs `salt-cloud -p` with it. Where that makes no
/// server, the profile is again what it was.
pub(in crate::driver) fn create(
    cx: &Context,
    provider: &Provider,
    spec: &ServerSpec,
    profile_conf: &str,
) -> Result<Created> {
    MinionId::new(&spec.server_name).map_err(|error| error.with_field("/server/server_name"))?;
    cx.cancel.check()?;
    let profile = profile_name(spec);
    let config_dir = &cx.salt_config_dir;
    let written = write_config(
        config_dir,
        ConfigKind::Profiles,
        &profile,
        profile_conf,
        false,
    )
    .map_err(|error| match error.kind() {
        Kind::AlreadyExists => Error::new(
            Kind::AlreadyExists,
            format!("the profile {profile} is somebody else's: choose another name for the server"),
        )
        .with_field("/server/server_name")
        .with_source(error.message()),
        _ => error,
    })?;
    let node = run(cx, &profile, &spec.server_name).map_err(|error| written.take_back(error))?;
    Ok(Created {
        created: true,
        ready: true,
        sealed: false,
        server: server(provider, spec, &node),
        minion: None,
        warnings: Vec::new(),
    })
}

/// Runs salt-cloud; what it says of the server that it made.
fn run(cx: &Context, profile: &str, name: &str) -> Result<Map<String, Value>> {
    let output = Command::new("salt-cloud")
        .arg("--config-dir")
        .arg(&cx.salt_config_dir)
        .args(["--out", "json", "--profile", profile, "--", name])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            Error::new(
                Kind::Unsupported,
                format!("cannot run salt-cloud ({error}); install it on this Salt master"),
            )
        })?;
    let mut answer: Map<String, Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let node = match answer.remove(name) {
        Some(Value::Object(node)) => Some(node),
        _ => None,
    };
    // It exits with 0 although it made nothing: where there is such a server already, and where its
    // driver gives an `Error`.
    let error = node.as_ref().and_then(|node| node.get("Error"));
    let source = match error {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    };
    match node {
        Some(node) if output.status.success() && !node.contains_key("Error") => Ok(node),
        _ => {
            let message = format!("salt-cloud did not create {name} ({})", output.status);
            let error = Error::new(Kind::Internal, message);
            Err(if source.is_empty() {
                error
            } else {
                error.with_source(source)
            })
        }
    }
}

fn server(provider: &Provider, spec: &ServerSpec, node: &Map<String, Value>) -> Server {
    let text = |name: &str| {
        node.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let list = |name: &str| -> Vec<String> {
        let values = node.get(name).and_then(Value::as_array);
        values
            .into_iter()
            .flatten()
            .filter_map(|ip| ip.as_str().map(ToOwned::to_owned))
            .collect()
    };
    let (public_ips, private_ips) = (list("public_ips"), list("private_ips"));
    let name = &spec.server_name;
    Server {
        ip: public_ips
            .first()
            .or(private_ips.first())
            .cloned()
            .unwrap_or_default(),
        size: text("size"),
        public_ips,
        private_ips,
        minion_id: Some(name.clone()),
        ..Server::new(&provider.provider_name, name, text("id"), Status::Active)
    }
}

#[cfg(test)]
mod tests;
