//! `host …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What is done to a host itself.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HostCommand {
    /// Make a host from nothing: libvirt with QEMU, a pool, a network; and describe it as a provider
    Prepare(PrepareArgs),
}

/// Which host to prepare, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct PrepareArgs {
    /// The host, which ssh logs in to as root or as a user whom sudo lets without a password:
    /// USER@HOST, HOST
    #[arg(value_name = "USER@HOST", required_unless_present = "local")]
    pub(in crate::cli) host: Option<String>,
    /// This machine, not by ssh
    #[arg(long, conflicts_with_all = ["host", "port", "identity", "tls"])]
    pub(in crate::cli) local: bool,
    /// This machine's libvirt: qemu:///system, or qemu:///session for a daemon of your own, which needs
    /// no root [default: qemu:///system]
    #[arg(long, value_name = "URI", requires = "local")]
    pub(in crate::cli) uri: Option<String>,
    /// The port of ssh [default: ssh's own]
    #[arg(long)]
    pub(in crate::cli) port: Option<u16>,
    /// The private key that ssh logs in with [default: ssh's own]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) identity: Option<PathBuf>,
    /// The pool for disks and images
    #[arg(long, default_value = "default")]
    pub(in crate::cli) pool: String,
    /// Where that pool keeps them, if it is made [default: /var/lib/libvirt/images, or your own
    /// ~/.local/share/libvirt/images]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) pool_path: Option<PathBuf>,
    /// The network for servers
    #[arg(long, default_value = "default")]
    pub(in crate::cli) network: String,
    /// Connect by TLS, with certificates of this directory, as tls init makes them; those that are not
    /// there yet are made
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) tls: Option<PathBuf>,
    /// What the provider is called [default: the host's name; local for this machine]
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Write the provider's record here, for --provider-file, and not into Salt's configuration
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Print the script that would be run, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
