//! What the trait does by itself where it takes more than a line, for overrides that want it in some cases.

use super::form::{self, Walk};
use super::template_vars::{self, Vars};
use super::{Context, Driver, FieldValues, Provider, StepResult};
use crate::Result;

/// Validates what was entered so far for `driver`, at step `step_index`.
pub(crate) fn validate<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    step_index: i64,
    values: &FieldValues,
) -> Result<StepResult> {
    let values = form::without_aliases(values);
    let walk = Walk {
        driver_id: driver.driver_id(),
        steps: driver.form(),
        members: driver.provider_members(),
        start: &|| driver.start_choices(cx),
        offers: &|provider, index, step| driver.offers(cx, provider, index, step),
        render: &|provider| driver.render(cx, provider, None, &Vars::new()),
        warnings: &|provider| driver.warnings(provider),
    };
    walk.validate(step_index, &values)
}

/// What the templates of `driver` give for `provider` and its profile, as YAML; see [`Driver::render`].
pub(crate) fn render<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    provider: &Provider,
    profile_name: Option<&str>,
    server: &Vars,
) -> Result<(String, String)> {
    let (of_provider, of_profile) = driver.template_names(provider)?;
    let load = |name| {
        let own = || driver.template(name);
        cx.templates.load_or(driver.driver_id(), name, own)
    };
    let vars = driver.provider_vars(provider)?;
    let provider_conf = cx.given.render_provider(vars, || load(of_provider))?;
    let vars = profile_vars(driver, provider, profile_name, server)?;
    let profile_conf = cx.given.render_profile(vars, || load(of_profile))?;
    Ok((provider_conf, profile_conf))
}

/// The variables of a profile of `driver`; those of a `server` count over the provider's defaults.
pub(crate) fn profile_vars<D: Driver + ?Sized>(
    driver: &D,
    provider: &Provider,
    profile_name: Option<&str>,
    server: &Vars,
) -> Result<Vars> {
    let mut vars = template_vars::no_server_vars();
    vars.extend(driver.profile_vars(provider, profile_name)?);
    vars.extend(server.clone());
    Ok(vars)
}
