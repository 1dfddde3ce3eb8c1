//! The command line. Its doc comments are what `--help` shows.
//!
//! | file | subcommands |
//! |---|---|
//! | `drivers` | `driver …`, `steps`, `validate`, `wizard` |
//! | `provider` | `provider …`, and the options that say which provider is meant |
//! | `server`, `server_create` | `server …` |
//! | `keys` | `key …` |
//! | `host` | `host …` |
//! | `pool` | `pool …` |
//! | `guest` | `config-drive …`, `image …`, `tls …` |
#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags,
    reason = "help texts are plain text"
)]

mod drivers;
mod guest;
mod host;
mod keys;
mod pool;
mod provider;
mod server;
mod server_action;
mod server_create;
mod server_life;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde_json::json;

use super::call::Call;
use super::options::{Global, ProviderArgs};
use super::settings::Settings;
use super::surroundings::{ENVIRONMENT, exit_codes};
use crate::Result;
pub(super) use drivers::{CheckArgs, DriverCommand, NewArgs, WizardArgs};
pub(super) use host::{HostCommand, PrepareArgs};
pub(super) use provider::ProviderCommand;
pub(super) use server::{BlankArgs, ServerCommand, ShowArgs, SshArgs};

/// What one may do with it, in the order in which one comes to it.
pub(super) const EXAMPLES: &str = "  va-driver drivers                                      the drivers there are
  va-driver driver new rack                              begin a driver of your own, in a page
  va-driver host prepare root@kvm1                       make a host from nothing; --local: of this machine
  va-driver wizard libvirt                               describe a host, step by step
  va-driver provider status --uri qemu:///system         does the host answer?
  va-driver server list --provider mykvm                 the servers of a provider of Salt's
  va-driver server create web-1 --provider mykvm --image debian-12 --size va-small --minion
  va-driver explain boot_volume                          what a member of a server is for
  va-driver server create --spec all.yaml                several, side by side; again changes nothing
  va-driver server ssh web-1 --provider mykvm            log in
  va-driver server list -o wide                          all columns; also -o name, yaml, json
  va-driver server list --json | jq -r '.servers[].ip'   results for programs
  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\"}' | va-driver rpc";

/// What stands below the options of the program's help.
fn after_help() -> String {
    let codes = exit_codes()
        .into_iter()
        .map(|(code, about)| format!("{code} {about}"));
    let variables = ENVIRONMENT.iter().map(|(name, _)| *name);
    format!(
        "Examples:\n{EXAMPLES}\n\nResults are tables on a terminal and JSON in a pipe, unless -o, VA_DRIVER_FORMAT or \
         ~/.config/va-driver/config.yaml says otherwise.\n\nExit codes: {}.\n\nEnvironment: {}.",
        codes.collect::<Vec<_>>().join(", "),
        variables.collect::<Vec<_>>().join(", "),
    )
}

/// Drivers for the hosts that Salt and va_master create servers on
#[derive(Debug, Parser)]
#[command(name = "va-driver", version, after_help = after_help(), infer_subcommands = false)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The program's version and the protocol versions that it speaks
    Version,
    /// List the drivers
    Drivers,
    /// List, show, check and begin drivers
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Show a driver's steps: the form that describes a provider
    Steps(drivers::StepsArgs),
    /// Validate what was entered at a step
    Validate(drivers::ValidateArgs),
    /// Describe a host step by step, in this terminal
    Wizard(drivers::WizardArgs),
    /// Make a host from nothing
    #[command(subcommand)]
    Host(HostCommand),
    /// Ask a host what it offers; write it into Salt's configuration
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    /// List, create, change and delete servers
    #[command(subcommand)]
    Server(Box<server::ServerCommand>),
    /// Make, accept and revoke minion keys
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Build what a guest reads at its first boot
    #[command(subcommand)]
    ConfigDrive(guest::ConfigDriveCommand),
    /// List, show, import and delete images
    #[command(subcommand)]
    Image(guest::ImageCommand),
    /// List, show, make and start the pools that keep disks and images
    #[command(subcommand)]
    Pool(pool::PoolCommand),
    /// Make certificates for qemu+tls
    #[command(subcommand)]
    Tls(guest::TlsCommand),
    /// Say what this machine lacks, and how to get it; with a provider, also what is wrong with its host
    Doctor(ProviderArgs),
    /// Serve JSON-RPC 2.0 on stdin and stdout, one message a line
    Rpc,
    /// Say what a member of a server or of a provider is, and which drivers take it
    Explain(ExplainArgs),
    /// Print the protocol's JSON Schemas
    Schema(OutputArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the man page, or write all of them
    Man(OutputArgs),
}

/// Where generated files go.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write files into this directory
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
}

/// Which member to explain.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The member, by any of its names: size, networks/mac, /server/disks/0/pool, provider.auth_url
    /// [default: all of them, in a line each]
    pub(super) member: Option<String>,
    /// Print the page of all members, for the documentation
    #[arg(long, hide = true, conflicts_with = "member")]
    pub(super) markdown: bool,
}

/// Which shell to complete for.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

impl Command {
    /// The method that the subcommand stands for, and its parameters.
    ///
    /// Those that are no method are run by [`super::execute`] before they come here.
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::Drivers | Self::Driver(DriverCommand::List) => {
                Ok(Call::new("driver.list", json!({})))
            }
            Self::Driver(DriverCommand::Show(args)) | Self::Steps(args) => Ok(args.call()),
            Self::Validate(args) => args.call(),
            Self::Provider(command) => command.call(settings),
            Self::Server(command) => command.call(settings),
            Self::Key(command) => command.call(),
            Self::ConfigDrive(command) => command.call(),
            Self::Image(command) => command.call(settings),
            Self::Pool(command) => command.call(settings),
            Self::Tls(command) => Ok(command.call()),
            Self::Version
            | Self::Driver(_)
            | Self::Wizard(_)
            | Self::Host(_)
            | Self::Doctor(_)
            | Self::Rpc
            | Self::Explain(_)
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::Man(_) => Ok(Call::new("version", json!({}))),
        }
    }
}

/// A directory, which the protocol takes by its whole path only.
fn absolute(text: &str) -> std::io::Result<String> {
    let path = std::path::absolute(text)?;
    Ok(path.to_string_lossy().into_owned())
}

/// `members` without those that are null: options that were not given.
fn given(members: serde_json::Value) -> serde_json::Value {
    match members {
        serde_json::Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests;
