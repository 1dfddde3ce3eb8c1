//! `provider.render` and `provider.write`: a provider as Salt's configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::Answer;
use crate::driver::template_vars::Vars;
use crate::driver::templates::Templates;
use crate::driver::{Change, Context, DryRun, FileChange, Provider};
use crate::rpc::Service;
use crate::salt::{ConfigKind, Planned, other_profiles, plan_config, write_config};
use crate::{Error, Kind, Result};

/// What `provider.render` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct RenderParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The profile's name; `<provider_name>-profile` when absent.
    #[serde(default)]
    profile_name: Option<String>,
    /// What is brought to the rendering of templates.
    #[serde(default)]
    templates: Templates,
}

/// What `provider.render` answers. The provider's part holds its password.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Rendered {
    /// What belongs into `cloud.providers.d`, as YAML.
    provider_conf: String,
    /// What belongs into `cloud.profiles.d`, as YAML.
    profile_conf: String,
}

/// What `provider.write` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct WriteParams {
    /// The provider: the whole record.
    provider: Provider,
    /// The profile's name; `<provider_name>-profile` when absent.
    #[serde(default)]
    profile_name: Option<String>,
    /// What is brought to the rendering of templates.
    #[serde(default)]
    templates: Templates,
    /// Salt's configuration directory; `/etc/salt` when absent, or what the program was told.
    #[serde(default)]
    config_dir: Option<PathBuf>,
    /// Whether files of these names may be replaced that this program did not write.
    #[serde(default)]
    replace: bool,
    /// Whether only to tell what would be done, by what is there.
    #[serde(default)]
    dry_run: bool,
}

/// What `provider.write` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Written {
    /// The provider's file.
    provider_file: PathBuf,
    /// The profile's file.
    profile_file: PathBuf,
    /// Whether either holds something else than before.
    changed: bool,
    /// Profiles of this provider that were written under other names before, and stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_profile_files: Vec<PathBuf>,
}

/// The name of the profile, where it and the provider's can name files.
fn profile_name(provider: &Provider, profile_name: Option<&str>) -> Result<String> {
    let name = &provider.provider_name;
    ConfigKind::Providers
        .check_name(name)
        .map_err(|error| about(error, "/provider/provider_name"))?;
    let profile = profile_name.map_or_else(|| format!("{name}-profile"), ToOwned::to_owned);
    ConfigKind::Profiles
        .check_name(&profile)
        .map_err(|error| about(error, "/profile_name"))?;
    Ok(profile)
}

pub(super) fn render(service: &Service, cx: &Context, params: RenderParams) -> Result<Rendered> {
    let driver = service.driver_of(&params.provider)?;
    let profile = profile_name(&params.provider, params.profile_name.as_deref())?;
    let cx = &cx.with_templates(params.templates)?;
    let (provider_conf, profile_conf) =
        driver.render(cx, &params.provider, Some(&profile), &Vars::new())?;
    Ok(Rendered {
        provider_conf,
        profile_conf,
    })
}

pub(super) fn write(
    service: &Service,
    cx: &Context,
    params: WriteParams,
) -> Result<Answer<Written>> {
    let driver = service.driver_of(&params.provider)?;
    let profile = profile_name(&params.provider, params.profile_name.as_deref())?;
    let cx = &cx.with_templates(params.templates)?;
    let (provider_conf, profile_conf) =
        driver.render(cx, &params.provider, Some(&profile), &Vars::new())?;
    let name = params.provider.provider_name;
    let dir = params.config_dir.as_deref().unwrap_or(&cx.salt_config_dir);
    if params.dry_run {
        let look =
            |kind, name: &str, text: &str| plan_config(dir, kind, name, text, params.replace);
        let of_profile = look(ConfigKind::Profiles, &profile, &profile_conf)
            .map_err(|error| about(error, "/profile_name"))?;
        let of_provider = look(ConfigKind::Providers, &name, &provider_conf)
            .map_err(|error| about(error, "/provider/provider_name"))?;
        return Ok(Answer::DryRun(would_write([of_provider, of_profile])));
    }
    // The profile first: without its provider it does nothing, the other way round it is missed.
    let put = |kind, name: &str, text: &str| write_config(dir, kind, name, text, params.replace);
    let profile_file = put(ConfigKind::Profiles, &profile, &profile_conf)
        .map_err(|error| about(error, "/profile_name"))?;
    let provider_file = put(ConfigKind::Providers, &name, &provider_conf)
        .map_err(|error| about(error, "/provider/provider_name"))
        .map_err(|error| profile_file.take_back(error))?;
    Ok(Answer::Done(Written {
        changed: profile_file.changed || provider_file.changed,
        other_profile_files: other_profiles(dir, &name, &profile),
        provider_file: provider_file.path,
        profile_file: profile_file.path,
    }))
}

/// What would be written, in words and file by file.
fn would_write(files: [(PathBuf, Planned); 2]) -> DryRun {
    let changes = files.map(|(path, planned)| {
        let (change, members) = match planned {
            Planned::Made => (Change::Made, Vec::new()),
            Planned::Changed(members) => (Change::Changed, members),
            Planned::Same => (Change::None, Vec::new()),
        };
        FileChange {
            path,
            change,
            members,
        }
    });
    let would_change = changes.iter().any(|file| file.change != Change::None);
    let message = if would_change {
        "the provider and its profile would be written"
    } else {
        "both files are as they would be; nothing would be written"
    };
    DryRun {
        would_write: changes.to_vec(),
        ..DryRun::new(message, would_change)
    }
}

/// `error`, about the member that named the file.
fn about(error: Error, field: &str) -> Error {
    match error.kind() {
        Kind::InvalidField | Kind::AlreadyExists => error.with_field(field),
        _ => error,
    }
}
