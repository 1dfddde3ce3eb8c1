//! What a driver is: the [`Driver`] trait with its base behaviour, the forms that it shows, the
//! records that go in and come out, and the registry that finds one by its id.
//!
//! This room knows no driver.
//!
//! | file or folder | concern |
//! |---|---|
//! | `form` | the form that describes a provider, and the walk over its steps |
//! | `base` | the form and the members of one that says nothing of itself |
//! | `base_host` | what one leaves to the base |
//! | `provider`, `flavour`, `server_spec` | what a caller sends: the provider, its sizes, the server |
//! | `members` | the members of a server: what there is to say of each, which of them a driver takes |
//! | `inventory`, `server`, `action`, `answers`, `usage` | what a driver answers |
//! | `template_vars`, `templates` | the variables of templates that every driver has; what a caller brings to them |
//! | `storage` | pools and images that hosts keep |
//! | `dry_run` | what a method that changes something would do |
//! | `defaults` | what the trait does by itself, for overrides that want it in some cases |
//! | `context` | what a call carries besides its parameters |
//! | `registry` | finds a driver by its id |
//! | `numeric` | numbers that may come as text |

mod action;
mod answers;
pub mod base;
mod base_host;
mod context;
pub(crate) mod defaults;
mod dry_run;
pub mod flavour;
pub mod form;
pub mod inventory;
pub mod members;
mod numeric;
mod provider;
mod registry;
mod server;
mod server_spec;
mod storage;
pub mod template_vars;
pub mod templates;
mod usage;

pub use action::{Action, ActionDone, ActionOptions, Snapshot};
pub use answers::{
    CreateOptions, Created, CreatedMinion, DeleteOptions, Deleted, ImageImport, ImageImported,
    PlanAnswer, RecoverOptions, Recovered, Removed, WaitFor,
};
pub use base_host::AsDriver;
pub(crate) use base_host::BaseHost;
pub use context::{Context, Progress, Silent};
pub use dry_run::{Change, DryRun, FileChange};
pub use flavour::{Flavour, Flavours};
pub use form::{
    Choice, Field, FieldType, FieldValues, Format, Offer, Offers, OptionChoices, Step, StepResult,
};
pub use inventory::{Image, Network, Pool, SecGroup, Size};
#[cfg(test)]
pub(crate) use provider::table_tests;
pub use provider::{
    Defaults, OtherMember, Provider, ProviderMeaning, ProviderMember, ProviderMembers,
};
pub(crate) use provider::{Places, Record, one_line, provider_members};
pub use registry::{BrokenDriver, DriverSource, Registry};
pub use server::{Server, ServerInterface, Status, split_addresses};
pub use server_spec::{
    AddressPairSpec, CloneMode, Extra, InterfaceSpec, KeysSpec, Masters, MinionSpec, NetworkSpec,
    Route, SeedSpec, ServerSpec, VolumeSpec,
};

pub use storage::{Done, ImageDelete, PoolChange, PoolSpec, Storage};
pub use usage::{Billing, BillingItem, HOURS_PER_MONTH, ProviderData, ProviderStatus, Usage};

use std::borrow::Cow;

use crate::Result;
use base::unsupported;
use members::{CheckedServer, ServerMembers};
use template_vars::Vars;

/// A driver: what differs between kinds of host. Only its id and name have no default.
///
/// A driver holds no state between calls; all that was entered comes with each of them.
pub trait Driver: AsDriver + std::fmt::Debug + Send + Sync {
    /// Its id: `libvirt`, `openstack`.
    fn driver_id(&self) -> &str;

    /// Its name for people.
    fn friendly_name(&self) -> &str;

    /// Whether it can be asked at all. A program is started here; its name and its steps are known only then.
    fn ready(&self, _cx: &Context) -> std::result::Result<(), BrokenDriver> {
        Ok(())
    }

    /// The form that describes a provider of this driver.
    fn steps(&self) -> Vec<Step> {
        base::steps()
    }

    /// The same form, whose fields are described as the members that they fill.
    fn form(&self) -> Vec<Step> {
        let described = |step: Step| step.described(self.provider_members());
        self.steps().into_iter().map(described).collect()
    }

