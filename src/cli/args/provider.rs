//! `provider …`, and the options that say which provider is meant.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::given;
use crate::cli::call::Call;
use crate::cli::files;
use crate::cli::options::{AD_HOC, ProviderArgs};
use crate::cli::settings::Settings;
use crate::{Error, Result};

/// What is asked of a provider.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProviderCommand {
    /// List the providers of Salt's cloud.providers.d, and the clouds of clouds.yaml
    List,
    /// Show a provider's record, without its secrets
    Show(ShowArgs),
    /// Whether the host answers
    Status(ProviderArgs),
    /// What is used and free, and the servers
    Data(ProviderArgs),
    /// The networks that servers can be attached to
    Networks(ProviderArgs),
    /// The security groups
    SecGroups(ProviderArgs),
    /// The images that servers can be made from
    Images(ProviderArgs),
    /// The sizes that servers can have
    Sizes(ProviderArgs),
    /// What the servers cost
    Billing(ProviderArgs),
    /// Print Salt's configuration for the provider. It holds the password
    Render(RenderArgs),
    /// Write Salt's configuration for the provider
    Write(WriteArgs),
    /// Write providers of Salt's former drivers (libvirt, openstack, nova) and of va_master as ours
    Import(ImportArgs),
}

/// Which provider to show.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// A provider of Salt's cloud.providers.d, as --provider
    #[arg(conflicts_with_all = ["provider", "provider_file", "uri", "os_cloud"])]
    name: Option<String>,
    #[command(flatten)]
    provider: ProviderArgs,
}

impl ShowArgs {
    /// The provider that is meant.
    pub(in crate::cli) fn provider(self) -> ProviderArgs {
        let provider = self.name.or(self.provider.provider);
        ProviderArgs {
            provider,
            ..self.provider
        }
    }
}

/// What to render.
#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// The profile's name [default: <provider>-profile]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// What the provider is called [default: its own name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// What to write.
#[derive(Debug, Args)]
pub(in crate::cli) struct WriteArgs {
    #[command(flatten)]
    render: RenderArgs,
    /// Replace files that this program did not write
    #[arg(long)]
    replace: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What to import.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// Salt's file of providers, or a record of va_master's, as YAML or JSON; - for standard input.
    /// No file is overwritten; --config-dir says where to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl ProviderCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        let ask = |method, args: &ProviderArgs| Call::on(method, args, settings, json!({}));
        match self {
            Self::Status(args) => ask("provider.status", &args),
            Self::Data(args) => ask("provider.data", &args),
            Self::Networks(args) => ask("provider.networks", &args),
            Self::SecGroups(args) => ask("provider.sec_groups", &args),
            Self::Images(args) => ask("provider.images", &args),
            Self::Sizes(args) => ask("provider.sizes", &args),
            Self::Billing(args) => ask("provider.billing", &args),
            Self::Render(args) => args.call("provider.render", settings),
            Self::Write(args) => args.call(settings),
            // run by itself, before a method is asked for
            Self::List | Self::Show(_) => Ok(Call::new("version", json!({}))),
            Self::Import(args) => {
                let providers = files::salts(&args.file)?;
                Ok(Call::new("provider.import", json!({"providers": providers})).dry(args.dry_run))
            }
        }
    }
}

impl RenderArgs {
    fn call(self, method: &'static str, settings: &Settings) -> Result<Call> {
        let params = given(json!({"profile_name": self.profile}));
        let mut call = Call::on(method, &self.provider, settings, params)?;
        if let (Some(name), Some(provider)) = (self.name, call.params.get_mut("provider")) {
            provider["provider_name"] = json!(name);
        }
        Ok(call)
    }
}

impl WriteArgs {
    fn call(self, settings: &Settings) -> Result<Call> {
        let mut call = self.render.call("provider.write", settings)?;
        if call.params["provider"]["provider_name"] == AD_HOC {
            let message =
                "the provider has no name yet, by which Salt is to know it: say --name NAME";
            return Err(Error::invalid("/provider/provider_name", message));
        }
        call.params
            .insert("replace".to_owned(), json!(self.replace));
        Ok(call.dry(self.dry_run))
    }
}
