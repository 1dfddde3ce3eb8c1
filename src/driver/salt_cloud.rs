//! The base way to create a server: Salt's own driver does it, by `salt-cloud -p`.

use std::process::Command;

use serde_json::{Map, Value};

use super::{Context, Created, Provider, Server, ServerSpec, Status};
use crate::salt::{ConfigKind, write_config};
use crate::{Error, Kind, Result};

/// The profile that is written for one server.
pub(super) fn profile_name(spec: &ServerSpec) -> String {
    format!("va-{}", spec.server_name)
}

/// Writes `profile_conf` to `cloud.profiles.d` and runs `salt-cloud -p` with it.
pub(super) fn create(
    cx: &Context,
    provider: &Provider,
    spec: &ServerSpec,
    profile_conf: &str,
) -> Result<Created> {
    crate::salt::MinionId::new(&spec.server_name)
        .map_err(|error| error.with_field("/server/server_name"))?;
    let profile = profile_name(spec);
    write_config(
        &cx.salt_config_dir,
        ConfigKind::Profiles,
        &profile,
        profile_conf,
        true,
    )?;
    let output = Command::new("salt-cloud")
        .arg("--config-dir")
        .arg(&cx.salt_config_dir)
        .args([
            "--out",
            "json",
            "--profile",
            &profile,
            "--",
            &spec.server_name,
        ])
        .output()
        .map_err(|error| {
            Error::new(
                Kind::Unsupported,
                format!("cannot run salt-cloud ({error}); install it on this Salt master"),
            )
        })?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let answer: Map<String, Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let node = answer.get(&spec.server_name).and_then(Value::as_object);
    match node {
        Some(node) if output.status.success() && !node.contains_key("Error") => Ok(Created {
            created: true,
            ready: true,
            sealed: false,
            server: server(provider, spec, node),
            minion: None,
            warnings: Vec::new(),
        }),
        _ => Err(Error::new(
            Kind::Internal,
            format!(
                "salt-cloud did not create {} ({})",
                spec.server_name, output.status
            ),
        )
        .with_source(
            node.and_then(|node| node.get("Error"))
                .map_or(said, ToString::to_string),
        )),
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
    Server {
        hostname: spec.server_name.clone(),
        name: spec.server_name.clone(),
        id: text("id"),
        ip: public_ips
            .first()
            .or(private_ips.first())
            .cloned()
            .unwrap_or_default(),
        size: text("size"),
        status: Status::Active,
        state: Status::Active.salt_state().to_owned(),
        provider: provider.provider_name.clone(),
        image: spec.image.clone(),
        used_ram: 0,
        used_cpu: 0,
        used_disk: 0,
        cost: 0.0,
        estimated_cost: 0.0,
        public_ips,
        private_ips,
        interfaces: Vec::new(),
        role: spec.role.clone(),
        minion_id: Some(spec.server_name.clone()),
        managed: None,
        console: None,
    }
}
