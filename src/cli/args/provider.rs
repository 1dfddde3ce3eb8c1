//! `provider …`, and the options that say which provider is meant.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::given;
use crate::Result;
use crate::cli::call::Call;
use crate::cli::files;
use crate::cli::options::ProviderArgs;
use crate::cli::settings::Settings;

/// What is asked of a provider.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProviderCommand {
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

/// What to render.
#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// The profile's name [default: <provider>-profile]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
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
            Self::Render(args) => {
                let params = given(json!({"profile_name": args.profile}));
                Call::on("provider.render", &args.provider, settings, params)
            }
            Self::Write(args) => args.call(settings),
            Self::Import(args) => {
                let providers = files::salts(&args.file)?;
                Ok(Call::new("provider.import", json!({"providers": providers})).dry(args.dry_run))
            }
        }
    }
}

impl WriteArgs {
    fn call(self, settings: &Settings) -> Result<Call> {
        let params = given(json!({
            "profile_name": self.render.profile,
            "replace": self.replace,
        }));
        let call = Call::on("provider.write", &self.render.provider, settings, params)?;
        Ok(call.dry(self.dry_run))
    }
}
