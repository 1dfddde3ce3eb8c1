//! What a person sees in a shell: subcommands, tables, progress bars, the wizard.
//!
//! A subcommand is turned into a method and its parameters and goes through the
//! same service as a request of a program.
//!
//! | folder or file | concern |
//! |---|---|
//! | `args` | the command line, and what each subcommand asks for |
//! | `options`, `files` | options that many subcommands share; files and standard input that they name |
//! | `select` | which provider is meant |
//! | `openstack_env` | clouds of `clouds.yaml` and of the variables `OS_…` |
//! | `settings`, `logging`, `signals`, `stdout` | the surroundings: directories, log, signals, cores, pipes |
//! | `call` | a method with its parameters, for which a subcommand stands |
//! | `run_call`, `bars`, `report` | running a method, showing how far it is, showing its errors |
//! | `shell_words` | what messages call methods and members, in the words of the shell |
//! | `output` | results as JSON and as tables |
//! | `serve` | `va-driver rpc` |
//! | `explain` | what a member of a server or provider is, in a terminal and as a page |
//! | `manifests` | a driver's manifest checked, and one to begin with |
//! | `generate` | completions, man pages, JSON Schemas |
//! | `wizard`, `doctor` | the form in a terminal; what this machine lacks |

mod args;
mod bars;
mod call;
mod doctor;
mod explain;
mod files;
mod generate;
mod logging;
mod manifests;
mod openstack_env;
mod options;
mod output;
mod report;
mod run_call;
mod select;
mod serve;
mod settings;
mod shell_words;
mod signals;
mod stdout;
mod wizard;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use crate::driver::Driver;
use crate::drivers::registry_with;
use crate::{Error, Kind, Result};
use args::{Cli, Command, DriverCommand};
use output::Format;
use settings::Settings;

/// Parses the command line, runs it, and answers the exit code.
#[must_use]
pub fn run() -> ExitCode {
    run_with(env::args_os(), [])
}

/// The same with the command line `args`, the program's name first, and with `drivers` besides the
/// program's own: how a crate with a driver of its own makes a program of it.
#[must_use]
pub fn run_with<T: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = T>,
    drivers: impl IntoIterator<Item = Arc<dyn Driver>>,
) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return parse_failed(&error),
    };
    signals::no_core_dumps();
    logging::start(cli.global.verbose);
    let format = Format::chosen(cli.global.json, cli.global.table);
    let Some(command) = cli.command else {
        return help();
    };
    let settings = Settings::new(&cli.global, registry_with(drivers));
    match execute(command, &settings, format) {
        Ok(code) => code,
        Err(error) => {
            report::show(&error, format);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn execute(command: Command, settings: &Settings, format: Format) -> Result<ExitCode> {
    match command {
        Command::Rpc => serve::rpc(settings),
        Command::Explain(args) => explain::run(&args, &settings.drivers, format),
        Command::Schema(args) => generate::schema(args.output.as_deref()),
        Command::Completions(args) => generate::completions(args.shell),
        Command::Man(args) => generate::man(args.output.as_deref()),
        Command::Wizard(args) => wizard::run(settings, args.driver.as_deref(), args.settings()),
        Command::Driver(DriverCommand::Check(args)) => manifests::check(&args, settings, format),
        Command::Driver(DriverCommand::New(args)) => manifests::begin(&args, format),
        Command::Doctor(args) => doctor::run(&args, settings, format),
        other => run_call::run(&other.call(settings)?, settings, format),
    }
}

fn help() -> ExitCode {
    let mut command = Cli::command();
    finish(stdout::write(&command.render_long_help().to_string()))
}

/// `--help` and `--version` come here too; they are no failures.
fn parse_failed(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // Nothing can be done where even stderr is closed.
        let _ = error.print();
        // The options could not be read, so this one is looked for by itself.
        if std::env::args_os().any(|word| word == "--json") {
            report::json(&Error::new(Kind::InvalidRequest, sentence(error)));
        }
        return ExitCode::from(Kind::InvalidRequest.exit_code());
    }
    finish(stdout::write(&error.render().to_string()))
}

/// What is wrong with the command line, without how it is used.
fn sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let what = text.split("\n\nUsage:").next().unwrap_or_default();
    let what = what.trim_start_matches("error: ");
    what.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn finish(written: Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(error.kind().exit_code()),
    }
}
