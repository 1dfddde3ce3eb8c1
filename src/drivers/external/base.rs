//! What a program leaves to the base: what Salt's own driver does for it.

use super::External;
use crate::driver::template_vars::Vars;
use crate::driver::{Context, Driver, Provider, Step};
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
