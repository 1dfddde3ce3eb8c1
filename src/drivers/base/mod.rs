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
//! | `minion` | its keys, their acceptance, its first word |
//! | `note` | what is known of a server that was made here; one call at a time for each |
//! | `servers` | lists: images, sizes, functions, servers |
//! | `create` | a creation, and its undoing |
//! | `remove` | deletion and recovery |
//! | `action` | what can be done to a server |

mod action;
mod create;
mod fault;
mod host;
mod master;
mod minion;
mod needs;
mod note;
mod profile;
mod remove;
mod servers;
#[cfg(test)]
mod tests;
mod workspace;

pub(crate) use needs::lacking;
pub(super) use servers::listed;

use std::path::Path;
use std::sync::Arc;

use crate::Result;
use crate::driver::members::CheckedServer;
use crate::driver::template_vars::Vars;
use crate::driver::templates::Templates;
use crate::driver::{
    Action, ActionDone, ActionOptions, Context, CreateOptions, Created, DeleteOptions, Deleted,
    Driver, DryRun, Image, PlanAnswer, Provider, ProviderData, ProviderStatus, RecoverOptions,
    Recovered, Server, Silent, Size, Step,
};
use crate::template::TemplateDirectory;
use crate::transaction::Cancel;
use host::Host;

/// The base, in the name of the driver that leaves something to it.
#[derive(Debug)]
struct Base<'a>(&'a dyn Driver);

/// The base in the name of `driver`.
pub(crate) fn in_name_of<'a>(driver: &'a dyn Driver) -> Box<dyn Driver + 'a> {
    Box::new(Base(driver))
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
            base: in_name_of,
        }
    }
}

impl Base<'_> {
    fn host<'a>(&self, cx: &'a Context, provider: &'a Provider) -> Result<Host<'a>> {
        Host::of(self.0, cx, provider)
    }
}

impl Driver for Base<'_> {
    fn driver_id(&self) -> &str {
        self.0.driver_id()
    }

    fn friendly_name(&self) -> &str {
        self.0.friendly_name()
    }

    fn steps(&self) -> Vec<Step> {
        self.0.steps()
    }

    fn render(
        &self,
        cx: &Context,
        provider: &Provider,
        profile_name: Option<&str>,
        server: &Vars,
    ) -> Result<(String, String)> {
        self.0.render(cx, provider, profile_name, server)
    }

    fn images(&self, cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        self.host(cx, provider)?.images()
    }

    fn sizes(&self, cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        self.host(cx, provider)?.sizes()
    }

    fn provider_status(&self, cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        self.host(cx, provider)?.status()
    }

    fn servers(&self, cx: &Context, provider: &Provider, _full: bool) -> Result<Vec<Server>> {
        self.host(cx, provider)?.servers()
    }

    fn server(&self, cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        self.host(cx, provider)?.server(name)
    }

    fn provider_data(&self, cx: &Context, provider: &Provider) -> Result<ProviderData> {
        self.host(cx, provider)?.data()
    }

    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
    ) -> Result<PlanAnswer> {
        create::plan(self.0, cx, provider, &spec)
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        create::create(self.0, cx, provider, &spec, options)
    }

    fn server_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
        options: ActionOptions,
    ) -> Result<ActionDone> {
        action::act(&self.host(cx, provider)?, name, action, &options)
    }

    fn plan_deletion(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        remove::plan_deletion(&self.host(cx, provider)?, name, options)
    }

    fn plan_recovery(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        remove::plan_recovery(&self.host(cx, provider)?, options)
    }

    fn delete_server(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        remove::delete(&self.host(cx, provider)?, name, options)
    }

    fn recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        remove::recover(&self.host(cx, provider)?, options)
    }
}