    /// What it reads of a provider's record, refuses by name, and passes over; a form's values may have it, too.
    fn provider_members(&self) -> &'static ProviderMembers {
        &base::MEMBERS
    }

    /// Whether this driver may have `provider`: nothing in it is misspelt, or known and not served.
    fn check_provider(&self, provider: &Provider) -> Result<()> {
        Record::read(provider, self.provider_members()).map(|_| ())
    }

    /// Validates what was entered so far against the host, at step `step_index`: −1 starts; the first
    /// connects and offers networks and security groups, and what only the host knows of its own fields;
    /// the next offer images and sizes; the last finishes the provider.
    fn validate_field_values(
        &self,
        cx: &Context,
        step_index: i64,
        values: &FieldValues,
    ) -> Result<StepResult> {
        defaults::validate(self, cx, step_index, values)
    }

    /// The choices of the first step's fields that are known before anything is entered, beside the fields' own.
    fn start_choices(&self, _cx: &Context) -> OptionChoices {
        OptionChoices::new()
    }

    /// What the fields of `step`, which is step `index`, can be filled with that only the host knows, where
    /// `provider` is what was entered so far. A field that is not among it is not asked for.
    fn offers(
        &self,
        cx: &Context,
        provider: &Provider,
        index: usize,
        step: &Step,
    ) -> Result<Offers> {
        base::offers(self, cx, provider, index, step)
    }

    /// The choices of the first step's fields that only the host knows, such as its regions.
    fn host_choices(&self, _cx: &Context, _provider: &Provider) -> Result<OptionChoices> {
        Ok(OptionChoices::new())
    }

    /// What the caller should know of `provider` although nothing fails, such as TLS unverified.
    fn warnings(&self, _provider: &Provider) -> Vec<String> {
        Vec::new()
    }

    /// The variables of the provider template.
    fn provider_vars(&self, provider: &Provider) -> Result<Vars> {
        Ok(template_vars::provider_vars(provider))
    }

    /// The variables of the profile template.
    fn profile_vars(&self, provider: &Provider, profile_name: Option<&str>) -> Result<Vars> {
        Ok(template_vars::profile_vars(provider, profile_name))
    }

    /// The text of the driver's own template `name`, if any; one of the administrator's counts over it.
    fn template(&self, _name: &str) -> Option<Cow<'_, str>> {
        None
    }

    /// The names of the templates for `provider` and its profile.
    fn template_names(&self, _provider: &Provider) -> Result<(&str, &str)> {
        Ok(("provider.conf", "profile.conf"))
    }

    /// Salt's provider and profile configuration, as YAML. In the profile the variables of a `server` count over
    /// the provider's defaults; there are none where it is for no certain one.
    fn render(
        &self,
        cx: &Context,
        provider: &Provider,
        profile_name: Option<&str>,
        server: &Vars,
    ) -> Result<(String, String)> {
        defaults::render(self, cx, provider, profile_name, server)
    }

    /// The networks that servers can be attached to.
    fn networks(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<Network>> {
        Err(unsupported(self.driver_id(), "list networks"))
    }

    /// The security groups.
    fn sec_groups(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<SecGroup>> {
        Err(unsupported(self.driver_id(), "list security groups"))
    }

    /// The images.
    fn images(&self, cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        cx.base(self.as_driver(), provider)?.images()
    }

    /// The sizes.
    fn sizes(&self, cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        cx.base(self.as_driver(), provider)?.sizes()
    }

    /// Whether the host answers.
    fn provider_status(&self, cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        cx.base(self.as_driver(), provider)?.status()
    }

    /// The servers; `full` adds what costs a question for each of them.
    fn servers(&self, cx: &Context, provider: &Provider, _full: bool) -> Result<Vec<Server>> {
        cx.base(self.as_driver(), provider)?.servers()
    }

    /// The server `name`, in the full view.
    fn server(&self, cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        cx.base(self.as_driver(), provider)?.server(name)
    }

    /// What is used and free, and the servers.
    fn provider_data(&self, cx: &Context, provider: &Provider) -> Result<ProviderData> {
        cx.base(self.as_driver(), provider)?.data()
    }

    /// What the servers cost.
    fn provider_billing(&self, _cx: &Context, _provider: &Provider) -> Result<Billing> {
        Err(unsupported(self.driver_id(), "tell costs"))
    }

    /// Salt's cloud driver that does its work, where it needs one.
    fn salt_driver(&self) -> Option<&str> {
        None
    }

    /// What a server has beside the protocol's own members: `server.create` takes them, by their ids.
    fn server_fields(&self) -> Vec<Field> {
        Vec::new()
    }

    /// Which members of a server it takes.
    fn server_members(&self) -> ServerMembers {
        base::SERVER_MEMBERS
    }

    /// What creating `spec` would do, without touching anything.
    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
    ) -> Result<PlanAnswer> {
        cx.base(self.as_driver(), provider)?.plan(&spec)
    }

    /// Creates a server. The base serves every cloud that Salt supports, by `salt-cloud -p`.
    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        cx.base(self.as_driver(), provider)?.create(&spec, options)
    }

    /// Does `action` to the server `name`; [`Action::Delete`] is [`Driver::delete_server`].
    fn server_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
        options: ActionOptions,
    ) -> Result<ActionDone> {
        base::check_action(self.as_driver(), action)?;
        cx.base(self.as_driver(), provider)?
            .act(name, action, &options)
    }

    /// Whether this driver can do `action` to a server at all.
    fn takes_action(&self, action: Action) -> bool {
        base::takes_action(action)
    }

    /// What `action` would be done to, without doing it.
    fn plan_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
    ) -> Result<DryRun> {
        base::check_action(self.as_driver(), action)?;
        let server = self.server(cx, provider, name)?;
        Ok(action.plan(name, server.status))
    }

    /// What [`Driver::delete_server`] would remove, without touching anything.
    fn plan_deletion(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        cx.base(self.as_driver(), provider)?
            .plan_deletion(name, options)
    }

    /// What [`Driver::recover`] would remove, without touching anything.
    fn plan_recovery(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        cx.base(self.as_driver(), provider)?.plan_recovery(options)
    }

    /// What [`Driver::import_image`] would bring, without touching anything.
    fn plan_import(
        &self,
        _cx: &Context,
        _provider: &Provider,
        _image: &ImageImport,
    ) -> Result<DryRun> {
        Err(unsupported(self.driver_id(), "plan an import"))
    }

    /// Deletes the server `name` and all that was made for it. Deleting what is absent succeeds.
    fn delete_server(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        cx.base(self.as_driver(), provider)?.delete(name, options)
    }

    /// Removes what was cut off on the host, and finds what is left of servers that are no more.
    fn recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        cx.base(self.as_driver(), provider)?.recover(options)
    }

    /// Brings an image to the host.
    fn import_image(
        &self,
        _cx: &Context,
        _provider: &Provider,
        _image: &ImageImport,
    ) -> Result<ImageImported> {
        Err(unsupported(self.driver_id(), "import an image"))
    }

    /// What it does about pools and images, where its hosts have such.
    fn storage(&self) -> Option<&dyn Storage> {
        None
    }
}
