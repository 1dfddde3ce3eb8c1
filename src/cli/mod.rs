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
//! | `own_config` | what a person has said once for all |
//! | `settings`, `logging`, `signals`, `stdout` | the surroundings: directories, log, signals, cores, pipes |
//! | `call` | a method with its parameters, for which a subcommand stands |
//! | `run_call`, `bars`, `ready`, `report` | running a method, showing how far it is, what is not ready, its errors |
//! | `several` | the same for several servers at once |
//! | `providers`, `connect`, `blank_spec` | subcommands that are no method: providers of this machine, ssh and consoles, a specification to begin with |
//! | `surroundings` | exit codes, variables, files |
//! | `near` | what may have been meant by a name |
//! | `shell_words` | what messages call methods and members, in the words of the shell |
//! | `output` | results as JSON, YAML, names and tables |
//! | `serve` | `va-driver rpc` |
//! | `explain` | what a member of a server or provider is, in a terminal and as a page |
//! | `manifests` | a driver's manifest checked, and one to begin with |
//! | `complete` | completions, by the program itself: names of providers, servers and the like among them |
//! | `generate`, `man` | JSON Schemas; man pages |
//! | `wizard`, `doctor` | the form in a terminal; what this machine lacks |

mod args;
mod bars;
mod blank_spec;
mod call;
mod complete;
mod connect;
mod doctor;
mod explain;
mod files;
mod generate;
mod logging;
mod man;
mod manifests;
mod near;
mod openstack_env;
mod options;
mod output;
mod own_config;
mod providers;
mod ready;
mod report;
mod run_call;
mod select;
mod serve;
mod settings;
mod several;
mod shell_words;
mod signals;
mod stdout;
mod surroundings;
mod wizard;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::driver::Driver;
use crate::drivers::registry_with;
use crate::{Error, Kind, Result};
use args::{Cli, Command, DriverCommand, ProviderCommand, ServerCommand};
use output::Format;
use own_config::OwnConfig;
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
    complete::answer();
    let parsed = command().try_get_matches_from(args);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return parse_failed(&error),
    };
    signals::no_core_dumps();
    logging::start(cli.global.verbose);
    let Some(command) = cli.command else {
        return help();
    };
    // a person's configuration is nothing to who calls by the protocol
    let own = match command {
        Command::Rpc => Ok(OwnConfig::default()),
        _ => OwnConfig::read(),
    };
    let chosen = own.and_then(|own| {
        Ok((
            Format::chosen(cli.global.shape(), own.format.as_deref())?,
            own,
        ))
    });
    let (format, own) = match chosen {
        Ok(chosen) => chosen,
        Err(error) => return failed(&error, Format::PLAIN),
    };
    let settings = Settings::new(&cli.global, registry_with(drivers), own);
    execute(command, &settings, format).unwrap_or_else(|error| failed(&error, format))
}

/// The whole command line.
fn command() -> clap::Command {
    options::with_format(Cli::command())
}

fn failed(error: &Error, format: Format) -> ExitCode {
    report::show(error, format);
    ExitCode::from(error.kind().exit_code())
}

fn execute(command: Command, settings: &Settings, format: Format) -> Result<ExitCode> {
    match command {
        Command::Rpc => serve::rpc(settings),
        Command::Explain(args) => explain::run(&args, &settings.drivers, format),
        Command::Schema(args) => generate::schema(args.output.as_deref()),
        Command::Completions(args) => complete::script(args.shell),
        Command::Man(args) => man::run(args.output.as_deref(), &settings.drivers),
        Command::Wizard(args) => wizard::run(&args, settings, format),
        Command::Driver(DriverCommand::Check(args)) => manifests::check(&args, settings, format),
        Command::Driver(DriverCommand::New(args)) => manifests::begin(&args, format),
        Command::Doctor(args) => doctor::run(&args, settings, format),
        Command::Provider(ProviderCommand::List) => providers::list(settings, format),
        Command::Provider(ProviderCommand::Show(args)) => {
            providers::show(&args.provider(), settings, format)
        }
        Command::Server(command) => match *command {
            ServerCommand::New(args) => blank_spec::run(&args, settings),
            ServerCommand::Ssh(args) => connect::ssh(&args, settings),
            ServerCommand::Console(args) => connect::console(&args, settings),
            other => run_call::run(&other.call(settings)?, settings, format),
        },
        other => run_call::run(&other.call(settings)?, settings, format),
    }
}

fn help() -> ExitCode {
    let mut command = command();
    finish(stdout::write(&command.render_long_help().to_string()))
}

/// `--help` and `--version` come here too; they are no failures.
fn parse_failed(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // Nothing can be done where even stderr is closed.
        let _ = error.print();
        // The options could not be read, so this one is looked for by itself.
        let words = || env::args_os().skip(1);
        let asked = words()
            .zip(words().skip(1))
            .any(|(option, word)| (option == "-o" || option == "--output") && word == "json");
        if asked || words().any(|word| word == "--json" || word == "-ojson") {
            report::on_stdout(
                &Error::new(Kind::InvalidRequest, sentence(error)),
                Format::JSON,
            );
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
