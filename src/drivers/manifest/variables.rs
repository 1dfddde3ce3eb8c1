//! Which `VAR_X` there are, and what a manifest may use where.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Manifest, master};
use crate::decode::suggest;
use crate::driver::Provider;
use crate::driver::template_vars::{self, var_of};
use crate::template::placeholders;
use crate::{Error, Result};

impl Manifest {
    /// The variables of the provider's tree.
    fn of_provider(&self) -> BTreeSet<String> {
        let fields = self.fields().map(|field| var_of(&field.id));
        let master = master::NAMES.map(var_of);
        let names = ["VAR_PROVIDER_NAME", "VAR_DRIVER_NAME"].map(ToOwned::to_owned);
        fields.chain(master).chain(names).collect()
    }

    /// The variables of the profile's tree.
    fn of_profile(&self) -> BTreeSet<String> {
        let base = template_vars::profile_vars(&Provider::default(), None).into_iter();
        let server = template_vars::no_server_vars().into_iter();
        let own = self.server.iter().map(|field| var_of(&field.id));
        let mut all = self.of_provider();
        all.extend(base.chain(server).map(|(name, _)| name).chain(own));
        all
    }

    /// Checks what the provider's and the profile's tree say by themselves.
    pub(super) fn check_trees(&self) -> Result<()> {
        check_tree("provider", &self.provider, "VAR_PROVIDER_NAME", "driver")?;
        check_tree("profile", &self.profile, "VAR_PROFILE_NAME", "provider")?;
        self.check_variables("provider", &self.provider, &self.of_provider())?;
        self.check_variables("profile", &self.profile, &self.of_profile())?;
        let tree = Value::Object(self.profile.clone());
        let secret = |name: &str| {
            let mut fields = self.fields().filter(|field| field.secret);
            fields.any(|field| var_of(&field.id) == name)
        };
        let used = placeholders(&tree);
        if let Some((name, _)) = used.iter().find(|(name, _)| secret(name)) {
            let message =
                format!("{name} is secret, and everybody sees a profile: use it in provider");
            return Err(Error::invalid(*name, message));
        }
        Ok(())
    }

    fn check_variables(
        &self,
        what: &str,
        tree: &Map<String, Value>,
        known: &BTreeSet<String>,
    ) -> Result<()> {
        let tree = Value::Object(tree.clone());
        for (name, is_key) in placeholders(&tree) {
            if !known.contains(name) {
                let near = suggest::near(name, known.iter().map(String::as_str));
                let way_out = if near.is_empty() {
                    format!(
                        "add a field {}",
                        name.trim_start_matches("VAR_").to_lowercase()
                    )
                } else {
                    format!("did you mean {}", near.join(" or "))
                };
                let message = format!("{what} uses {name}, which no field gives; {way_out}");
                return Err(Error::invalid(name, message));
            }
            let mut blank = self
                .fields()
                .chain(&self.server)
                .filter(|field| field.blank);
            if is_key && blank.any(|field| var_of(&field.id) == name) {
                let message = format!("{name} may be empty, and {what} has it as a key");
                return Err(Error::invalid(name, message));
            }
        }
        Ok(())
    }
}

/// Checks that `tree` is one mapping called `name` that has the text `member`.
fn check_tree(what: &str, tree: &Map<String, Value>, name: &str, member: &str) -> Result<()> {
    let only = tree.get(name).filter(|_| tree.len() == 1);
    let text = only.and_then(|members| members[member].as_str());
    if text.is_some_and(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    let message = format!("{what} is one mapping `{name}: {{{member}: …}}`");
    Err(Error::invalid(format!("/{what}"), message))
}
