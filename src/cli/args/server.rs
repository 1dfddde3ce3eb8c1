//! `server …`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::given;
use super::server_create::CreateArgs;
use crate::Result;
use crate::cli::call::Call;
use crate::cli::options::ProviderArgs;
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
    Reboot(RebootArgs),
    /// Halt a server in memory; OpenStack saves it to disk
    Suspend(ActionArgs),
    /// Let a server go on
    Resume(ActionArgs),
    /// Halt a server in the host's memory
    Pause(ActionArgs),
    /// Let a paused server go on
    Unpause(ActionArgs),
    /// Start a server from a rescue system (OpenStack)
    Rescue(ImageArgs),
    /// Start a rescued server from its own disk again (OpenStack)
    Unrescue(ActionArgs),
    /// Give a server another size, to be confirmed or reverted (OpenStack)
    Resize(ResizeArgs),
    /// Keep the size that a server was given (OpenStack)
    ConfirmResize(ActionArgs),
    /// Go back to the size that a server had (OpenStack)
    RevertResize(ActionArgs),
    /// Take a server off its host; its disk is kept (OpenStack)
    Shelve(ActionArgs),
    /// Bring a shelved server back (OpenStack)
    Unshelve(ActionArgs),
    /// Refuse whatever would change a server (OpenStack)
    Lock(ActionArgs),
    /// Allow what changes a server again (OpenStack)
    Unlock(ActionArgs),
    /// Make a server's root disk anew from an image (OpenStack)
    Rebuild(ImageArgs),
    /// Make an image of a server (OpenStack)
    Snapshot(SnapshotArgs),
    /// Print what a server's console has printed (OpenStack)
    ConsoleLog(ConsoleLogArgs),
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
    /// How long to wait; with libvirt how long the guest has to shut down, and 0 switches it off at
    /// once [default: 60; with OpenStack 300]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which server to start again, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct RebootArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// Reset it, without asking the guest
    #[arg(long)]
    hard: bool,
}

/// Which server to start from an image.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImageArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// The image that it starts from [default: its own]
    #[arg(long)]
    image: Option<String>,
}

/// Which server to give another size.
#[derive(Debug, Args)]
pub(in crate::cli) struct ResizeArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// The new size (flavour)
    #[arg(long)]
    size: String,
}

/// Which server to make an image of.
#[derive(Debug, Args)]
pub(in crate::cli) struct SnapshotArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// What the image is called
    #[arg(long, value_name = "NAME")]
    image_name: String,
}

/// Whose console to read.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsoleLogArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// Only this many of the last lines
    #[arg(long, value_name = "NUMBER")]
    lines: Option<u64>,
}

/// Which server to change, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct NamedActionArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// start, stop, reboot, suspend, resume, seal, pause, unpause, unrescue, delete … by the words of
    /// the protocol
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
    /// Delete a server that this program did not make, or whose pools are gone; its volumes stay
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
    /// Remove what is left of servers that are no more, too; else it is only named
    #[arg(long)]
    remove_orphans: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl ServerCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::List(args) => {
                let params = json!({"full": args.full});
                Call::on("server.list", &args.provider, settings, params)
            }
            Self::Show(args) => {
                let params = json!({"server_name": args.name});
                Call::on("server.show", &args.provider, settings, params)
            }
            Self::Plan(args) => args.plan(settings),
            Self::Create(args) => args.create(settings),
            Self::Start(args) => args.call("start", settings),
            Self::Stop(args) => args.call("stop", settings),
            Self::Reboot(args) => args
                .target
                .with("reboot", json!({"hard": args.hard}), settings),
            Self::Suspend(args) => args.call("suspend", settings),
            Self::Resume(args) => args.call("resume", settings),
            Self::Pause(args) => args.call("pause", settings),
            Self::Unpause(args) => args.call("unpause", settings),
            Self::Rescue(args) => {
                args.target
                    .with("rescue", json!({"image": args.image}), settings)
            }
            Self::Unrescue(args) => args.call("unrescue", settings),
            Self::Shelve(args) => args.call("shelve", settings),
            Self::Unshelve(args) => args.call("unshelve", settings),
            Self::Lock(args) => args.call("lock", settings),
            Self::Unlock(args) => args.call("unlock", settings),
            Self::Rebuild(args) => {
                args.target
                    .with("rebuild", json!({"image": args.image}), settings)
            }
            Self::Resize(args) => args
                .target
                .with("resize", json!({"size": args.size}), settings),
            Self::ConfirmResize(args) => args.call("confirm_resize", settings),
            Self::RevertResize(args) => args.call("revert_resize", settings),
            Self::Snapshot(args) => {
                args.target
                    .with("snapshot", json!({"image": args.image_name}), settings)
            }
            Self::ConsoleLog(args) => {
                args.target
                    .with("console_log", json!({"lines": args.lines}), settings)
            }
            Self::Seal(args) => args.call("seal", settings),
            Self::Action(args) => args.target.call(&args.action, settings),
            Self::Delete(args) => args.call(settings),
            Self::Recover(args) => {
                let params = json!({"remove_orphans": args.remove_orphans});
                let call = Call::on("server.recover", &args.provider, settings, params)?;
                Ok(call.dry(args.dry_run))
            }
        }
    }
}

impl ActionArgs {
    fn call(self, action: &str, settings: &Settings) -> Result<Call> {
        self.with(action, json!({}), settings)
    }

    /// The same with what only this action takes.
    fn with(self, action: &str, more: Value, settings: &Settings) -> Result<Call> {
        let mut params = json!({
            "server_name": self.name,
            "action": action,
            "timeout": self.timeout,
        });
        if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
            params.extend(more);
        }
        let call = Call::on("server.action", &self.provider, settings, given(params))?;
        Ok(call.dry(self.dry_run))
    }
}

impl DeleteArgs {
    fn call(self, settings: &Settings) -> Result<Call> {
        let params = json!({
            "server_name": self.name,
            "pki_dir": self.pki_dir,
            "force": self.force,
        });
        let call = Call::on("server.delete", &self.provider, settings, given(params))?;
        Ok(call.dry(self.dry_run))
    }
}
