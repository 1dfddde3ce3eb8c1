//! What a driver leaves to the base.

use super::{
    Action, ActionDone, ActionOptions, CreateOptions, Created, DeleteOptions, Deleted, Driver,
    DryRun, Image, PlanAnswer, ProviderData, ProviderStatus, RecoverOptions, Recovered, Server,
    ServerSpec, Size,
};
use crate::Result;

/// Every driver, as what leaves something to the base hands itself on.
pub trait AsDriver {
    /// Itself.
    fn as_driver(&self) -> &dyn Driver;
}

impl<D: Driver> AsDriver for D {
    fn as_driver(&self) -> &dyn Driver {
        self
    }
}

/// The base at a provider, in the name of the driver that leaves something to it; by `salt-cloud`.
pub(crate) trait BaseHost {
    fn images(&self) -> Result<Vec<Image>>;
    fn sizes(&self) -> Result<Vec<Size>>;
    fn status(&self) -> Result<ProviderStatus>;
    fn servers(&self) -> Result<Vec<Server>>;
    fn server(&self, name: &str) -> Result<Server>;
    fn data(&self) -> Result<ProviderData>;
    fn plan(&self, spec: &ServerSpec) -> Result<PlanAnswer>;
    fn create(&self, spec: &ServerSpec, options: CreateOptions) -> Result<Created>;
    fn act(&self, name: &str, action: Action, options: &ActionOptions) -> Result<ActionDone>;
    fn plan_deletion(&self, name: &str, options: &DeleteOptions) -> Result<DryRun>;
    fn delete(&self, name: &str, options: &DeleteOptions) -> Result<Deleted>;
    fn plan_recovery(&self, options: RecoverOptions) -> Result<DryRun>;
    fn recover(&self, options: RecoverOptions) -> Result<Recovered>;
}
