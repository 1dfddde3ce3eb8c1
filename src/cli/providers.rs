//! `provider list` and `provider show`: what this machine knows of providers, without asking them.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::options::ProviderArgs;
use super::output::{self, Format};
use super::select;
use super::settings::Settings;
use super::stdout;
use crate::driver::Provider;
use crate::drivers::openstack::clouds;
use crate::redact::is_secret;
use crate::salt::list_providers;
use crate::{Error, Result};

/// Members that say where a provider's host is, the first that it has.
const HOSTS: [&str; 5] = ["uri", "url", "host_ip", "identity_url", "auth_url"];
/// What stands in a secret's place.
const HIDDEN: &str = "(hidden)";

/// The providers of Salt's configuration.
pub(super) fn list(settings: &Settings, format: Format) -> Result<ExitCode> {
    let (listed, broken) = list_providers(&settings.salt_config_dir)?;
    for error in broken {
        output::note(error.message());
    }
    let default = select::default_name(settings);
    let providers: Vec<Value> = listed
        .iter()
        .map(|(name, provider, file)| {
            let host = HOSTS.iter().find_map(|member| provider[*member].as_str());
            json!({
                "provider_name": name,
                "driver": driver_of(provider),
                "host": host.map(without_password),
                "default": default.as_deref() == Some(name),
                "file": file,
            })
        })
        .collect();
    let mut result = json!({"providers": providers});
    let clouds = clouds();
    if !clouds.is_empty() {
        result["clouds"] = Value::Array(clouds);
    }
    stdout::write(&output::result(&result, format)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The clouds of `clouds.yaml`, which `--os-cloud` takes. What is wrong with one is said beside them.
fn clouds() -> Vec<Value> {
    let note = |error: Error| output::note(error.message());
    let listed = clouds::listed().map_err(note).ok().flatten();
    let Some((names, file)) = listed else {
        return Vec::new();
    };
    let cloud = |name: String| {
        let cloud = clouds::named(&name, None).map_err(note).unwrap_or_default();
        let host = cloud.get("auth").and_then(|auth| auth["auth_url"].as_str());
        json!({
            "name": name,
            "host": host.map(without_password),
            "default": std::env::var("OS_CLOUD").is_ok_and(|default| default == name),
            "file": file,
        })
    };
    names.into_iter().map(cloud).collect()
}

/// The driver of an entry of Salt's; where its own module is another driver's, that is said beside it.
pub(super) fn driver_of(provider: &Value) -> &str {
    let mark = &provider[Provider::MARK];
    let said = [
        &mark["driver_id"],
        &provider["driver_id"],
        &provider["driver"],
    ];
    let driver = said.into_iter().find_map(Value::as_str).unwrap_or_default();
    driver.strip_prefix("va_").unwrap_or(driver)
}

/// The record of the provider that is meant, without its secrets.
pub(super) fn show(args: &ProviderArgs, settings: &Settings, format: Format) -> Result<ExitCode> {
    let Some(mut provider) = select::given(args, settings)? else {
        return Err(Error::invalid("/provider", select::NONE));
    };
    hide(&mut provider);
    stdout::write(&output::result(&json!({"provider": provider}), format)?)?;
    Ok(ExitCode::SUCCESS)
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Null | Value::Bool(_) => {}
                    // YAML has a password of digits as a number
                    secret if is_secret(name) && *secret != "" => *secret = HIDDEN.into(),
                    other => hide(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::String(text) => *text = without_password(text),
        _ => {}
    }
}

/// `text` without the password that a URL may have.
fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            // one that has a password can have another
            let _ = url.set_password(Some(HIDDEN));
            url.into()
        }
        _ => text.to_owned(),
    }
}
