//! Clouds as other programs of OpenStack know them: `clouds.yaml`, and the variables `OS_…`.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::files;
use crate::{Error, Kind, Result};

/// The settings of a cloud, by their names in `clouds.yaml` (in variables in capitals and with `OS_`
/// before them), and the provider's member that each becomes.
const MEMBERS: &[(&str, &str)] = &[
    ("auth_url", "identity_url"),
    ("username", "username"),
    ("user_id", "user_id"),
    ("password", "password"),
    ("project_name", "tenant"),
    ("tenant_name", "tenant"),
    ("project_id", "project_id"),
    ("tenant_id", "project_id"),
    ("user_domain_name", "user_domain"),
    ("user_domain_id", "user_domain"),
    ("project_domain_name", "project_domain"),
    ("project_domain_id", "project_domain"),
    ("domain_name", "domain"),
    ("domain_id", "domain"),
    ("default_domain", "domain"),
    ("application_credential_id", "application_credential_id"),
    ("application_credential_name", "application_credential_name"),
    (
        "application_credential_secret",
        "application_credential_secret",
    ),
    ("region_name", "region"),
    ("interface", "interface"),
    ("endpoint_type", "interface"),
    ("cacert", "cacert"),
];
/// The ways to log in that this program has.
const AUTH_TYPES: &[&str] = &[
    "password",
    "v3password",
    "v2password",
    "v3applicationcredential",
];

/// The cloud `name` of the first `clouds.yaml` that there is.
pub(super) fn named(name: &str) -> Result<Map<String, Value>> {
    let paths = places(
        "clouds",
        env::var_os("OS_CLIENT_CONFIG_FILE").map(PathBuf::from),
    );
    let Some(path) = paths.iter().find(|path| path.is_file()) else {
        let looked: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Error::new(
            Kind::NotFound,
            format!(
                "there is no clouds.yaml that could describe the cloud {name:?}; it would be one of: {}",
                looked.join(", ")
            ),
        ));
    };
    let mut cloud = cloud_in(path, name)?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("{} has no cloud {name:?}", path.display()),
        )
    })?;
    // passwords may stand in a file of their own
    let secure = places(
        "secure",
        env::var_os("OS_CLIENT_SECURE_FILE").map(PathBuf::from),
    );
    if let Some(secure) = secure.iter().find(|path| path.is_file()) {
        merge(&mut cloud, cloud_in(secure, name)?.unwrap_or_default());
    }
    provider(name, &settings(cloud))
}

/// The cloud that the variables `OS_…` describe, where they do.
pub(super) fn from_variables() -> Result<Option<Map<String, Value>>> {
    let variable = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
    if variable("OS_AUTH_URL").is_none() {
        return Ok(None);
    }
    provider("ad-hoc", &|name: &str| {
        variable(&format!("OS_{}", name.to_uppercase())).map(Value::String)
    })
    .map(Some)
}

/// Where other programs look for `<stem>.yaml`, in their order.
fn places(stem: &str, named: Option<PathBuf>) -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let config = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
        .or_else(|| home.map(|home| home.join(".config")));
    let dirs = [
        Some(PathBuf::new()),
        config.map(|dir| dir.join("openstack")),
        Some("/etc/openstack".into()),
    ];
    let files = dirs
        .into_iter()
        .flatten()
        .flat_map(|dir| ["yaml", "yml"].map(|ending| dir.join(format!("{stem}.{ending}"))));
    named.into_iter().chain(files).collect()
}

/// The cloud `name` in the file `path`.
fn cloud_in(path: &Path, name: &str) -> Result<Option<Map<String, Value>>> {
    let mut file = files::record(path)?;
    let clouds = match file.shift_remove("clouds") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(clouds)) => clouds,
        Some(_) => return Err(no_mapping(path, "clouds")),
    };
    match clouds.get(name) {
        None => Ok(None),
        Some(Value::Object(cloud)) => Ok(Some(cloud.clone())),
        Some(_) => Err(no_mapping(path, name)),
    }
}

fn no_mapping(path: &Path, name: &str) -> Error {
    Error::new(
        Kind::InvalidField,
        format!("{}: {name} is not a mapping", path.display()),
    )
}

