//! `server …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::given;
use super::server_create::CreateArgs;
use crate::Result;
use crate::cli::call::Call;
use crate::cli::options::ProviderArgs;
use crate::cli::select;
use crate::cli::settings::Settings;

/// What is done to servers.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServerCommand {
    /// List the servers
    List(ListArgs),
    /// Show a server
    Show(ShowArgs),
    /// Say what creating a server would do, without touching anything
    Plan(CreateArgs),
    /// Create a server
    Create(CreateArgs),
    /// Start a server
    Start(ActionArgs),
    /// Ask the guest to shut down; switch it off if it does not
    Stop(ActionArgs),
    /// Stop and start a server
    Reboot(ActionArgs),
    /// Halt a server in memory
    Suspend(ActionArgs),
    /// Let a server go on
    Resume(ActionArgs),
    /// Take the minion's private key off a server's seed
    Seal(ActionArgs),
    /// Do any of these by its name
    Action(NamedActionArgs),
    /// Delete a server and all that was made for it
    Delete(DeleteArgs),
    /// Remove what creations that were cut off have left on the host
    Recover(RecoverArgs),
}

/// Which servers to list.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// Add what costs a question for each server
    #[arg(long)]
    full: bool,
}

/// Which server to show.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The server's name
    name: String,
    #[command(flatten)]
    provider: ProviderArgs,
}

/// Which server to change.
#[derive(Debug, Args)]
pub(in crate::cli) struct ActionArgs {
    /// The server's name
    name: String,
    #[command(flatten)]
    provider: ProviderArgs,
    /// How long the guest has to shut down; 0 switches it off at once [default: 60]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which server to change, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct NamedActionArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// start, stop, reboot, suspend, resume, seal or delete
    action: String,
}

/// Which server to delete.
#[derive(Debug, Args)]
pub(in crate::cli) struct DeleteArgs {
    /// The server's name
    name: String,
    #[command(flatten)]
    provider: ProviderArgs,
    /// The master's pki directory, where it is not the one that the key was accepted in
    #[arg(long, value_name = "DIR", value_parser = super::absolute)]
    pki_dir: Option<String>,
    /// Delete a server that this program did not make; its volumes stay
    #[arg(long)]
    force: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Where to remove what was left.
#[derive(Debug, Args)]
pub(in crate::cli) struct RecoverArgs {
    #[command(flatten)]
    provider: ProviderArgs,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl ServerCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::List(args) => {
                let provider = select::provider(&args.provider, settings)?;
                let params = json!({"provider": provider, "full": args.full});
                Ok(Call::new("server.list", params))
            }
            Self::Show(args) => {
                let provider = select::provider(&args.provider, settings)?;
                let params = json!({"provider": provider, "server_name": args.name});
                Ok(Call::new("server.show", params))
            }
            Self::Plan(args) => args.plan(settings),
            Self::Create(args) => args.create(settings),
            Self::Start(args) => args.call("start", settings),
            Self::Stop(args) => args.call("stop", settings),
            Self::Reboot(args) => args.call("reboot", settings),
            Self::Suspend(args) => args.call("suspend", settings),
            Self::Resume(args) => args.call("resume", settings),
            Self::Seal(args) => args.call("seal", settings),
            Self::Action(args) => args.target.call(&args.action, settings),
            Self::Delete(args) => args.call(settings),
            Self::Recover(args) => {
                let provider = select::provider(&args.provider, settings)?;
                let would = "remove what creations that were cut off have left on the host";
                Ok(Call::new("server.recover", json!({"provider": provider}))
                    .unless(args.dry_run, || would.to_owned()))
            }
        }
    }
}

impl ActionArgs {
    fn call(self, action: &str, settings: &Settings) -> Result<Call> {
        let provider = select::provider(&self.provider, settings)?;
        let params = json!({
            "provider": provider,
            "server_name": self.name,
            "action": action,
            "timeout": self.timeout,
        });
        Ok(
            Call::new("server.action", given(params)).unless(self.dry_run, || {
                format!("{action} the server {}", self.name)
            }),
        )
    }
}

impl DeleteArgs {
    fn call(self, settings: &Settings) -> Result<Call> {
        let provider = select::provider(&self.provider, settings)?;
        let params = json!({
            "provider": provider,
            "server_name": self.name,
            "pki_dir": self.pki_dir,
            "force": self.force,
        });
        let would = format!(
            "delete the server {}, all that was made for it, and its minion's key",
            self.name
        );
        Ok(Call::new("server.delete", given(params)).unless(self.dry_run, || would))
    }
}
