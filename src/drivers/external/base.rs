//! What a program leaves to the base: the walk over its form, and what Salt's own driver does for it.

use super::External;
use crate::driver::template_vars::Vars;
use crate::driver::{
    BrokenDriver, Context, Driver, Image, Network, Provider, SecGroup, Size, Step,
};
use crate::{Error, Kind, Result};

/// The base driver in a program's name, by Salt's configuration of its provider.
#[derive(Debug)]
pub(super) struct Base<'a>(pub(super) &'a External);

impl External {
    /// The base, which is to do `method`; it needs a driver of Salt's own, in the configuration that the
    /// program or a template gives. In that of ours Salt would only ask this program again.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where there is no such configuration.
    pub(super) fn base(&self, cx: &Context, method: &str) -> Result<Base<'_>> {
        if self.has_template(cx) || self.answers(cx, "provider.render")? {
            return Ok(Base(self));
        }
        let message = format!(
            "the driver {} answers neither {method} nor provider.render, by which salt-cloud could do it",
            self.id
        );
        Err(Error::new(Kind::Unsupported, message))
    }

    /// Whether the administrator has templates of its provider.
    pub(super) fn has_template(&self, cx: &Context) -> bool {
        let found = cx.templates.load_or(&self.id, "provider.conf", || None);
        found.is_ok()
    }
}

/// A program's provider by the administrator's templates.
#[derive(Debug)]
pub(super) struct Templates<'a>(pub(super) &'a External);

impl Driver for Templates<'_> {
    fn driver_id(&self) -> &str {
        &self.0.id
    }

    fn friendly_name(&self) -> &str {
        self.0.friendly_name()
    }
}

impl Driver for Base<'_> {
    fn driver_id(&self) -> &str {
        &self.0.id
    }

    fn friendly_name(&self) -> &str {
        self.0.friendly_name()
    }

    fn steps(&self) -> Vec<Step> {
        self.0.steps()
    }

    fn check_provider(&self, provider: &Provider) -> Result<()> {
        self.0.check_provider(provider)
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
}

/// The form of a program: its steps, the choices that it gives, and the base's walk over them.
#[derive(Debug)]
pub(super) struct Form<'a>(pub(super) &'a External);

impl Driver for Form<'_> {
    fn ready(&self, cx: &Context) -> std::result::Result<(), BrokenDriver> {
        self.0.ready(cx)
    }

    fn driver_id(&self) -> &str {
        &self.0.id
    }

    fn friendly_name(&self) -> &str {
        self.0.friendly_name()
    }

    fn steps(&self) -> Vec<Step> {
        self.0.steps()
    }

    fn networks(&self, cx: &Context, provider: &Provider) -> Result<Vec<Network>> {
        self.0.networks(cx, provider)
    }

    fn sec_groups(&self, cx: &Context, provider: &Provider) -> Result<Vec<SecGroup>> {
        self.0.sec_groups(cx, provider)
    }

    fn images(&self, cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        self.0.images(cx, provider)
    }

    fn sizes(&self, cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        self.0.sizes(cx, provider)
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
}
