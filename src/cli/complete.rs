//! Completions: the shell asks this program itself what may come next, names of things among it.

use std::env;
use std::ffi::OsStr;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Command;
use clap_complete::env::Shells;
use clap_complete::{ArgValueCompleter, CompleteEnv, CompletionCandidate, Shell};
use serde_json::{Value, json};

use super::call::answer_to;
use super::options::{Global, ProviderArgs};
use super::output::name_of;
use super::own_config::OwnConfig;
use super::providers::driver_of;
use super::settings::Settings;
use super::{select, stdout};
use crate::drivers::openstack::clouds;
use crate::drivers::registry_with;
use crate::salt::list_providers;
use crate::{Error, Kind, Result};

/// The variable by which a shell asks.
const VARIABLE: &str = "COMPLETE";
/// How long a host may take before nothing is known of it: somebody is waiting at a prompt.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers what a shell asks, and ends the program then.
pub(super) fn answer() {
    if env::var_os(VARIABLE).is_some() {
        CompleteEnv::with_factory(|| with_names(super::command(), ""))
            .var(VARIABLE)
            .complete();
    }
}

/// Prints what makes `shell` ask.
pub(super) fn script(shell: Shell) -> Result<ExitCode> {
    let fault =
        |why: &dyn std::fmt::Display| Error::new(Kind::Internal, format!("no completions: {why}"));
    let shells = Shells::builtins();
    let name = shell.to_string();
    let completer = shells
        .completer(&name)
        .ok_or_else(|| fault(&"this shell is not known"))?;
    let (mut script, program) = (Vec::new(), "va-driver");
    completer
        .write_registration(VARIABLE, program, program, program, &mut script)
        .map_err(|error| fault(&error))?;
    stdout::write(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// `command`, below `above`, with what completes the names of things.
fn with_names(command: Command, above: &str) -> Command {
    let own = command.get_name().to_owned();
    let command = command.mut_args(|arg| match (above, own.as_str(), arg.get_id().as_str()) {
        (_, _, "provider") | ("provider", "show", "name") => arg.add(completer(providers)),
        (_, _, "os_cloud") => arg.add(completer(os_clouds)),
        (_, _, "driver") => arg.add(completer(drivers)),
        // it does not say yet which host is meant
        ("host", ..) => arg,
        (_, _, "image") | ("image", "show" | "delete", "name") => {
            arg.add(of_provider("provider.images", "images", "format"))
        }
        (_, _, "size") => arg.add(of_provider("provider.sizes", "sizes", "")),
        (_, _, "network") => arg.add(of_provider("provider.networks", "networks", "kind")),
        ("pool", "show" | "start", "name") => arg.add(of_provider("pool.list", "pools", "")),
        ("server", "create" | "plan" | "new", _) => arg,
        ("server", _, "name" | "names") => arg.add(of_provider("server.list", "servers", "status")),
        _ => arg,
    });
    command.mut_subcommands(|below| with_names(below, &own))
}

/// Providers of Salt's configuration.
fn providers(_: &Words, settings: Settings) -> Option<Names> {
    let (listed, _) = list_providers(&settings.salt_config_dir).ok()?;
    let candidate = |(name, provider, _)| (name, driver_of(&provider).to_owned());
    Some(listed.into_iter().map(candidate).collect())
}

fn os_clouds(_: &Words, _: Settings) -> Option<Names> {
    let (names, _) = clouds::listed().ok()??;
    Some(
        names
            .into_iter()
            .map(|name| (name, String::new()))
            .collect(),
    )
}

fn drivers(_: &Words, settings: Settings) -> Option<Names> {
    let listed = dispatch(&settings, "driver.list", json!({}))?;
    Some(named(&listed["drivers"], "friendly_name"))
}

/// Completes what `method` lists of the provider that the command line means.
fn of_provider(method: &'static str, list: &'static str, about: &'static str) -> ArgValueCompleter {
    completer(move |words, settings| {
        let provider = select::given(&words.provider(), &settings).ok()??;
        let listed = dispatch(&settings, method, json!({"provider": provider}))?;
        Some(named(&listed[list], about))
    })
}

/// Names, and what is said of each.
type Names = Vec<(String, String)>;

fn named(list: &Value, about: &str) -> Names {
    let items = list.as_array().into_iter().flatten();
    let named = |item: &Value| {
        let about = item[about].as_str().unwrap_or_default();
        Some((name_of(item)?.to_owned(), about.to_owned()))
    };
    items.filter_map(named).collect()
}

/// A completer by `names`; whatever goes wrong there, or takes too long, completes nothing.
fn completer(
    names: impl Fn(&Words, Settings) -> Option<Names> + Clone + Send + Sync + 'static,
) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let names = names.clone();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let words = Words(env::args().collect());
            let config = OwnConfig::read().unwrap_or_default();
            let config_dir = words.option("--config-dir").map(Into::into);
            let config_dir = config_dir.or_else(|| env::var_os("SALT_CONFIG_DIR").map(Into::into));
            let global = Global {
                config_dir,
                ..Global::default()
            };
            let settings = Settings::new(&global, registry_with([]), config);
            // nobody listens any more where it took too long
            let _ = sender.send(names(&words, settings));
        });
        let found = receiver
            .recv_timeout(PATIENCE)
            .ok()
            .flatten()
            .unwrap_or_default();
        let begun = current.to_string_lossy();
        let candidates = found
            .into_iter()
            .filter(|(name, _)| name.starts_with(&*begun));
        candidates
            .map(|(name, about)| {
                let help = Some(about).filter(|about| !about.is_empty());
                CompletionCandidate::new(name).help(help.map(Into::into))
            })
            .collect()
    })
}

fn dispatch(settings: &Settings, method: &str, params: Value) -> Option<Value> {
    answer_to(&settings.service(), method, params).ok()
}

/// The words of the command line so far.
struct Words(Vec<String>);

impl Words {
    /// What follows `option`.
    fn option(&self, option: &str) -> Option<String> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        let mut apart = pairs
            .filter(|(word, _)| *word == option)
            .map(|(_, value)| value.clone());
        apart.next().or_else(|| {
            let mut joined = self
                .0
                .iter()
                .filter_map(|word| word.strip_prefix(option)?.strip_prefix('='));
            joined.next().map(ToOwned::to_owned)
        })
    }

    /// Which provider they mean.
    fn provider(&self) -> ProviderArgs {
        ProviderArgs {
            provider: self.option("--provider"),
            // nothing is taken from the shell's own input
            provider_file: self
                .option("--provider-file")
                .filter(|file| file != "-")
                .map(Into::into),
            uri: self.option("--uri"),
            os_cloud: self.option("--os-cloud"),
            region: self.option("--region"),
        }
    }
}
