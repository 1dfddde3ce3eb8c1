//! The driver for `OpenStack` clouds, by their REST APIs.
//!
//! A request passes through the rooms in this order: `settings` reads the provider, `cloud` connects
//! (by `identity`, which gets a token and the catalog, over `http`), `inventory` says what the cloud
//! offers, `plan` works out what is to be made, `create` makes it, `servers` is about those that stand.

mod api;
mod cloud;
mod create;
mod http;
mod identity;
mod inventory;
mod made;
mod plan;
mod record;
mod refusal;
mod servers;
mod settings;
mod side_by_side;

use crate::Result;
use crate::driver::{
    Action, ActionDone, ActionOptions, Context, CreateOptions, Created, DeleteOptions, Deleted,
    Driver, PlanAnswer, Provider, Recovered, ServerSpec,
};
use crate::{Error, Kind};
use cloud::Cloud;
use settings::Settings;

/// The driver for `OpenStack` clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenstackDriver;

impl Driver for OpenstackDriver {
    fn driver_id(&self) -> &'static str {
        "openstack"
    }

    fn friendly_name(&self) -> &'static str {
        "OpenStack"
    }

    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: &ServerSpec,
    ) -> Result<PlanAnswer> {
        create::plan_only(cx, &Settings::read(provider)?, spec)
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: &ServerSpec,
        options: CreateOptions,
    ) -> Result<Created> {
        create::create(cx, &Settings::read(provider)?, spec, options)
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
        check_text(name)?;
        match action {
            Action::Delete => {
                let done = self.delete_server(cx, provider, name, &DeleteOptions::default())?;
                Ok(ActionDone::new(done.message, done.deleted, None))
            }
            Action::Seal => {
                let message = "the cloud's metadata service keeps the user-data, and the minion's key \
                               in it, as long as the server stands";
                Err(Error::new(Kind::Unsupported, message).with_field("/action"))
            }
            _ => {
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
        check_text(name)?;
        servers::delete(cx, &Cloud::connect(&settings, &cx.cancel)?, name, options)
    }

    fn recover(&self, cx: &Context, provider: &Provider) -> Result<Recovered> {
        let settings = Settings::read(provider)?;
        servers::recover(cx, &Cloud::connect(&settings, &cx.cancel)?)
    }
}

/// A name that may be any server's of the cloud, ours or not.
fn check_text(name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > 255 || name.contains(char::is_control) {
        return Err(Error::invalid(
            "/server_name",
            "this cannot be a server's name",
        ));
    }
    Ok(())
}
