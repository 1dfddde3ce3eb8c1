//! The driver for `OpenStack` clouds, by their REST APIs.
//!
//! A request passes through the rooms in this order: `settings` reads the provider, `cloud` connects
//! (by `identity`, which gets a token and the catalog, over `http`), `lookup` finds what it names, `plan`
//! works out what is to be made, `create` makes it, `servers` is about those that exist.
//!
//! | file | concern |
//! |---|---|
//! | `settings` | the provider, read and checked |
//! | `form`, `template_vars` | the form that a provider is entered in, and what its Salt files are made from |
//! | `http` | requests, in bounded time and memory |
//! | `identity` | Keystone: where it is, the login, the catalog |
//! | `cloud` | a cloud that is connected: requests to its services |
//! | `api` | what the services answer |
//! | `service_error` | what the services' errors mean to a caller |
//! | `lookup` | what the cloud has, found by what it is called |
//! | `inventory` | images, sizes, networks and security groups, as answers list them |
//! | `usage` | whether the cloud can be used, and how much of it is |
//! | `plan` | from a request to a plan; nothing there changes the cloud |
//! | `create` | a plan carried out |
//! | `record` | what a server's metadata says of what was made for it |
//! | `artifacts` | what a creation makes |
//! | `removal` | how that is removed again, proven to be the creation's own |
//! | `servers` | the servers that exist: lists, actions, deletion, recovery |
//! | `import` | images brought to Glance |
//! | `image_mark` | how such an image is told until it is whole |
//! | `image_delete` | images taken away |

mod api;
mod artifacts;
mod cloud;
mod create;
mod form;
mod http;
mod identity;
mod image_delete;
mod image_mark;
mod import;
mod inventory;
mod lookup;
mod plan;
mod record;
mod removal;
mod servers;
mod service_error;
mod settings;
mod template_vars;
mod usage;

use std::borrow::Cow;

use crate::driver::members::{CheckedServer, ServerMembers};
use crate::driver::template_vars::Vars;
use crate::driver::{
    Action, ActionDone, ActionOptions, Billing, Choice, Context, CreateOptions, Created,
    DeleteOptions, Deleted, Done, Driver, DryRun, Image, ImageDelete, ImageImport, ImageImported,
    Network, OptionChoices, PlanAnswer, Provider, ProviderData, ProviderMembers, ProviderStatus,
    RecoverOptions, Recovered, SecGroup, Server, Size, Step, Storage, base,
};
use crate::{Error, Kind, Result};
use cloud::Cloud;
pub(crate) use settings::clouds;
use settings::{SaltDriver, Settings};

/// The driver for `OpenStack` clouds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenstackDriver;

/// What `provider` says, and its cloud.
fn connected(cx: &Context, provider: &Provider) -> Result<(Settings, Cloud)> {
    let settings = Settings::read(provider)?;
    let cloud = Cloud::connect(&settings, &cx.cancel)?;
    Ok((settings, cloud))
}

