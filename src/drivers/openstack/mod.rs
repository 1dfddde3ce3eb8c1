//! The driver for `OpenStack` clouds, by their REST APIs.
//!
//! A request passes through the rooms in this order: `settings` reads the provider, `cloud` connects
//! (by `identity`, which gets a token and the catalog, over `http`), `inventory` says what the cloud
//! offers, `plan` works out what is to be made, `create` makes it, `servers` is about those that stand.

mod cloud;
mod form;
mod http;
mod identity;
mod refusal;
mod settings;
mod status;

use crate::Result;
use crate::driver::{
    Choice, Context, Driver, FieldValues, OptionChoices, Provider, ProviderStatus, Step,
};
use cloud::Cloud;
use settings::Settings;

/// The driver for `OpenStack` clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenstackDriver;

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

    fn steps_with(&self, values: &FieldValues) -> Vec<Step> {
        form::steps_with(values)
    }

    fn optional_values(&self) -> &'static [&'static str] {
        settings::OWN_MEMBERS
    }

    fn host_choices(&self, cx: &Context, provider: &Provider) -> Result<OptionChoices> {
        let regions = Cloud::regions(&Settings::read(provider)?, &cx.cancel)?;
        let choices: Vec<_> = regions.into_iter().map(Choice::Text).collect();
        // a cloud without any is refused for what it lacks, not for the region that was entered
        Ok(match choices.is_empty() {
            true => OptionChoices::new(),
            false => [("region".to_owned(), choices)].into(),
        })
    }

    fn warnings(&self, provider: &Provider) -> Vec<String> {
        Settings::read(provider).map_or_else(|_| Vec::new(), |settings| form::warnings(&settings))
    }

    fn provider_status(&self, cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        let (_, cloud) = connected(cx, provider)?;
        status::status(&cloud, self.warnings(provider))
    }
}
