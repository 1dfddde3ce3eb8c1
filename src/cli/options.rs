//! Options that many subcommands share.
// The docs of options are what --help prints; backticks would stand there.
#![allow(clippy::doc_markdown)]

use std::path::PathBuf;

use clap::{ArgAction, Args};

/// Options of every subcommand.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Print the result as JSON, and errors too
    #[arg(long, global = true, conflicts_with = "table")]
    pub(super) json: bool,
    /// Print tables, in a pipe too
    #[arg(long, global = true)]
    pub(super) table: bool,
    /// Say more on stderr: -v what is done, -vv in detail
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
    /// Salt's configuration directory [default: /etc/salt]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SALT_CONFIG_DIR",
        hide_env_values = true
    )]
    pub(super) config_dir: Option<PathBuf>,
}

/// On each option and not on the whole: a heading for all that follows would swallow the command's own.
const HEADING: &str = "Provider";

/// Which provider is meant; see [`super::select::provider`].
#[derive(Debug, Args)]
pub(super) struct ProviderArgs {
    /// A provider of Salt's cloud.providers.d, by its name [env: VA_DRIVER_PROVIDER]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["provider_file", "uri", "os_cloud"], help_heading = HEADING)]
    pub(super) provider: Option<String>,
    /// A provider record as JSON or YAML; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["uri", "os_cloud"], help_heading = HEADING)]
    pub(super) provider_file: Option<PathBuf>,
    /// A libvirt connection URI, such as qemu:///system [env: VA_DRIVER_URI]
    #[arg(long, value_name = "URI", conflicts_with = "os_cloud", help_heading = HEADING)]
    pub(super) uri: Option<String>,
    /// A cloud of OpenStack's clouds.yaml, by its name [env: OS_CLOUD, or OS_AUTH_URL and the like]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    pub(super) os_cloud: Option<String>,
    /// The region, instead of what the provider says (OpenStack)
    #[arg(long, value_name = "REGION", conflicts_with = "uri", help_heading = HEADING)]
    pub(super) region: Option<String>,
}