impl Driver for OpenstackDriver {
    fn driver_id(&self) -> &'static str {
        "openstack"
    }

    fn friendly_name(&self) -> &'static str {
        "OpenStack"
    }

    fn steps(&self) -> Vec<Step> {
        form::steps()
    }

    fn provider_members(&self) -> &'static ProviderMembers {
        &settings::MEMBERS
    }

    fn host_choices(&self, cx: &Context, provider: &Provider) -> Result<OptionChoices> {
        let regions = Cloud::regions(&Settings::read(provider)?, &cx.cancel)?;
        let choices: Vec<_> = regions.into_iter().map(Choice::Text).collect();
        // a cloud without any is refused for what it lacks, not for the region that was entered
        Ok(if choices.is_empty() {
            OptionChoices::new()
        } else {
            [("region".to_owned(), choices)].into()
        })
    }

    fn warnings(&self, provider: &Provider) -> Vec<String> {
        Settings::read(provider).map_or_else(|_| Vec::new(), |settings| form::warnings(&settings))
    }

    fn provider_status(&self, cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        let (_, cloud) = connected(cx, provider)?;
        usage::status(&cloud, self.warnings(provider))
    }

    fn provider_vars(&self, provider: &Provider) -> Result<Vars> {
        template_vars::provider(provider, &Settings::read(provider)?)
    }

    fn profile_vars(&self, provider: &Provider, profile_name: Option<&str>) -> Result<Vars> {
        let settings = Settings::read(provider)?;
        Ok(template_vars::profile(provider, profile_name, &settings))
    }

    fn template(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = match name {
            "provider.conf" => include_str!("../../../templates/openstack/provider.conf"),
            "profile.conf" => include_str!("../../../templates/openstack/profile.conf"),
            "salt-provider.conf" => include_str!("../../../templates/openstack/salt-provider.conf"),
            "salt-profile.conf" => include_str!("../../../templates/openstack/salt-profile.conf"),
            _ => return None,
        };
        Some(text.into())
    }

    fn template_names(&self, provider: &Provider) -> Result<(&str, &str)> {
        Ok(match Settings::read(provider)?.salt_driver {
            SaltDriver::VaOpenstack => ("provider.conf", "profile.conf"),
            SaltDriver::Openstack => ("salt-provider.conf", "salt-profile.conf"),
        })
    }

    fn networks(&self, cx: &Context, provider: &Provider) -> Result<Vec<Network>> {
        inventory::networks(&connected(cx, provider)?.1)
    }

    fn sec_groups(&self, cx: &Context, provider: &Provider) -> Result<Vec<SecGroup>> {
        inventory::sec_groups(&connected(cx, provider)?.1)
    }

    fn images(&self, cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        inventory::images(&connected(cx, provider)?.1)
    }

    fn sizes(&self, cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        let (settings, cloud) = connected(cx, provider)?;
        inventory::sizes(&cloud, &settings)
    }

    fn servers(&self, cx: &Context, provider: &Provider, full: bool) -> Result<Vec<Server>> {
        let (settings, cloud) = connected(cx, provider)?;
        servers::list(&cloud, &settings, full)
    }

    fn server(&self, cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        let (settings, cloud) = connected(cx, provider)?;
        servers::show(&cloud, &settings, name)
    }

    fn provider_data(&self, cx: &Context, provider: &Provider) -> Result<ProviderData> {
        let (settings, cloud) = connected(cx, provider)?;
        usage::data(&cloud, &settings)
    }

    fn provider_billing(&self, cx: &Context, provider: &Provider) -> Result<Billing> {
        let (settings, cloud) = connected(cx, provider)?;
        let servers = servers::list(&cloud, &settings, false)?;
        Ok(Billing::of(&servers, settings.currency))
    }

    fn server_members(&self) -> ServerMembers {
        plan::MEMBERS
    }

    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
    ) -> Result<PlanAnswer> {
        create::plan_only(cx, &Settings::read(provider)?, &spec)
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        create::create(cx, &Settings::read(provider)?, &spec, options)
    }

    fn takes_action(&self, action: Action) -> bool {
        !action.is_libvirts()
    }

    fn server_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
        options: ActionOptions,
    ) -> Result<ActionDone> {
        let settings = Settings::read(provider)?;
        check_server_name_text(name)?;
        match action {
            Action::Delete => {
                let done = self.delete_server(cx, provider, name, &DeleteOptions::default())?;
                Ok(ActionDone::new(done.message, done.deleted, None))
            }
            Action::Seal => {
                let message = "the cloud's metadata service keeps the user-data, and the minion's key \
                               in it, as long as the server exists";
                Err(Error::new(Kind::Unsupported, message).with_field("/action"))
            }
            _ => {
                base::check_action(self, action)?;
                let cloud = Cloud::connect(&settings, &cx.cancel)?;
                servers::act(cx, &cloud, &settings, name, action, &options)
            }
        }
    }

    fn delete_server(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        let settings = Settings::read(provider)?;
        check_server_name_text(name)?;
        servers::delete(cx, &Cloud::connect(&settings, &cx.cancel)?, name, options)
    }

    fn plan_deletion(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        check_server_name_text(name)?;
        servers::plan_deletion(cx, &connected(cx, provider)?.1, name, options)
    }

    fn plan_recovery(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        servers::plan_recovery(cx, &connected(cx, provider)?.1, options)
    }

    fn plan_import(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageImport,
    ) -> Result<DryRun> {
        import::plan(cx, &Settings::read(provider)?, image)
    }

    fn recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        let settings = Settings::read(provider)?;
        servers::recover(cx, &Cloud::connect(&settings, &cx.cancel)?, options)
    }

    fn import_image(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageImport,
    ) -> Result<ImageImported> {
        import::import(cx, &Settings::read(provider)?, image)
    }

    fn storage(&self) -> Option<&dyn Storage> {
        Some(self)
    }
}

impl Storage for OpenstackDriver {
    fn delete_image(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageDelete,
        dry_run: bool,
    ) -> Result<Done> {
        image_delete::delete(cx, &Settings::read(provider)?, image, dry_run)
    }
}

/// A name that may be any server's of the cloud, ours or not.
fn check_server_name_text(name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > 255 || name.contains(char::is_control) {
        return Err(Error::invalid(
            "/server_name",
            "this cannot be a server's name",
        ));
    }
    Ok(())
}
