//! `server …`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::given;
use super::server_action::{ActionArgs, HowArgs};
use super::server_create::CreateArgs;
use super::server_life::LifeCommand;
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
    /// Print a specification to begin with, in which every member is explained
    New(BlankArgs),
    /// Create a server, or those of a file
    Create(CreateArgs),
    /// Log in to a server by ssh
    Ssh(SshArgs),
    /// Open a server's serial console, by virsh (libvirt)
    Console(ShowArgs),
    /// Start servers
    Start(EachArgs),
    /// Ask guests to shut down; switch them off if they do not
    Stop(EachArgs),
    /// Stop and start servers
    Reboot(RebootArgs),
    /// Halt servers in memory; OpenStack saves them to disk
    Suspend(EachArgs),
    /// Let servers go on
    Resume(EachArgs),
    /// Halt servers in the host's memory
    Pause(EachArgs),
    /// Let paused servers go on
    Unpause(EachArgs),
    /// Start a server from a rescue system (OpenStack)
    Rescue(ImageArgs),
    /// Start a rescued server from its own disk again (OpenStack)
    Unrescue(EachArgs),
    /// Give a server another size; with OpenStack to be confirmed or reverted
    Resize(ResizeArgs),
    /// Keep the size that a server was given (OpenStack)
    ConfirmResize(EachArgs),
    /// Go back to the size that a server had (OpenStack)
    RevertResize(EachArgs),
    /// Take a server off its host; its disk is kept (OpenStack)
    Shelve(EachArgs),
    /// Bring a shelved server back (OpenStack)
    Unshelve(EachArgs),
    /// Refuse whatever would change a server (OpenStack)
    Lock(EachArgs),
    /// Allow what changes a server again (OpenStack)
    Unlock(EachArgs),
    /// Make a server's root disk anew from an image
    Rebuild(ImageArgs),
    #[command(flatten)]
    Life(LifeCommand),
    /// Print what a server's console has printed
    #[command(visible_alias = "log")]
    ConsoleLog(ConsoleLogArgs),
    /// Take the minion's private key off a server's seed
    Seal(EachArgs),
    /// Do any of these by its name
    Action(NamedActionArgs),
    /// Delete servers and all that was made for them
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
    pub(in crate::cli) name: String,
    #[command(flatten)]
    provider: ProviderArgs,
}

/// What the specification is for.
#[derive(Debug, Args)]
pub(in crate::cli) struct BlankArgs {
    /// The server's name
    pub(in crate::cli) name: Option<String>,
    /// Only what servers of this driver may have
    #[arg(long, value_name = "DRIVER")]
    pub(in crate::cli) driver: Option<String>,
}

/// Where to log in.
#[derive(Debug, Args)]
pub(in crate::cli) struct SshArgs {
    #[command(flatten)]
    pub(in crate::cli) server: ShowArgs,
    /// As whom [default: what ssh's own configuration says]
    #[arg(long, short = 'l', value_name = "USER")]
    pub(in crate::cli) user: Option<String>,
    /// By way of the libvirt host, whose networks of its own only it reaches
    #[arg(long, short = 'J')]
    pub(in crate::cli) jump: bool,
    /// A command, or ssh's own options, behind --
    #[arg(last = true)]
    pub(in crate::cli) command: Vec<String>,
}

/// Which servers to change.
#[derive(Debug, Args)]
pub(in crate::cli) struct EachArgs {
    /// The servers' names; of several each is done for itself, side by side
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    how: HowArgs,
}

/// Which server to start again, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct RebootArgs {
    #[command(flatten)]
    target: EachArgs,
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
    /// The servers' names; of several each is deleted for itself, side by side
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
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
    pub(in crate::cli) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::List(args) => {
                let params = json!({"full": args.full});
                Call::on("server.list", &args.provider, settings, params)
            }
            Self::Show(args) => args.call(settings),
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
            Self::Life(command) => command.call(settings),
            Self::ConsoleLog(args) => {
                args.target
                    .with("console_log", json!({"lines": args.lines}), settings)
            }
            Self::Seal(args) => args.call("seal", settings),
            Self::Action(args) => args.target.with(&args.action, json!({}), settings),
            // run by themselves, before a method is asked for
            Self::New(_) | Self::Ssh(_) | Self::Console(_) => Ok(Call::new("version", json!({}))),
            Self::Delete(args) => args.call(settings),
            Self::Recover(args) => {
                let params = json!({"remove_orphans": args.remove_orphans});
                let call = Call::on("server.recover", &args.provider, settings, params)?;
                Ok(call.dry(args.dry_run))
            }
        }
    }
}

impl ShowArgs {
    pub(in crate::cli) fn call(&self, settings: &Settings) -> Result<Call> {
        let params = json!({"server_name": self.name});
        Call::on("server.show", &self.provider, settings, params)
    }
}

impl EachArgs {
    fn call(self, action: &str, settings: &Settings) -> Result<Call> {
        self.with(action, json!({}), settings)
    }

    /// The same with what only this action takes.
    fn with(self, action: &str, more: Value, settings: &Settings) -> Result<Call> {
        let call = self.how.call(action, more, settings)?;
        Ok(call.for_each("server_name", self.names))
    }
}

impl DeleteArgs {
    fn call(self, settings: &Settings) -> Result<Call> {
        let params = json!({"pki_dir": self.pki_dir, "force": self.force});
        let call = Call::on("server.delete", &self.provider, settings, given(params))?;
        Ok(call.dry(self.dry_run).for_each("server_name", self.names))
    }
}
