//! `provider list` and `provider show`: what this machine knows of providers, without asking them.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::options::ProviderArgs;
use super::output::{self, Format};
use super::select;
use super::settings::Settings;
use super::stdout;
use crate::salt::list_providers;
use crate::{Error, Result};

/// Members that say where a provider's host is, the first that it has.
const HOSTS: [&str; 5] = ["uri", "url", "host_ip", "identity_url", "auth_url"];
/// What is in the names of members that are secret.
const SECRETS: [&str; 4] = ["password", "passphrase", "secret", "token"];

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
            let driver = provider["driver"].as_str().unwrap_or_default();
            let own = provider["va_driver"]["driver_id"].as_str();
            let host = HOSTS.iter().find_map(|member| provider[*member].as_str());
            json!({
                "provider_name": name,
                "driver": own.unwrap_or(driver.strip_prefix("va_").unwrap_or(driver)),
                "host": host.map(without_password),
                "default": default.as_deref() == Some(name),
                "file": file,
            })
        })
        .collect();
    stdout::write(&output::result(&json!({"providers": providers}), format)?)?;
    Ok(ExitCode::SUCCESS)
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
                let secret = SECRETS
                    .iter()
                    .any(|word| name.to_lowercase().contains(word));
                match value {
                    Value::String(text) if secret && !text.is_empty() => {
                        "(hidden)".clone_into(text);
                    }
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
            let _ = url.set_password(Some("(hidden)"));
            url.into()
        }
        _ => text.to_owned(),
    }
}
