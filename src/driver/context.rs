//! What a call carries besides its parameters.

use std::path::PathBuf;
use std::sync::Arc;

use super::base_host::BaseHost;
use super::templates::Templates;
use super::{Driver, Provider};
use crate::Result;
use crate::salt::PairAhead;
use crate::template::TemplateDirectory;
use crate::transaction::Cancel;

/// Told how far a long call is.
pub trait Progress: Send + Sync {
    /// `phase` has come `done` of `total`, in units of its own (bytes, steps); `total` is 0 while it
    /// is not known.
    fn report(&self, phase: &str, done: u64, total: u64);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _phase: &str, _done: u64, _total: u64) {}
}

/// What finds the base at a provider for a driver.
type Base = for<'a> fn(&'a dyn Driver, &'a Context, &'a Provider) -> Result<Box<dyn BaseHost + 'a>>;

/// What a call carries besides its parameters.
#[derive(Clone)]
#[non_exhaustive]
pub struct Context {
    /// Who is told how far it is.
    pub progress: Arc<dyn Progress>,
    /// Set when the call is to end early.
    pub cancel: Cancel,
    /// Where templates come from.
    pub templates: TemplateDirectory,
    /// What the caller brings to their rendering.
    pub given: Templates,
    /// Where creations keep their journals.
    pub state_dir: PathBuf,
    /// Salt's configuration directory, `/etc/salt` unless said.
    pub salt_config_dir: PathBuf,
    /// What this master says of itself, for drivers whose servers must find it: `config.yaml`.
    pub config_file: PathBuf,
    /// The next minion's key pair.
    pub(crate) pair_ahead: Arc<PairAhead>,
    /// Does what a driver leaves to the base.
    pub(crate) base: Base,
}

impl Context {
    /// The same, with what the caller brings to the rendering of templates.
    pub(crate) fn with_templates(&self, given: Templates) -> Result<Self> {
        given.check()?;
        Ok(Self {
            given,
            ..self.clone()
        })
    }

    /// The base at `provider` in the name of `driver`.
    pub(crate) fn base<'a>(
        &'a self,
        driver: &'a dyn Driver,
        provider: &'a Provider,
    ) -> Result<Box<dyn BaseHost + 'a>> {
        (self.base)(driver, self, provider)
    }

    /// The same for an undo, which no wish to end early ends.
    pub(crate) fn undisturbed(&self) -> Self {
        Self {
            cancel: Cancel::default(),
            ..self.clone()
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("state_dir", &self.state_dir)
            .field("salt_config_dir", &self.salt_config_dir)
            .finish_non_exhaustive()
    }
}
