//! Options that many subcommands share.
// The docs of options are what --help prints; backticks would stand there.
#![allow(clippy::doc_markdown)]

use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, Command};

use super::output::Shape;

/// The id of the option that says how results are printed. It is `-o`, `--output` wherever that does not
/// name a file.
const FORMAT: &str = "output-format";

/// `command`, the whole program, with that option at each of its subcommands.
pub(super) fn with_format(command: Command) -> Command {
    let found = command.get_arguments().find(|arg| arg.get_id() == FORMAT);
    match found.cloned() {
        Some(format) => below(command.mut_arg(FORMAT, short), &format),
        None => command,
    }
}

fn below(command: Command, format: &Arg) -> Command {
    command.mut_subcommands(|command| {
        let files = command
            .get_arguments()
            .any(|arg| arg.get_long() == Some("output"));
        let format_here = if files {
            format.clone()
        } else {
            short(format.clone())
        };
        below(command.arg(format_here), format)
    })
}

fn short(format: Arg) -> Arg {
    format.short('o').long("output").alias(FORMAT)
}

/// Options of every subcommand.
#[derive(Debug, Default, Args)]
pub(super) struct Global {
    /// How to print the result: table, wide (all columns), json, yaml or name [default: table on a
    /// terminal, json in a pipe] [env: VA_DRIVER_FORMAT]
    #[arg(
        long = "output-format",
        id = FORMAT,
        global = true,
        value_enum,
        value_name = "FORMAT",
        hide_possible_values = true,
        conflicts_with_all = ["json", "table"]
    )]
    pub(super) output: Option<Shape>,
    /// Print the result as JSON, and errors too: -o json
    #[arg(long, global = true, conflicts_with = "table")]
    pub(super) json: bool,
    /// Print tables, in a pipe too: -o table
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

/// What a provider is called that has no name.
pub(super) const AD_HOC: &str = "ad-hoc";
/// On each option and not on the whole: a heading for all that follows would swallow the command's own.
const HEADING: &str = "Provider";

/// Which provider is meant; see [`super::select::provider`].
#[derive(Debug, Clone, Default, Args)]
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

impl Global {
    /// What results are to look like, where an option says so.
    pub(super) fn shape(&self) -> Option<Shape> {
        let json = self.json.then_some(Shape::Json);
        self.output.or(json).or(self.table.then_some(Shape::Table))
    }
}

impl ProviderArgs {
    /// How many were named.
    pub(super) fn count(&self) -> usize {
        let named = [
            self.provider.is_some(),
            self.provider_file.is_some(),
            self.uri.is_some(),
            self.os_cloud.is_some(),
        ];
        named.into_iter().filter(|named| *named).count()
    }
}
