//! What a program leaves to the base: what Salt's own driver does for it.

use super::External;
use crate::driver::BaseHost;
use crate::driver::{Context, Provider};
use crate::{Error, Kind, Result};

impl External {
    /// The base, which is to do `method`; it needs a driver of Salt's own, in the configuration that the
    /// program or a template gives. In that of ours Salt would only ask this program again.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where there is no such configuration.
    pub(super) fn base<'a>(
        &'a self,
        cx: &'a Context,
        provider: &'a Provider,
        method: &str,
    ) -> Result<Box<dyn BaseHost + 'a>> {
        if self.has_template(cx) || self.answers(cx, "provider.render")? {
            return cx.base(self, provider);
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
