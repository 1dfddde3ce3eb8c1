//! The variables of templates that every driver has.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::members::server_members;
use super::{NetworkSpec, Provider, ProviderMembers, ServerSpec};
use crate::{Error, Kind, Result};

/// Template variables: `VAR_X` to what stands for it.
pub type Vars = IndexMap<String, Value>;

/// The variables of a provider's template that every driver has: `VAR_PROVIDER_NAME` and the like,
/// null where the provider has no value.
#[must_use]
pub fn provider_vars(provider: &Provider) -> Vars {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, |text| json!(text));
    let extra = |name: &str| provider.extra.get(name).cloned().unwrap_or(Value::Null);
    IndexMap::from_iter([
        (
            "VAR_PROVIDER_NAME".to_owned(),
            json!(provider.provider_name),
        ),
        ("VAR_DRIVER_NAME".to_owned(), text(&provider.driver_name)),
        ("VAR_USERNAME".to_owned(), text(&provider.username)),
        (
            "VAR_PASSWORD".to_owned(),
            provider
                .password
                .as_ref()
                .map_or(Value::Null, |secret| json!(secret.expose())),
        ),
        ("VAR_LOCATION".to_owned(), text(&provider.location)),
        ("VAR_HOST_IP".to_owned(), text(&provider.host_ip)),
        (
            "VAR_HOST_PROTOCOL".to_owned(),
            text(&provider.host_protocol),
        ),
        ("VAR_URI".to_owned(), text(&provider.uri)),
        ("VAR_TENANT".to_owned(), text(&provider.tenant)),
        ("VAR_REGION".to_owned(), text(&provider.region)),
        ("VAR_FLAVOURS".to_owned(), extra("flavours")),
    ])
}

/// Adds a variable for each of a driver's `members` that has none yet, under the member's own name.
pub fn add_members(vars: &mut Vars, provider: &Provider, members: &ProviderMembers) {
    for member in members.taken {
        let value = || provider.extra.get(member.name).cloned();
        vars.entry(var_of(member.name))
            .or_insert_with(|| value().unwrap_or(Value::Null));
    }
}

/// The variables of a profile's template that every driver has.
#[must_use]
pub fn profile_vars(provider: &Provider, profile_name: Option<&str>) -> Vars {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, |text| json!(text));
    let name = profile_name.map_or_else(
        || format!("{}-profile", provider.provider_name),
        ToOwned::to_owned,
    );
    IndexMap::from_iter([
        ("VAR_PROFILE_NAME".to_owned(), json!(name)),
        (
            "VAR_PROVIDER_NAME".to_owned(),
            json!(provider.provider_name),
        ),
        ("VAR_NETWORK".to_owned(), text(&provider.defaults.network)),
        (
            "VAR_NETWORKS".to_owned(),
            provider
                .defaults
                .network
                .as_ref()
                .map_or(Value::Null, |name| json!([name])),
        ),
        (
            "VAR_SEC_GROUP".to_owned(),
            text(&provider.defaults.sec_group),
        ),
        ("VAR_IMAGE".to_owned(), text(&provider.defaults.image)),
        ("VAR_SIZE".to_owned(), text(&provider.defaults.size)),
    ])
}

/// The variables of a server's members, all of them null.
pub(crate) fn no_server_vars() -> Vars {
    let top = server_members()
        .iter()
        .filter(|member| !member.path.contains('/'));
    top.map(|member| (var_of(&member.path), Value::Null))
        .collect()
}

/// The variables of what `spec` says: each of its members but for the minion, by its name.
///
/// # Errors
/// [`Kind::Unsupported`] about several networks or security groups, or more than a network's name.
pub(crate) fn server_vars(spec: &ServerSpec) -> Result<Vars> {
    let several = |member: &str| {
        let message = format!("give one of {member} by its name, and nothing more");
        Error::new(Kind::Unsupported, message).with_field(format!("/server/{member}"))
    };
    let mut spec = spec.clone();
    spec.minion = None;
    match spec.networks.take().as_deref() {
        None => {}
        Some([NetworkSpec::Name(name)]) if spec.network.is_none() => {
            spec.network = Some(name.clone());
        }
        Some(_) => return Err(several("networks")),
    }
    match std::mem::take(&mut spec.sec_groups).as_slice() {
        [] => {}
        [one] if spec.sec_group.is_none() => spec.sec_group = Some(one.clone()),
        _ => return Err(several("sec_groups")),
    }
    let members = serde_json::to_value(&spec).unwrap_or_default();
    let mut members = members.as_object().cloned().unwrap_or_default();
    if let Some(network) = &spec.network {
        members.insert("networks".to_owned(), json!([network]));
    }
    Ok(members
        .into_iter()
        .filter(|(_, value)| !value.is_null() && value != "")
        .map(|(name, value)| (var_of(&name), value))
        .collect())
}

/// `provider`, with what the variables of a `server` say in place of its defaults.
pub(crate) fn with_defaults(provider: &Provider, server: &Vars) -> Provider {
    let mut provider = provider.clone();
    let defaults = &mut provider.defaults;
    for (name, default) in [
        ("VAR_NETWORK", &mut defaults.network),
        ("VAR_SEC_GROUP", &mut defaults.sec_group),
        ("VAR_IMAGE", &mut defaults.image),
        ("VAR_SIZE", &mut defaults.size),
    ] {
        if let Some(Value::String(value)) = server.get(name) {
            *default = Some(value.clone());
        }
    }
    provider
}

/// The variable of the field or member `id`.
pub(crate) fn var_of(id: &str) -> String {
    format!("VAR_{}", id.to_uppercase())
}
