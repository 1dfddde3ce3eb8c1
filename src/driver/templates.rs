//! What a caller brings to the rendering of templates.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::decode::escape;
use crate::template::Template;
use crate::{Error, Result};

type Vars = IndexMap<String, Value>;

/// What a caller brings to the rendering of Salt's configuration; it counts over the driver's own.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Templates {
    /// The text of the provider's template.
    #[serde(default)]
    pub provider: Option<String>,
    /// Variables of the provider's template, `VAR_X` to its value, such as `VAR_THIS_IP`.
    #[serde(default)]
    pub provider_vars: Vars,
    /// The text of the profile's template.
    #[serde(default)]
    pub profile: Option<String>,
    /// Variables of the profile's template.
    #[serde(default)]
    pub profile_vars: Vars,
}

impl Templates {
    /// The provider's configuration, by the caller's template or the one that `load` answers, with `vars`.
    pub(crate) fn render_provider(
        &self,
        vars: Vars,
        load: impl FnOnce() -> Result<Template>,
    ) -> Result<String> {
        render(
            "provider",
            self.provider.as_ref(),
            load,
            with(vars, &self.provider_vars),
        )
    }

    /// The same of the profile.
    pub(crate) fn render_profile(
        &self,
        vars: Vars,
        load: impl FnOnce() -> Result<Template>,
    ) -> Result<String> {
        render(
            "profile",
            self.profile.as_ref(),
            load,
            with(vars, &self.profile_vars),
        )
    }

    /// Refuses variables that no template can name.
    pub(crate) fn check(&self) -> Result<()> {
        let is_named = |name: &str| {
            let rest = name.strip_prefix("VAR_").unwrap_or_default();
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        for (member, vars) in [
            ("provider_vars", &self.provider_vars),
            ("profile_vars", &self.profile_vars),
        ] {
            if let Some(name) = vars.keys().find(|name| !is_named(name)) {
                let pointer = format!("/templates/{member}/{}", escape(name));
                let message = "a variable is named VAR_X, in letters, digits and `_`";
                return Err(Error::invalid(pointer, message));
            }
        }
        Ok(())
    }
}

/// The caller's `text` of the template `name`, else the one that `load` answers, with `vars`.
fn render(
    name: &str,
    text: Option<&String>,
    load: impl FnOnce() -> Result<Template>,
    vars: Map<String, Value>,
) -> Result<String> {
    let own = text.map(|text| Template::new(format!("/templates/{name}"), text));
    own.map_or_else(load, Ok)?.render(&vars)
}

/// `vars` with what the caller says; what it does not know it leaves as it is.
fn with(mut vars: Vars, given: &Vars) -> Map<String, Value> {
    for (name, value) in given {
        if value.is_null() {
            vars.entry(name.clone()).or_insert(Value::Null);
        } else {
            vars.insert(name.clone(), value.clone());
        }
    }
    vars.into_iter().collect()
}

impl fmt::Debug for Templates {
    /// The names only: a variable may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templates")
            .field("provider_vars", &self.provider_vars.keys())
            .field("profile_vars", &self.profile_vars.keys())
            .finish_non_exhaustive()
    }
}
