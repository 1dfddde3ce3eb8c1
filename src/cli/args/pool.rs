//! `pool …`, and the image that `image show|delete` is about.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::Result;
use crate::cli::call::Call;
use crate::cli::options::ProviderArgs;
use crate::cli::settings::Settings;

/// What is done about pools.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PoolCommand {
    /// List the pools that keep disks and images
    List(ProviderArgs),
    /// Show a pool
    Show(NamedArgs),
    /// Make and start a pool of files in a directory of the host
    Create(CreateArgs),
    /// Start a pool
    Start(ChangeArgs),
}

/// Which pool or image is meant.
#[derive(Debug, Args)]
pub(in crate::cli) struct NamedArgs {
    /// Its name
    name: String,
    #[command(flatten)]
    provider: ProviderArgs,
}

/// What is changed.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What pool to make.
#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// The host's directory, by its whole path; it is made where it is not there
    #[arg(long, value_name = "DIR", default_value = "/var/lib/libvirt/images")]
    path: String,
}

/// What image to delete.
#[derive(Debug, Args)]
pub(in crate::cli) struct DeleteImageArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// The pool that holds it [default: the provider's]
    #[arg(long)]
    pool: Option<String>,
}

impl PoolCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::List(provider) => Call::on("pool.list", &provider, settings, json!({})),
            Self::Show(args) => args.call("pool.show", settings),
            Self::Start(args) => Ok(args.named.call("pool.start", settings)?.dry(args.dry_run)),
            Self::Create(args) => {
                let (named, dry_run) = (args.change.named, args.change.dry_run);
                let params = json!({"pool": {"name": named.name, "path": args.path}});
                let call = Call::on("pool.create", &named.provider, settings, params)?;
                Ok(call.dry(dry_run))
            }
        }
    }
}

impl NamedArgs {
    /// `method`, which takes a name.
    pub(super) fn call(self, method: &'static str, settings: &Settings) -> Result<Call> {
        Call::on(method, &self.provider, settings, json!({"name": self.name}))
    }
}

impl DeleteImageArgs {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        let (named, dry_run) = (self.change.named, self.change.dry_run);
        let image = super::given(json!({"name": named.name, "pool": self.pool}));
        let params = json!({"image": image});
        Ok(Call::on("image.delete", &named.provider, settings, params)?.dry(dry_run))
    }
}
