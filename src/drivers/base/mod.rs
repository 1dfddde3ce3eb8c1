//! The base driver: what the others leave to it, by Salt's own `salt-cloud`.
//!
//! Each call has a configuration directory of its own, with the master's settings, this one provider and,
//! for a creation, this one profile. The minion's key is made and accepted here, and not by Salt, which
//! overwrites another's of the same id and removes those that only begin alike.
//!
//! | file | concern |
//! |---|---|
//! | `master` | what Salt's configuration says, and where salt-cloud is |
//! | `workspace` | the configuration directory of a call |
//! | `needs` | which of Salt's drivers there are |
//! | `host` | a provider as salt-cloud knows it, and what it answers |
//! | `fault` | what a failure is, by what Salt says |
//! | `profile` | what was asked for, as a profile |
//! | `made` | what is noted of a server that was made here |
//! | `servers` | lists: images, sizes, functions, servers |
//! | `create` | a creation |
//! | `remove` | deletion and recovery |
//! | `action` | what can be done to a server |

mod action;
mod create;
mod fault;
mod host;
mod made;
mod master;
mod needs;
mod profile;
mod remove;
mod servers;
#[cfg(test)]
mod tests;
mod workspace;

pub(crate) use master::program;
pub(crate) use needs::lacking;
pub(super) use servers::listed;

use std::path::Path;
use std::sync::Arc;

use crate::Result;
use crate::driver::BaseHost;
use crate::driver::templates::Templates;
use crate::driver::{Context, Driver, Provider, Silent};
use crate::template::TemplateDirectory;
use crate::transaction::Cancel;
use host::Host;

/// The base at `provider` in the name of `driver`.
pub(crate) fn at<'a>(
    driver: &'a dyn Driver,
    cx: &'a Context,
    provider: &'a Provider,
) -> Result<Box<dyn BaseHost + 'a>> {
    Ok(Box::new(Host::of(driver, cx, provider)?))
}

impl Context {
    /// A context that is told nothing and never cancelled, with the drivers' own templates, `dir` as Salt's
    /// configuration directory and its journals below that: for tests of a driver. The program makes the
    /// others.
    #[must_use]
    pub fn below(dir: impl AsRef<Path>) -> Self {
        Self {
            progress: Arc::new(Silent),
            cancel: Cancel::default(),
            templates: TemplateDirectory::shipped(),
            given: Templates::default(),
            state_dir: dir.as_ref().join("state"),
            salt_config_dir: dir.as_ref().to_owned(),
            config_file: dir.as_ref().join("config.yaml"),
            pair_ahead: Arc::default(),
            base: at,
        }
    }
}