/// `more` over `cloud`, mapping by mapping.
fn merge(cloud: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (cloud.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(more)) => merge(below, more),
            (_, value) => {
                cloud.insert(name, value);
            }
        }
    }
}

/// The settings of `cloud`, those of its `auth` among them.
fn settings(cloud: Map<String, Value>) -> impl Fn(&str) -> Option<Value> {
    move |name| {
        let auth = cloud.get("auth").and_then(|auth| auth.get(name));
        auth.or_else(|| cloud.get(name)).cloned()
    }
}

/// The provider that a cloud's settings describe.
fn provider(name: &str, setting: &impl Fn(&str) -> Option<Value>) -> Result<Map<String, Value>> {
    let text = |name: &str| match setting(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(auth_type) = text("auth_type").filter(|one| !AUTH_TYPES.contains(&one.as_str())) {
        return Err(Error::new(
            Kind::Unsupported,
            format!(
                "the cloud {name:?} is logged in to by {auth_type:?}; this program has: {}",
                AUTH_TYPES.join(", ")
            ),
        ));
    }
    let mut record = Map::new();
    record.insert("driver_name".to_owned(), json!("openstack"));
    record.insert("provider_name".to_owned(), json!(name));
    for (theirs, ours) in MEMBERS {
        if let Some(value) = text(theirs) {
            let value = match (*ours, env::var("HOME"), value.strip_prefix("~/")) {
                ("cacert", Ok(home), Some(below)) => format!("{home}/{below}"),
                _ => value,
            };
            record
                .entry((*ours).to_owned())
                .or_insert(Value::String(value));
        }
    }
    let has_project = record.contains_key("tenant") || record.contains_key("project_id");
    if !has_project && (text("domain_name").is_some() || text("domain_id").is_some()) {
        record.insert("domain_scope".to_owned(), json!(true));
    }
    if truth(setting("insecure").as_ref()) == Some(true)
        || truth(setting("verify").as_ref()) == Some(false)
    {
        record.insert("insecure".to_owned(), json!(true));
    }
    Ok(record)
}

/// A truth value as YAML or a variable has it.
fn truth(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cloud: Value) -> Result<Map<String, Value>> {
        let Value::Object(cloud) = cloud else {
            unreachable!()
        };
        provider("lab", &settings(cloud))
    }

    #[test]
    fn a_cloud_becomes_a_provider() {
        let cloud = json!({
            "auth": {
                "auth_url": "https://cloud.example:5000", "username": "demo", "password": "pw",
                "project_name": "web", "user_domain_name": "Default", "project_domain_id": "default",
            },
            "region_name": "RegionOne", "interface": "internal", "verify": false,
            "identity_api_version": 3,
        });
        assert_eq!(
            Value::Object(read(cloud).unwrap()),
            json!({
                "driver_name": "openstack", "provider_name": "lab",
                "identity_url": "https://cloud.example:5000", "username": "demo", "password": "pw",
                "tenant": "web", "user_domain": "Default", "project_domain": "default",
                "region": "RegionOne", "interface": "internal", "insecure": true,
            })
        );
    }

    #[test]
    fn a_login_without_a_project_is_one_to_its_domain() {
        let cloud = json!({"auth": {"username": "admin", "domain_name": "Default"}});
        assert_eq!(read(cloud).unwrap()["domain_scope"], true);
        let cloud = json!({"auth": {"default_domain": "Default"}});
        assert!(!read(cloud).unwrap().contains_key("domain_scope"));
    }

    #[test]
    fn another_way_to_log_in_is_refused() {
        let error = read(json!({"auth_type": "v3oidcpassword"})).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(read(json!({"auth_type": "v3applicationcredential"})).is_ok());
    }

    #[test]
    fn secrets_are_merged_below_auth() {
        let mut cloud = json!({"auth": {"username": "demo"}, "region_name": "a"});
        let secret = json!({"auth": {"password": "pw"}});
        merge(
            cloud.as_object_mut().unwrap(),
            secret.as_object().unwrap().clone(),
        );
        assert_eq!(
            cloud,
            json!({"auth": {"username": "demo", "password": "pw"}, "region_name": "a"})
        );
    }
}
