//! What was asked for, as a profile.

use serde_json::{Map, Value, json};

use super::host::Host;
use super::host::only;
use crate::driver::ServerSpec;
use crate::driver::template_vars::{Vars, server_vars};
use crate::template::to_yaml_block;
use crate::{Error, Kind, Result};

/// A profile for one server.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) members: Map<String, Value>,
}

impl Profile {
    /// What the driver renders for `spec`, with what is asked for of the minion.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] about a member of the server that the profile has no place for.
    pub(super) fn of(host: &Host<'_>, spec: &ServerSpec) -> Result<Self> {
        let vars = server_vars(spec)?;
        let render = |vars: &Vars| host.driver.render(host.cx, host.provider, None, vars);
        let (_, text) = render(&vars)?;
        for (name, value) in &vars {
            let member = name.trim_start_matches("VAR_").to_lowercase();
            // `networks` says again what `network` says
            if ["server_name", "role", "networks"].contains(&member.as_str()) {
                continue;
            }
            // where another value makes no difference, this one goes nowhere
            let other = match value {
                Value::Number(number) => json!(number.as_u64().unwrap_or_default() + 1),
                _ => json!(format!("other than {value}")),
            };
            let mut others = vars.clone();
            if member == "network" {
                others.insert("VAR_NETWORKS".to_owned(), json!([other]));
            }
            others.insert(name.clone(), other);
            if render(&others).is_ok_and(|(_, other)| other == text) {
                let message = format!(
                    "{} servers have no {member}: the profile of this driver has no place for {name}",
                    host.driver.driver_id()
                );
                let error = Error::new(Kind::Unsupported, message);
                return Err(error.with_field(format!("/server/{member}")));
            }
        }
        let (name, mut members) = only("profile", &text)?;
        let minion = minion_settings(spec);
        if !minion.is_empty() {
            let own = members.entry("minion").or_insert_with(|| json!({}));
            merge(own, Value::Object(minion));
        }
        Ok(Self { name, members })
    }

    /// Whether Salt installs a minion: what the profile, the provider and the master say, in this order.
    pub(super) fn deploys(&self, host: &Host<'_>) -> bool {
        let said = self
            .members
            .get("deploy")
            .or(host.settings.get("deploy"))
            .cloned();
        let said = said.or_else(|| super::master::setting(&host.cx.salt_config_dir, "deploy"));
        said != Some(Value::Bool(false))
    }

    /// The id that Salt gives to the minion of the server `name`.
    pub(super) fn minion_id(&self, host: &Host<'_>, name: &str) -> String {
        let setting = |name: &str| {
            let of = |members: &Map<String, Value>| members.get("minion")?.get(name).cloned();
            let text = of(&self.members).or_else(|| of(&host.settings));
            text.and_then(|text| text.as_str().map(ToOwned::to_owned))
        };
        let id = setting("id").unwrap_or_else(|| name.to_owned());
        match setting("append_domain") {
            Some(domain) => format!("{id}.{domain}"),
            None => id,
        }
    }

    /// As Salt reads it.
    pub(super) fn text(&self) -> Result<String> {
        to_yaml_block(&json!({&self.name: self.members}))
    }
}

/// What `spec` asks of the minion, as Salt's profiles have it.
fn minion_settings(spec: &ServerSpec) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut grains = Map::new();
    if let Some(minion) = &spec.minion {
        settings.extend(minion.conf.clone());
        for (name, value) in [
            ("id", json!(minion.id)),
            ("master", json!(minion.master)),
            ("master_finger", json!(minion.master_finger)),
        ] {
            if !value.is_null() {
                settings.insert(name.to_owned(), value);
            }
        }
        grains.extend(minion.grains.clone());
    }
    if let Some(role) = &spec.role {
        grains.insert("role".to_owned(), json!(role));
    }
    if !grains.is_empty() {
        settings.insert("grains".to_owned(), Value::Object(grains));
    }
    settings
}

/// Puts `more` over `into`, mapping by mapping.
fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}
